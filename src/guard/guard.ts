/**
 * The loop's centre: admits INVITEs, runs calls, answers questions about them, recovers after a crash, drains.
 */
import { CODEC_NAMES, type CodecName } from '../audio/codec.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { type Random, randomOctets } from '../base/random.ts';
import { maskNumber } from '../base/redact.ts';
import { uuidV7 } from '../base/uuid.ts';
import type { CallEvent } from '../call/call-event.ts';
import { type CallId, type CallKind, newCallFacts } from '../call/call-facts.ts';
import type { ConnectRules } from '../call/call-state.ts';
import { dialing, refusedAtOnce } from '../call/transition.ts';
import { type AdmissionFacts, admit, carriersFull, noCarrierServes } from '../policy/admission.ts';
import { callKindOf, type KindFacts, type KnownKind, longest } from '../policy/call-kind.ts';
import type { Refusal } from '../policy/decision.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { type NumberPlan, toE164 } from '../policy/telephone-number.ts';
import { createAmbienceStarts } from './ambience-starts.ts';
import { createCallRegistry } from './call-registry.ts';
import { type BehindNat, type CallRunner, createCallRunner, type RunnerContext } from './call-runner.ts';
import { type CarrierPool, fixedRoute, type OpenRoute } from './carrier-pool.ts';
import type { CallDossier } from './journal.ts';
import type {
  Ambience,
  CallAmbience,
  CallLegs,
  CallRef,
  CallSink,
  DialerOffer,
  GuardHealth,
  GuardView,
  IncomingInvite,
  MediaPlane,
  OutcomeWebhooks,
  ReportResult,
  Signaling,
  Store,
} from './ports.ts';
import { recoverCalls } from './recovery.ts';
import { createTokenBucket } from './token-bucket.ts';

/** What the guard is made of. */
export type GuardParts = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signaling: Signaling;
  readonly media: MediaPlane;
  readonly store: Store;
  readonly outcomeWebhooks: OutcomeWebhooks;
  readonly jurisdiction: Jurisdiction;
  readonly rules: GuardRules;
  /** Chance, for where each call enters its clip. */
  readonly random: Random;
  /** A part that nothing works without is gone for good: the process should end and be started again. */
  readonly onFatal: (detail: string) => void;
  /** Called with every outcome after its commit, for who watches live. */
  readonly onOutcome: (record: OutcomeRecord) => void;
};

/** The settings that calls are judged by. */
export type GuardRules = {
  readonly connect: ConnectRules;
  readonly carriers: CarrierPool;
  readonly callsMax: number;
  readonly defaultCampaign: string;
  readonly isCampaignKnown: (campaign: string) => boolean;
  readonly dialers: readonly DialerTerms[];
  /** A peer that sends no RTP ends the call. */
  readonly silenceEnds: boolean;
  /** Names of the carriers that stand behind a NAT. */
  readonly natCarriers: ReadonlySet<string>;
  /** Where calls from a carrier go, by the called number's prefix. */
  readonly inbound: readonly InboundTarget[];
  readonly callerRanges: KindFacts['callerRanges'];
  readonly numberPlan: NumberPlan;
  /** What calls of a campaign hear while they wait. */
  readonly ambienceOf: (campaign: string) => Ambience;
  readonly warnAgent: string;
};

/** What one dialer may do; null: no limit. */
export type DialerTerms = {
  readonly name: string;
  readonly callsPerSecondMax: number | null;
  readonly callsMax: number | null;
  /** Its RTP may come from another address than its SDP names. */
  readonly nat: boolean;
};

/** Where calls to some numbers go. */
export type InboundTarget = {
  /** Begins the called number, E.164 where it could be placed; '' is every number. */
  readonly prefix: string;
  readonly uri: string;
};

/** Counts since the start, for metrics. */
export type GuardCounts = {
  readonly invites: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly recovered: number;
  /** Datagrams of ended calls that the media plane dropped, by reason. */
  readonly mediaDrops: Readonly<Record<string, number>>;
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

const NO_CARRIERS: ReadonlySet<string> = new Set();

/** Nobody knows when the first call of a dialer that has all of its own ends. */
const DIALER_FULL_RETRY_MS = 1_000;

/** How long carriers may take to answer the CANCELs of a drain's end. */
const LAST_ANSWERS_MS = 2_000;

/** How long the outcomes of calls that were ended at the drain's limit may take to commit. */
const LAST_COMMITS_MS = 5_000;

/** Puts a guard together; nothing starts yet. */
export function createGuardCore(parts: GuardParts): Guard {
  const { clock, log, signaling, media, store, rules, jurisdiction } = parts;
  const registry = createCallRegistry();
  const dialers = new Map(
    rules.dialers.map((limits) => [
      limits.name,
      { ...limits, bucket: createTokenBucket(limits.callsPerSecondMax, clock.monotonicMs()) },
    ]),
  );
  const starts = createAmbienceStarts(parts.random, randomOctets(16));
  const refusedCounts: Record<string, number> = {};
  const outcomeCounts: Record<string, number> = {};
  const mediaDrops: Record<string, number> = {};
  const silences: Record<string, number> = {};
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
    onFinished(runner, record, report) {
      registry.remove(runner);
      for (const [reason, dropped] of Object.entries(report?.drops ?? {})) count(mediaDrops, reason, dropped);
      count(outcomeCounts, `${record.network}|${record.handling}|${record.class ?? ''}`);
      parts.onOutcome(record);
      if (registry.all().next().done === true) onEmpty?.();
    },
  };

  return {
    async start() {
      await store.start();
      const left = await store.openCalls();
      await media.start((event) => {
        if (event.type === 'failed') {
          registry.get(event.callId)?.event({ type: 'media-failed', at: clock.now(), detail: event.detail });
        } else if (event.type === 'dialer-speaks') {
          // Inferred: whatever a dialer told of its agent is known better.
          const runner = registry.get(event.callId);
          const agent = { id: UNKNOWN_AGENT, source: 'voice-activity' } as const;
          if (runner?.view().state === 'waiting') runner.event({ type: 'agent-bridged', at: clock.now(), agent });
        } else if (event.type === 'silent') {
          count(silences, event.leg);
          registry.get(event.callId)?.silent(event.leg, event.forMs);
        } else if (event.type === 'thread-died') {
          parts.onFatal(event.detail);
        }
      });
      await signaling.start(onInvite);
      started = true;
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
        onRecovered: () => void recovered++,
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
    },
    async stop() {
      draining = true;
      started = false;
      // In this order, and each whatever the one before did: the store goes last, with what is still to be written.
      const results = [await settled(signaling.stop()), await settled(media.stop()), await settled(store.stop())];
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
    authentications: () => signaling.authentications(),
    counts: () => ({
      invites,
      refused: { ...refusedCounts },
      outcomes: { ...outcomeCounts },
      recovered,
      mediaDrops: { ...mediaDrops },
      silences: { ...silences },
    }),
    agentBridged: (ref, agent) => report(ref, (at) => ({ type: 'agent-bridged', at, agent })),
    agentLeft: (ref) => report(ref, (at) => ({ type: 'agent-left', at })),
    dispositionReported: (ref, disposition) => report(ref, (at) => ({ type: 'disposition-reported', at, disposition })),
    liveCall: (ref) => registry.find(ref)?.view() ?? null,
    liveCalls: () => [...registry.all()].map((runner) => runner.view()),
    health,
  };

  function onInvite(invite: IncomingInvite, legs: CallLegs): CallSink | null {
    invites++;
    const campaign = invite.campaign ?? rules.defaultCampaign;
    const { kind, source } = kindOf(invite);
    const dossier: CallDossier = {
      callId: uuidV7(invite.at.wallMs) as CallId,
      dialer: invite.caller?.type === 'dialer' ? invite.caller.name : null,
      kindSource: source,
      campaign,
      number: invite.number,
      callerId: invite.callerId,
      dialerReference: invite.reference,
      dialerCallId: invite.dialerCallId,
      carrierCallId: null,
      carrier: null,
      policy: jurisdiction.policy,
    };
    const facts = newCallFacts(invite.at, invite.agent, invite.disposition, kind);
    const way = wayOf(invite, kind, campaign);
    if ('refusal' in way) {
      const { refusal } = way;
      count(refusedCounts, refusal.rule);
      log.info({ callId: dossier.callId, rule: refusal.rule, status: refusal.sipStatus }, 'call refused');
      legs.refuse(refusal);
      if (UNRECORDED_RULES.has(refusal.rule)) return null;
      const final = { status: refusal.sipStatus, phrase: refusal.phrase, reason: null };
      const runner = createCallRunner(dossier, refusedAtOnce(facts, final), legs, null, context);
      registry.add(runner);
      runner.finishAtOnce();
      return null;
    }
    const runner = createCallRunner(dossier, dialing(facts), legs, way.route, context, {
      codecs: codecsOf(kind, campaign),
      ambience: ambienceFor(invite.number, campaign),
      nat: natOf(invite),
    });
    registry.add(runner);
    log.info({ callId: dossier.callId, kind, campaign, number: maskNumber(invite.number) }, 'call admitted');
    runner.start();
    if (invite.offer.kind === 'sdp') runner.dialerMedia(invite.offer.media);
    return runner;
  }

  /** The rules first: a call that they refuse takes no room at a carrier. */
  function wayOf(
    invite: IncomingInvite,
    kind: CallKind,
    campaign: string,
  ): { route: OpenRoute } | { refusal: Refusal } {
    const decision = admit(admissionFacts(invite, kind, campaign));
    if (!decision.allowed) return { refusal: decision.refusal };
    // Never to a carrier: whoever can call through one carrier would call through us to anywhere.
    if (invite.caller?.type === 'carrier') {
      const uri = targetOf(invite)?.uri ?? '';
      return { route: fixedRoute({ name: invite.caller.name, uri }) };
    }
    const found = rules.carriers.route(campaign);
    switch (found.found) {
      case 'route':
        return { route: found.route };
      case 'none-serves':
        return { refusal: noCarrierServes(campaign) };
      case 'none-free':
        return { refusal: carriersFull(found.retryAfterMs) };
    }
  }

  function kindOf(invite: IncomingInvite): KnownKind {
    if (invite.caller === null) return { kind: 'guarded', source: 'default' };
    const callerId = toE164(invite.callerId, rules.numberPlan);
    const { caller, declaredKind: declared } = invite;
    return callKindOf({ caller, declared, callerId, callerRanges: rules.callerRanges });
  }

  function natOf({ caller }: IncomingInvite): BehindNat {
    // An inbound call goes to an address of the user's own, which the settings name.
    if (caller?.type === 'carrier') return { dialer: rules.natCarriers.has(caller.name), carriers: NO_CARRIERS };
    const dialer = caller === null ? undefined : dialers.get(caller.name);
    return { dialer: dialer?.nat ?? false, carriers: rules.natCarriers };
  }

  function targetOf(invite: IncomingInvite): InboundTarget | null {
    return longest(rules.inbound.filter(({ prefix }) => invite.number.startsWith(prefix)));
  }

  /** A call that is not guarded may use what no clip has: nothing of ours is played to it. */
  function codecsOf(kind: CallKind, campaign: string): readonly CodecName[] {
    return kind === 'guarded' ? rules.ambienceOf(campaign).codecs : CODEC_NAMES;
  }

  function ambienceFor(number: string, campaign: string): CallAmbience {
    const { id, clip, durationMs } = rules.ambienceOf(campaign);
    return { id, startMs: starts.next(number, clip, durationMs) };
  }

  /** Takes the dialer's token, if there is one. */
  function dialerLimitOf({ caller }: IncomingInvite): AdmissionFacts['dialerLimit'] {
    const dialer = caller?.type === 'dialer' ? dialers.get(caller.name) : undefined;
    if (dialer === undefined) return null;
    if (dialer.callsMax !== null && registry.liveCount(dialer.name) >= dialer.callsMax)
      return { reached: 'calls', retryAfterMs: DIALER_FULL_RETRY_MS };
    const now = clock.monotonicMs();
    return dialer.bucket.take(now) ? null : { reached: 'rate', retryAfterMs: dialer.bucket.waitMs(now) };
  }

  function admissionFacts(invite: IncomingInvite, kind: CallKind, campaign: string): AdmissionFacts {
    const { offer } = invite;
    const isInbound = invite.caller?.type === 'carrier';
    const presentation = jurisdiction.callerIdPresentation;
    const state = store.health();
    return {
      sourceListed: invite.caller !== null,
      draining,
      storeProblem: state.writable ? null : (state.problem ?? 'the store cannot be written'),
      mediaProblem: media.problem(),
      callsLive: registry.liveCount(),
      callsMax: rules.callsMax,
      dialerLimit: dialerLimitOf(invite),
      hasTarget: !isInbound || targetOf(invite) !== null,
      anonymityCitation: !isInbound && presentation.required && invite.isAnonymous ? presentation.citation : null,
      campaign,
      campaignKnown: isInbound || rules.isCampaignKnown(campaign),
      offerProblem: offerProblemOf(offer, codecsOf(kind, campaign)),
      warnAgent: rules.warnAgent,
    };
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
    return new Promise((resolve) => {
      const timer = clock.setTimer((clock.monotonicMs() + limitMs) as ReturnType<Clock['monotonicMs']>, () => {
        onEmpty = null;
        resolve(false);
      });
      onEmpty = () => {
        timer.cancel();
        onEmpty = null;
        resolve(true);
      };
    });
  }
}

/** What of an offer keeps its call from being placed, where `served` may be used; null when nothing does. */
function offerProblemOf(offer: DialerOffer, served: readonly CodecName[]): AdmissionFacts['offerProblem'] {
  switch (offer.kind) {
    case 'none':
      return null;
    case 'sdp': {
      const offered = offer.media.codecs.map(({ name }) => name);
      return offered.some((name) => served.includes(name)) ? null : { kind: 'no-common-codec', offered, served };
    }
    case 'no-common-codec':
      return { ...offer, served };
    default:
      return offer;
  }
}

async function settled(stopping: Promise<void>): Promise<PromiseSettledResult<void>> {
  const [result] = await Promise.allSettled([stopping]);
  return result;
}

function count(counts: Record<string, number>, key: string, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}
