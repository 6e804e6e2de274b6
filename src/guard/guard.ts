/**
 * The loop's centre: runs the calls that the gate admits, answers questions about them, recovers after a crash, drains.
 */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { within } from '../base/within.ts';
import type { CallEvent } from '../call/call-event.ts';
import type { CallStateName } from '../call/call-state.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { createAdmissionGate, type GuardRules } from './admission-gate.ts';
import { createAgentDesk, type SignalDelays } from './agent-desk.ts';
import type { AgentSource, WatchedCall } from './agent-source.ts';
import { createCallIntake } from './call-intake.ts';
import type { LedgerContext } from './call-ledger.ts';
import { createCallRegistry } from './call-registry.ts';
import type { CallRunner, RunnerContext } from './call-runner.ts';
import type { ClockWatch } from './clock-watch.ts';
import type { OnGuardEvent } from './event-port.ts';
import { createFreeAgents } from './free-agents.ts';
import { createGuardCounters, type GuardCounts } from './guard-counts.ts';
import type { CallRef, CallView, GuardHealth, GuardView, ReportResult } from './guard-view.ts';
import type { CallDossier, JournalledCall } from './journal.ts';
import { createLateDispositions } from './late-dispositions.ts';
import { mediaEvents } from './media-events.ts';
import type { MediaPlane } from './media-port.ts';
import { recoverCalls } from './recovery.ts';
import type { RulingDesk } from './ruling-desk.ts';
import type { Signaling } from './signaling-port.ts';
import type { CorrectionWebhooks, OutcomeWebhooks, Store } from './store-port.ts';

/** What the guard is made of. */
export type GuardParts = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signaling: Signaling;
  readonly media: MediaPlane;
  readonly clockWatch: Pick<ClockWatch, 'state'>;
  readonly store: Store;
  /** The rules of law. */
  readonly rulings: RulingDesk | null;
  readonly outcomeWebhooks: OutcomeWebhooks;
  readonly correctionWebhooks: CorrectionWebhooks;
  /** The rules of law of a campaign's new calls; those that were placed keep theirs. */
  readonly jurisdictionOf: (campaign: string) => Jurisdiction;
  readonly ownerOf: LedgerContext['ownerOf'];
  readonly digestsOf: LedgerContext['digestsOf'];
  readonly rules: GuardRules;
  /** The PBXs that are watched. */
  readonly agentSources: readonly AgentSource[];
  /** Campaigns of a source's queues, by source and queue; null for a queue that has none. */
  readonly campaignOfQueue: (source: string, queue: string) => string | null;
  /** Chance, for where each call enters its clip. */
  readonly random: Random;
  /** A part that nothing works without is gone for good: the process should end and be started again. */
  readonly onFatal: (detail: string) => void;
  /** Told as it happens; outcomes and corrections after their commit. */
  readonly onEvent: OnGuardEvent;
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

/** How long carriers may take to answer the CANCELs of a drain's end. */
const LAST_ANSWERS_MS = 2_000;

/** How long the outcomes of calls that were ended at the drain's limit may take to commit. */
const LAST_COMMITS_MS = 5_000;

/** Puts a guard together; nothing starts yet. */
export function createGuardCore(parts: GuardParts): Guard {
  const { clock, log, signaling, media, store, rules, jurisdictionOf } = parts;
  const ledger: LedgerContext = { ownerOf: parts.ownerOf, digestsOf: parts.digestsOf };
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
    ...{ clock, log, store, ledger },
    webhooks: parts.correctionWebhooks,
    recorded: async (call, dialers) => {
      await watchedCall(call, dialers)?.recorded;
      if (left.some(({ dossier }) => isMeant(dossier, call))) await recovery;
    },
    onCorrected(outcome) {
      counts.corrected(outcome);
      parts.onEvent({ type: 'call.outcome_corrected', at: clock.now().wallMs, data: outcome });
    },
  });
  const gate = createAdmissionGate({
    ...{ clock, media, store, jurisdictionOf, rules, random: parts.random, registry },
    isInformed: desk.isInformed,
  });
  const counts = createGuardCounters();
  /** Calls of an earlier process, until they are recorded. */
  let left: readonly JournalledCall[] = [];
  let draining = false;
  let started = false;
  let recovery: Promise<void> = Promise.resolve();
  let onEmpty: (() => void) | null = null;

  const context: RunnerContext = {
    clock,
    log,
    media,
    store,
    connectOf: rules.connectOf,
    silenceEnds: rules.silenceEnds,
    ledger,
    clockWatch: parts.clockWatch,
    outcomeWebhooks: parts.outcomeWebhooks,
    onRefused: counts.refused,
    onTeardown: counts.tornDown,
    onEvent: parts.onEvent,
    onMoved: registry.moved,
    onEnded: registry.ended,
    onFinished(runner, record, report) {
      registry.remove(runner);
      desk.forget(runner.callId);
      counts.finished(record, report);
      parts.onEvent({ type: 'call.outcome', at: clock.now().wallMs, data: record });
      if (registry.all().next().done === true) onEmpty?.();
    },
  };

  const intake = createCallIntake({
    ...{ log, gate, registry, context, jurisdictionOf, rulings: parts.rulings },
    numberPlan: rules.numberPlan,
  });

  return {
    async start() {
      await store.start();
      left = await store.openCalls();
      await parts.rulings?.start(left);
      await media.start(mediaEvents({ clock, registry, desk, counts, onFatal: parts.onFatal, onEvent: parts.onEvent }));
      await signaling.start((invite, legs) => {
        counts.invited();
        return intake(invite, legs, draining);
      });
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
        connectOf: rules.connectOf,
        ledger,
        outcomeWebhooks: parts.outcomeWebhooks,
        onRecovered: (callId) => {
          counts.recovered();
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
    counts: () => ({ ...counts.all(), lateDispositions: late.counts(), breaches: parts.rulings?.counts() ?? {} }),
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
    callStates() {
      const states: Partial<Record<CallStateName, number>> = {};
      for (const runner of registry.all()) states[runner.state()] = (states[runner.state()] ?? 0) + 1;
      return states;
    },
    waitingCalls(max) {
      const waiting: CallView[] = [];
      for (const runner of registry.all()) {
        if (waiting.length >= max) break;
        if (runner.state() === 'waiting') waiting.push(runner.view());
      }
      return waiting;
    },
    health,
  };

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
