/**
 * The loop's centre: runs the calls that the gate admits, answers questions about them, recovers after a crash, drains.
 */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { maskNumber } from '../base/redact.ts';
import { uuidV7 } from '../base/uuid.ts';
import { within } from '../base/within.ts';
import type { CallEvent } from '../call/call-event.ts';
import { type CallId, newCallFacts, type TeardownMode } from '../call/call-facts.ts';
import { dialing, refusedAtOnce } from '../call/transition.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import type { CorrectedOutcome } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { createAdmissionGate, type GuardRules } from './admission-gate.ts';
import { createAgentDesk, type SignalDelays } from './agent-desk.ts';
import type { AgentSource, WatchedCall } from './agent-source.ts';
import { createCallRegistry } from './call-registry.ts';
import { type CallRunner, createCallRunner, finalOf, type RunnerContext } from './call-runner.ts';
import { createFreeAgents } from './free-agents.ts';
import type { CallRef, GuardHealth, GuardView, ReportResult } from './guard-view.ts';
import type { CallDossier, JournalledCall } from './journal.ts';
import { createLateDispositions } from './late-dispositions.ts';
import type { MediaPlane } from './media-port.ts';
import { recoverCalls } from './recovery.ts';
import type { CallRuling, RulingDesk } from './ruling-desk.ts';
import type { CallLegs, CallSink, IncomingInvite, Signaling } from './signaling-port.ts';
import type { CorrectionWebhooks, OutcomeWebhooks, Store } from './store-port.ts';

/** What the guard is made of. */
export type GuardParts = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signaling: Signaling;
  readonly media: MediaPlane;
  readonly store: Store;
  /** The rules of law. */
  readonly rulings: RulingDesk | null;
  readonly outcomeWebhooks: OutcomeWebhooks;
  readonly correctionWebhooks: CorrectionWebhooks;
  readonly jurisdiction: Jurisdiction;
  readonly rules: GuardRules;
  /** The PBXs that are watched. */
  readonly agentSources: readonly AgentSource[];
  /** Campaigns of a source's queues, by source and queue; null for a queue that has none. */
  readonly campaignOfQueue: (source: string, queue: string) => string | null;
  /** Chance, for where each call enters its clip. */
  readonly random: Random;
  /** A part that nothing works without is gone for good: the process should end and be started again. */
  readonly onFatal: (detail: string) => void;
  /** Called with every outcome after its commit, for who watches live. */
  readonly onOutcome: (record: OutcomeRecord) => void;
  /** The same with every correction. */
  readonly onCorrected: (outcome: CorrectedOutcome) => void;
};

/** Counts since the start, for metrics. */
export type GuardCounts = {
  readonly invites: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly recovered: number;
  /** Dispositions of calls that were over, by what became of them. */
  readonly lateDispositions: Readonly<Record<string, number>>;
  /** Corrections of outcomes, by the class before and after. */
  readonly corrections: Readonly<Record<string, number>>;
  /** Datagrams of ended calls that the media plane dropped, by reason. */
  readonly mediaDrops: Readonly<Record<string, number>>;
  /** Waits that ended without an agent, by what the dialer's `teardown` says. */
  readonly teardowns: Readonly<Record<TeardownMode, number>>;
  /** Peers that should have been heard and were silent for too long, by leg. */
  readonly silences: Readonly<Record<string, number>>;
};

/** The running guard. */
export type Guard = GuardView & {
  /** Opens the store, recovers what a crash left, takes calls. Rejects when a part cannot be started. */
  start(): Promise<void>;
  /**
   * Takes no more calls, lets live ones go on for at most `drainMs`, then ends them; resolves when every outcome is
   * committed.
   */
  drain(drainMs: number): Promise<void>;
  /** Digest authentications of dialers, by result. */
  authentications(): Readonly<Record<string, number>>;
  /** Stops every part. */
  stop(): Promise<void>;
  counts(): GuardCounts;
  /** How long bridges in PBXs took to be heard, by source. */
  signalDelays(): readonly SignalDelays[];
};

/** A refusal's reason for counting only: no row is written for what may come a thousand times a second. */
const UNRECORDED_RULES: ReadonlySet<string> = new Set([
  'source',
  'draining',
  'store',
  'media',
  'capacity',
  'dialer-rate',
  'dialer-calls',
  'carriers',
]);

/** Nobody told who speaks. */
const UNKNOWN_AGENT = 'unknown';

/** How long carriers may take to answer the CANCELs of a drain's end. */
const LAST_ANSWERS_MS = 2_000;

/** How long the outcomes of calls that were ended at the drain's limit may take to commit. */
const LAST_COMMITS_MS = 5_000;

/** Puts a guard together; nothing starts yet. */
export function createGuardCore(parts: GuardParts): Guard {
  const { clock, log, signaling, media, store, rules, jurisdiction } = parts;
  const registry = createCallRegistry();
  const sourceByName = new Map(parts.agentSources.map((source) => [source.name, source]));
  const freeAgents = createFreeAgents(
    clock,
    rules.freeAgentsMaxAgeMs,
    (name) => sourceByName.get(name)?.status().up ?? null,
  );
  const desk = createAgentDesk({
    clock,
    sources: parts.agentSources,
    campaignOf: parts.campaignOfQueue,
    freeAgents,
    find: watchedCall,
    late: (...told) => void late.report(...told),
  });
  const late = createLateDispositions({
    ...{ clock, log, store, jurisdiction },
    webhooks: parts.correctionWebhooks,
    recorded: async (call, dialers) => {
      await watchedCall(call, dialers)?.recorded;
      if (left.some(({ dossier }) => isMeant(dossier, call))) await recovery;
    },
    onCorrected(outcome) {
      const last = outcome.corrections.at(-1);
      count(corrections, `${last?.from.class ?? ''}|${last?.to.class ?? ''}`);
      parts.onCorrected(outcome);
    },
  });
  const gate = createAdmissionGate({
    ...{ clock, media, store, jurisdiction, rules, random: parts.random, registry },
    isInformed: desk.isInformed,
  });
  const refusedCounts: Record<string, number> = {};
  const outcomeCounts: Record<string, number> = {};
  const mediaDrops: Record<string, number> = {};
  const teardowns: Record<TeardownMode, number> = { enforce: 0, observe: 0 };
  const silences: Record<string, number> = {};
  const corrections: Record<string, number> = {};
  /** Calls of an earlier process, until they are recorded. */
  let left: readonly JournalledCall[] = [];
  let invites = 0;
  let recovered = 0;
  let draining = false;
  let started = false;
  let recovery: Promise<void> = Promise.resolve();
  let onEmpty: (() => void) | null = null;

  const context: RunnerContext = {
    clock,
    log,
    media,
    store,
    rules: rules.connect,
    silenceEnds: rules.silenceEnds,
    jurisdiction,
    outcomeWebhooks: parts.outcomeWebhooks,
    onTeardown: (mode) => void teardowns[mode]++,
    onMoved: registry.moved,
    onEnded: registry.ended,
    onFinished(runner, record, report) {
      registry.remove(runner);
      desk.forget(runner.callId);
      for (const [reason, dropped] of Object.entries(report?.drops ?? {})) count(mediaDrops, reason, dropped);
      count(outcomeCounts, `${record.network}|${record.handling}|${record.class ?? ''}`);
      parts.onOutcome(record);
      if (registry.all().next().done === true) onEmpty?.();
    },
  };

  return {
    async start() {
      await store.start();
      left = await store.openCalls();
      await parts.rulings?.start(left);
      await media.start((event) => {
        if (event.type === 'failed') {
          registry.get(event.callId)?.event({ type: 'media-failed', at: clock.now(), detail: event.detail });
        } else if (event.type === 'dialer-speaks') {
          // Inferred: whatever a dialer told of its agent is known better.
          const runner = registry.get(event.callId);
          const agent = { id: UNKNOWN_AGENT, source: 'voice-activity' } as const;
          if (runner?.view().state === 'waiting') runner.event({ type: 'agent-bridged', at: clock.now(), agent });
        } else if (event.type === 'dialer-heard') {
          desk.spliced(event.callId);
        } else if (event.type === 'silent') {
          count(silences, event.leg);
          registry.get(event.callId)?.silent(event.leg, event.forMs);
        } else if (event.type === 'thread-died') {
          parts.onFatal(event.detail);
        }
      });
      await signaling.start(onInvite);
      desk.start();
      started = true;
      for (const { name } of rules.dialers.filter(({ teardown }) => teardown === 'observe'))
        log.warn({ dialer: name }, 'teardown: observe: calls of this dialer without an agent are not torn down');
      if (left.length === 0) return;
      log.warn({ calls: left.length }, 'calls of an earlier process found: ending them');
      // New calls need not wait for peers that may be gone.
      recovery = recoverCalls(left, {
        clock,
        log,
        signaling,
        store,
        rules: rules.connect,
        jurisdiction,
        outcomeWebhooks: parts.outcomeWebhooks,
        onRecovered: (callId) => {
          recovered++;
          parts.rulings?.released(callId);
        },
      }).then(() => {
        left = [];
      });
    },
    async drain(drainMs) {
      draining = true;
      const recoveryDone = recovery;
      if (!(await emptied(drainMs))) {
        log.warn({ calls: registry.liveCount() }, 'drain limit reached: ending live calls');
        for (const runner of registry.all()) runner.event({ type: 'guard-stopping', at: clock.now() });
        if (!(await emptied(LAST_ANSWERS_MS))) {
          // A carrier that answers no CANCEL: what is known of these calls is all there will be.
          for (const runner of registry.all()) runner.event({ type: 'deadline', at: clock.now() });
          await emptied(LAST_COMMITS_MS);
        }
      }
      await recoveryDone;
      await within(late.idle(), LAST_COMMITS_MS, clock);
    },
    async stop() {
      draining = true;
      started = false;
      // In this order, and each whatever the one before did: the store goes last, with what is still to be written.
      const results = [
        await settled(desk.stop()),
        await settled(signaling.stop()),
        await settled(media.stop()),
        await settled(Promise.resolve(parts.rulings?.stop())),
        await settled(store.stop()),
      ];
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
    authentications: () => signaling.authentications(),
    counts: () => ({
      invites,
      refused: { ...refusedCounts },
      outcomes: { ...outcomeCounts },
      recovered,
      lateDispositions: late.counts(),
      corrections: { ...corrections },
      mediaDrops: { ...mediaDrops },
      teardowns: { ...teardowns },
      silences: { ...silences },
    }),
    agentBridged: (ref, agent) => report(ref, (at) => ({ type: 'agent-bridged', at, agent })),
    agentLeft: (ref) => report(ref, (at) => ({ type: 'agent-left', at })),
    dispositionReported(ref, disposition) {
      const taken = report(ref, (at) => ({ type: 'disposition-reported', at, disposition }));
      if (taken.result === 'taken') return taken;
      return { result: 'late', settled: late.report({ by: 'call-id', value: ref }, [], disposition, clock.now()) };
    },
    freeAgents,
    agentSources: desk.status,
    signalDelays: desk.delays,
    liveCall: (ref) => registry.find(ref)?.view() ?? null,
    liveCalls: () => [...registry.all()].map((runner) => runner.view()),
    health,
  };

  function onInvite(invite: IncomingInvite, legs: CallLegs): CallSink | null {
    invites++;
    const { campaign, kind, kindSource, teardown, way } = gate.judge(invite, draining);
    const dossier: CallDossier = {
      callId: uuidV7(invite.at.wallMs) as CallId,
      dialer: invite.caller?.type === 'dialer' ? invite.caller.name : null,
      kindSource,
      campaign,
      number: invite.number,
      callerId: invite.callerId,
      dialerReference: invite.reference,
      dialerCallId: invite.dialerCallId,
      carrierCallId: null,
      carrier: null,
      policy: jurisdiction.policy,
    };
    const facts = newCallFacts(invite.at, invite.agent, invite.disposition, kind, teardown);
    if ('refusal' in way) {
      const { refusal } = way;
      count(refusedCounts, refusal.rule);
      log.info({ callId: dossier.callId, rule: refusal.rule, status: refusal.sipStatus }, 'call refused');
      legs.refuse(refusal);
      if (UNRECORDED_RULES.has(refusal.rule)) return null;
      const runner = createCallRunner(dossier, refusedAtOnce(facts, finalOf(refusal)), legs, null, context);
      registry.add(runner);
      runner.finishAtOnce();
      return null;
    }
    const ruling = kind === 'guarded' ? rulingOf(dossier, invite) : null;
    const plan = { ...way, ruling };
    const runner = createCallRunner(dossier, dialing(facts, ruling?.ringLimitMs), legs, plan, context);
    registry.add(runner);
    log.info({ callId: dossier.callId, kind, campaign, number: maskNumber(invite.number) }, 'call taken');
    runner.start();
    if (invite.offer.kind === 'sdp') runner.dialerMedia(invite.offer.media);
    return runner;
  }

  function rulingOf({ callId, campaign, number }: CallDossier, invite: IncomingInvite): CallRuling | null {
    const { at, callerId, agentPromise: agent, exception } = invite;
    return parts.rulings?.of({ callId, campaign, number, at: at.wallMs, callerId, agent, exception }) ?? null;
  }

  /** A source may speak of its own dialers' calls alone. */
  function watchedCall(call: WatchedCall, of: readonly string[]): CallRunner | null {
    const found = call.by === 'call-id' ? registry.find(call.value) : registry.findByReference(call.value);
    return found === null || of.length === 0 || of.includes(found.dialer ?? '') ? found : null;
  }

  function report(ref: CallRef, eventAt: (at: ReturnType<Clock['now']>) => CallEvent): ReportResult {
    const runner: CallRunner | null = registry.find(ref);
    if (runner === null) return { result: 'unknown-call' };
    if (runner.ended()) return { result: 'already-ended', call: runner.view() };
    runner.event(eventAt(clock.now()));
    return { result: 'taken', call: runner.view() };
  }

  function health(): GuardHealth {
    const state = store.health();
    const problem = !started
      ? 'starting'
      : draining
        ? 'stopping: no new calls are taken'
        : state.writable
          ? (media.problem() ?? signaling.problem())
          : (state.problem ?? 'the store cannot be written');
    const carriers = rules.carriers.status();
    return { acceptingCalls: problem === null, problem, callsLive: registry.liveCount(), carriers };
  }

  /** Whether the last call went within `limitMs`. */
  function emptied(limitMs: number): Promise<boolean> {
    if (registry.all().next().done === true) return Promise.resolve(true);
    const { promise, resolve } = Promise.withResolvers<void>();
    onEmpty = resolve;
    return within(promise, limitMs, clock);
  }
}

/** A call as its dossier names it, our id included. */
function isMeant({ callId, dialerCallId, dialerReference }: CallDossier, { by, value }: WatchedCall): boolean {
  return by === 'reference' ? dialerReference === value : callId === value || dialerCallId === value;
}

async function settled(stopping: Promise<void>): Promise<PromiseSettledResult<void>> {
  const [result] = await Promise.allSettled([stopping]);
  return result;
}

function count(counts: Record<string, number>, key: string, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}
