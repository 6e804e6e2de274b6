/**
 * The only loop around the call machine: take the next event, `transition`, perform media and hang-up effects in the
 * same turn, hand records to the store, keep one timer at the state's deadline. An effect that fails comes back as an
 * event; an assertion that fails ends this call and no other.
 */
import type { CodecName } from '../audio/codec.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { CallEffect } from '../call/call-effect.ts';
import type { CallEvent } from '../call/call-event.ts';
import { isRelayed, type SipFinal, type TeardownMode } from '../call/call-facts.ts';
import type { CallState, CallStateName, ConnectRules, EndedCall } from '../call/call-state.ts';
import { type CallNetworks, OUTBOUND } from '../call/media-network.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import { transition } from '../call/transition.ts';
import type { Refusal } from '../policy/decision.ts';
import { jurisdictionOfStamp } from '../policy/jurisdictions/chosen-jurisdiction.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { outcomeOf } from '../policy/outcome.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { createCallLaw } from './call-law.ts';
import { createCallLedger, type LedgerContext } from './call-ledger.ts';
import { viewOf } from './call-view.ts';
import type { OpenRoute } from './carrier-pool.ts';
import type { ClockWatch } from './clock-watch.ts';
import { momentsOf, type OnGuardEvent, refusedCall } from './event-port.ts';
import type { CallView } from './guard-view.ts';
import type { CallDossier, DialogRecord, LegName } from './journal.ts';
import type { CallAmbience, MediaPlane, MediaReport } from './media-port.ts';
import { natHints } from './nat-hint.ts';
import { outcomeRecord, summaryOf } from './recorder.ts';
import type { CallRuling } from './ruling-desk.ts';
import type { CallLegs, CallSink } from './signaling-port.ts';
import type { OutcomeWebhooks, Store } from './store-port.ts';

/** The rules by which a call of this campaign is connected, under this law. */
export type ConnectRulesOf = (jurisdiction: Jurisdiction, campaign: string) => ConnectRules;

/** What every call needs; one object for all of them. */
export type RunnerContext = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly media: MediaPlane;
  readonly store: Pick<Store, 'journal' | 'recordOutcome' | 'ledger'>;
  /** How a call of a campaign is connected under a law. */
  readonly connectOf: ConnectRulesOf;
  /** A peer that sends no RTP ends the call. */
  readonly silenceEnds: boolean;
  readonly ledger: LedgerContext;
  readonly clockWatch: Pick<ClockWatch, 'state'>;
  readonly outcomeWebhooks: OutcomeWebhooks;
  /** An INVITE was refused, before it was a call or by the rules of law. */
  readonly onRefused: (refusal: Refusal) => void;
  readonly onEvent: OnGuardEvent;
  /** A call's wait ended without an agent. */
  readonly onTeardown: (mode: TeardownMode) => void;
  /** The dialer goes on in a dialog of another Call-ID. */
  readonly onMoved: (runner: CallRunner, dialerCallId: string) => void;
  /** The line is down, in the turn of the event that took it down. */
  readonly onEnded: (runner: CallRunner) => void;
  /** The outcome is committed: the call may be forgotten. */
  readonly onFinished: (runner: CallRunner, record: OutcomeRecord, report: MediaReport | null) => void;
};

/** What is decided of a call's audio before it is placed. */
export type CallAudio = {
  /** Those that either leg may agree to. */
  readonly codecs: readonly CodecName[];
  readonly ambience: CallAmbience;
  readonly networks: CallNetworks;
  readonly nat: BehindNat;
};

/** How a call that goes somewhere is placed. */
export type CallPlan = {
  /** The carriers it may take, closed at its end. */
  readonly route: OpenRoute;
  readonly audio: CallAudio;
  /** The rules of law, asked first; null for a call that none concerns. */
  readonly ruling: CallRuling | null;
};

/** Which of a call's peers may send RTP from another address than they name. */
export type BehindNat = { readonly dialer: boolean; readonly carriers: ReadonlySet<string> };

/** The dialer is heard by the callee. */
const COUPLED: ReadonlySet<CallStateName> = new Set(['bridged', 'released', 'overdue']);

const NO_AUDIO: CallAudio = {
  codecs: [],
  ambience: { id: '', startMs: 0 },
  networks: OUTBOUND,
  nat: { dialer: false, carriers: new Set() },
};

/** One live call. */
export type CallRunner = CallSink & {
  readonly dialerCallId: string;
  /** What the dialer calls this call, or null. */
  readonly reference: string | null;
  /** The dialer's name; null for an inbound call. */
  readonly dialer: string | null;
  /** A predictive call, as opposed to one that is relayed whole. */
  readonly isGuarded: boolean;
  /** Opens media and places the INVITE towards the carrier. */
  start(): void;
  /** Records a call that is over before it began. */
  finishAtOnce(): void;
  /** A peer that should be heard has sent no RTP for `forMs`. */
  silent(leg: 'dialer' | 'carrier', forMs: number): void;
  ended(): boolean;
  /** Resolves when its outcome is committed, or can never be. */
  readonly recorded: Promise<void>;
  state(): CallStateName;
  view(): CallView;
};

/**
 * The runner of one call in its first state.
 *
 * @param plan null for a call that goes nowhere
 */
export function createCallRunner(
  firstDossier: CallDossier,
  firstState: CallState,
  legs: CallLegs,
  plan: CallPlan | null,
  context: RunnerContext,
): CallRunner {
  const { route, ruling } = plan ?? { route: null, ruling: null };
  const audio = plan?.audio ?? NO_AUDIO;
  const { clock, media, store } = context;
  // A call keeps the rules that it was placed under.
  const jurisdiction = jurisdictionOfStamp(firstDossier.policy);
  const rules = context.connectOf(jurisdiction, firstDossier.campaign);
  const { callId } = firstDossier;
  const { nat } = audio;
  const log = context.log.child({ callId });
  const ledger = createCallLedger(firstDossier, context.ledger);
  const law = createCallLaw({
    ...{ ruling, ledger, store, log },
    onWithdrawn: (refusal) => take({ type: 'admission-withdrawn', at: clock.now(), final: finalOf(refusal) }),
  });

  let dossier = firstDossier;
  let state = firstState;
  let timer: Timer | null = null;
  let mediaOpened = false;
  let dialerRemote: RemoteMedia | null = null;
  let placed = false;
  let finished = false;
  const recorded = Promise.withResolvers<void>();
  const queue: CallEvent[] = [];
  let running = false;

  const runner: CallRunner = {
    callId,
    dialerCallId: dossier.dialerCallId,
    reference: dossier.dialerReference,
    dialer: dossier.dialer ?? null,
    isGuarded: !isRelayed(firstState.facts),
    event: take,
    coupled: () => COUPLED.has(state.name),
    attempted(attempts, carrying) {
      dossier = { ...dossier, attempts, carrier: carrying.carrier, carrierCallId: carrying.callId };
    },
    dialogConfirmed(leg: LegName, dialog: DialogRecord) {
      if (finished) return;
      store.journal({ kind: 'dialog', callId, leg, dialog });
      if (leg === 'dialer' && dialog.callId !== dossier.dialerCallId) context.onMoved(runner, dialog.callId);
    },
    dialerMedia(dialer) {
      dialerRemote = nat.dialer ? { ...dialer, nat: true } : dialer;
      if (mediaOpened && !finished) media.setDialer(callId, dialerRemote);
    },
    calleeMedia(callee) {
      if (mediaOpened && !finished) media.setCallee(callId, located(callee));
    },
    start: () => void open(),
    finishAtOnce: () => void finish(),
    silent(leg, forMs) {
      log.warn(
        { leg, forMs: Math.round(forMs), carrier: dossier.carrier, dialer: dossier.dialer },
        'no RTP from a peer',
      );
      if (!context.silenceEnds) return;
      const reason = `Q.850;cause=102;text="no RTP for ${Math.round(forMs / 1000)} s"`;
      take({ type: 'leg-lost', leg, at: clock.now(), reason });
    },
    ended: () => state.name === 'ended',
    recorded: recorded.promise,
    state: () => state.name,
    view: () => viewOf(dossier, state, jurisdiction),
  };
  return runner;

  /** Events that effects cause wait for the one that caused them. */
  function take(event: CallEvent): void {
    queue.push(event);
    if (running) return;
    running = true;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) step(next);
    } finally {
      running = false;
    }
  }

  function step(event: CallEvent): void {
    const earlier = state;
    const { name: before, facts: known } = earlier;
    contain(event, () => {
      const next = transition(state, event, rules);
      state = next.state;
      // One effect that fails keeps none of the others away: a BYE that cannot be written must not cost the outcome.
      for (const effect of next.effects) contain(event, () => perform(effect, event));
    });
    if (state.name !== before) {
      const detail = 'detail' in event ? { detail: event.detail } : {};
      log.info({ from: before, to: state.name, event: event.type, ...detail }, 'call state');
      if (state.name === 'ended') context.onEnded(runner);
    }
    contain(event, () => law.step(earlier, state, event));
    for (const type of momentsOf(known, state.facts))
      context.onEvent({ type, at: event.at.wallMs, data: runner.view() });
    if (state.facts.teardownDueAt && !known.teardownDueAt) noteTeardown(state.facts.teardown ?? 'enforce');
    keepDeadline();
  }

  function noteTeardown(mode: TeardownMode): void {
    context.onTeardown(mode);
    if (mode === 'observe')
      log.info({ mode }, 'no agent within the wait: the teardown is only observed, the call goes on');
  }

  /** Our own failure ends this call and no other. */
  function contain(event: CallEvent, action: () => void): void {
    try {
      action();
    } catch (thrown) {
      log.error({ event: event.type, state: state.name, problem: describeError(thrown) }, 'call failed: ending it');
      if (event.type === 'internal-error') void finish();
      else queue.push({ type: 'internal-error', at: clock.now(), detail: describeError(thrown) });
    }
  }

  function perform(effect: CallEffect, event: CallEvent): void {
    switch (effect.type) {
      case 'relay-early-media':
        media.relayEarlyMedia(callId, located(effect.callee));
        return;
      case 'play-ambience':
        media.playAmbience(callId, locatedOrNull(effect.callee), event.at.monotonicMs);
        return;
      case 'announce':
        media.announce(callId);
        return;
      case 'connect-media':
        media.connect(callId, locatedOrNull(effect.callee));
        legs.couple();
        return;
      case 'relay-media':
        media.relay(callId, located(effect.callee));
        return;
      case 'journal':
        store.journal({ kind: 'call', dossier, state });
        return;
      case 'hang-up':
        legs.hangUp(effect.hangUp, outcomeOf(asEnded(state, event), jurisdiction));
        // The carrier was never asked, so it will never answer.
        if (state.name === 'cancelling' && !placed) queue.push(neverPlaced());
        return;
      case 'finish':
        void finish();
        return;
    }
  }

  /** Which carrier speaks is known only now. */
  function located(callee: RemoteMedia): RemoteMedia {
    return dossier.carrier !== null && nat.carriers.has(dossier.carrier) ? { ...callee, nat: true } : callee;
  }

  function locatedOrNull(callee: RemoteMedia | null): RemoteMedia | null {
    return callee === null ? null : located(callee);
  }

  function neverPlaced(): CallEvent {
    return {
      type: 'carrier-refused',
      at: clock.now(),
      final: { status: 487, phrase: 'Request Terminated', reason: null },
    };
  }

  function keepDeadline(): void {
    timer?.cancel();
    timer = null;
    if (state.deadlineAt === null) return;
    timer = clock.setTimer(state.deadlineAt, () => take({ type: 'deadline', at: clock.now() }));
  }

  async function open(): Promise<void> {
    try {
      const refusal = await law.admit();
      // The dialer may have given up meanwhile.
      if (state.name !== 'dialing') return;
      if (refusal !== null) {
        legs.refuse(refusal);
        context.onRefused(refusal);
        context.onEvent({ type: 'call.refused', at: clock.now().wallMs, data: refusedCall(dossier, refusal) });
        take({ type: 'admission-refused', at: clock.now(), final: finalOf(refusal) });
        return;
      }
      const addresses = await media.open(callId, audio.ambience, audio.networks);
      mediaOpened = true;
      if (state.name !== 'dialing') {
        if (finished) void media.close(callId);
        return;
      }
      if (dialerRemote !== null) media.setDialer(callId, dialerRemote);
      if (route === null) return;
      placed = true;
      legs.dial(route, addresses, audio.codecs);
      // From here on somebody's telephone may ring: a crash must not lose that it did.
      if (state.name === 'dialing') store.journal({ kind: 'call', dossier, state });
    } catch (thrown) {
      log.warn({ problem: describeError(thrown) }, 'call cannot be placed');
      take({ type: 'media-failed', at: clock.now(), detail: describeError(thrown) });
    }
  }

  function giveNatHints(report: MediaReport): void {
    const { carrier, dialer } = dossier;
    const hints = natHints(report, {
      answered: state.facts.answeredAt !== null,
      bridged: state.facts.bridgedAt !== null,
      calleeBehindNat: carrier !== null && nat.carriers.has(carrier),
      dialerBehindNat: nat.dialer,
      // The dialer of `dialers.sources` has this name, which no other may have.
      caller: dialer === null ? 'carrier' : dialer === 'default' ? 'unnamed-dialer' : 'named-dialer',
    });
    for (const hint of hints) log.warn({ dropped: report.drops.foreign, carrier, dialer }, hint);
  }

  async function finish(): Promise<void> {
    if (finished) return;
    finished = true;
    timer?.cancel();
    timer = null;
    route?.close();
    const report = mediaOpened ? await media.close(callId) : null;
    const ended = asEnded(state, { type: 'internal-error', at: clock.now(), detail: 'not ended' });
    const evidence = { report, exchange: legs.exchange(), clock: context.clockWatch.state() };
    const entry = ledger.outcome(outcomeRecord(dossier, ended, evidence, jurisdiction), ended);
    let { record } = entry;
    if (report !== null) giveNatHints(report);
    const mayBeRecorded = law.concludes(entry.count);
    if (mayBeRecorded !== null) await mayBeRecorded;
    try {
      const webhooks = context.outcomeWebhooks(record, callId, clock.now().wallMs);
      record = { ...record, ledger: await store.recordOutcome({ ...entry, webhooks }) };
      log.info(summaryOf(record), 'call outcome');
      law.recorded();
    } catch (thrown) {
      log.error({ ...summaryOf(record), problem: describeError(thrown) }, 'call outcome could not be stored');
    }
    context.onFinished(runner, record, report);
    recorded.resolve();
  }
}

/** What a refusal's final response says. */
export function finalOf({ sipStatus, phrase, reason }: Refusal): SipFinal {
  return { status: sipStatus, phrase, reason };
}

/** The call as it would be judged if it ended with this event: what the legs are told at a hang-up. */
function asEnded(state: CallState, event: CallEvent): EndedCall {
  if (state.name === 'ended') return state;
  return {
    name: 'ended',
    facts: { ...state.facts, endedAt: event.at },
    cause: state.name === 'cancelling' ? state.cause : 'internal-error',
    reason: null,
    deadlineAt: null,
  };
}
