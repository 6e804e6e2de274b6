/** What a running Brusio would have written of simulated calls: each goes through the call machine and the guard's own ledger. */
import { assert } from '../../../base/assert.ts';
import type { Instant, MonotonicMs, WallMs } from '../../../base/clock.ts';
import type { CallEvent } from '../../../call/call-event.ts';
import { type Agent, type CallId, type Disposition, newCallFacts, type SipFinal } from '../../../call/call-facts.ts';
import type { CallState, ConnectRules, EndedCall } from '../../../call/call-state.ts';
import type { RemoteMedia } from '../../../call/remote-media.ts';
import { dialing, refusedAtOnce, transition } from '../../../call/transition.ts';
import { type CallLedger, correctionMoves, createCallLedger, type LedgerContext } from '../../../guard/call-ledger.ts';
import type { CallDossier } from '../../../guard/journal.ts';
import { outcomeRecord } from '../../../guard/recorder.ts';
import type { Store } from '../../../guard/store-port.ts';
import { type CorrectedOutcome, decideCorrection, withCorrections } from '../../../policy/outcome-correction.ts';
import { refusalOf } from '../../../policy/rules/refusal-of.ts';
import type { CallObserver, Happening } from '../../../simulation/call-observer.ts';
import { TOLD_AFTER_MS } from '../../../simulation/greetings.ts';
import { type GroupPlan, numberAt, type PlannedCampaign } from '../../../simulation/plan.ts';

/** One thing to be written, at its moment. */
export type RowJob = { readonly at: WallMs; readonly write: (store: RowStore) => Promise<unknown> };
/** What rows are written to. */
export type RowStore = Pick<Store, 'ledger' | 'recordOutcome' | 'recordCorrection'>;

/** The rows of one group's calls. */
export type CallRows = CallObserver & {
  /** What has come together since the last time, in the order of time. */
  take(): readonly RowJob[];
};

type LiveCall = {
  readonly dossier: CallDossier;
  readonly plan: PlannedCampaign;
  readonly ledger: CallLedger;
  readonly context: LedgerContext;
  state: CallState;
};

const AGENT: Agent = { id: 'simulated', source: 'invite-header' };
const MACHINE: Disposition = { answeredBy: 'machine', method: 'simulated', source: 'bye-header' };
const CALLEE_MEDIA: RemoteMedia = {
  ...{ rtp: { address: '127.0.0.1', port: 20_000 }, codecs: [{ name: 'PCMA', payloadType: 8 }] },
  ...{ telephoneEventPayloadType: null, direction: 'sendrecv' },
};
const OK: SipFinal = { status: 200, phrase: 'OK', reason: null };
const FINALS: Partial<Record<Happening, SipFinal>> = {
  busy: { status: 486, phrase: 'Busy Here', reason: 'Q.850;cause=17' },
  failed: { status: 404, phrase: 'Not Found', reason: 'Q.850;cause=1' },
  'given-up': { status: 487, phrase: 'Request Terminated', reason: null },
};

/** From the INVITE to the callee's telephone. */
const RINGING_AFTER_MS = 800;

/**
 * Nothing has happened yet.
 *
 * @param group its place among the groups of a run: calls have their ids by it
 */
export function createCallRows(
  { campaigns, country }: GroupPlan,
  group: number,
  digestsOf: LedgerContext['digestsOf'],
): CallRows {
  const plans = new Map(campaigns.map((plan) => [plan.terms.campaign, plan]));
  const calls = new Map<number, LiveCall>();
  /** Outcomes that may be corrected yet. */
  const silent = new Map<
    number,
    { readonly call: LiveCall; readonly outcome: CorrectedOutcome; readonly digest: string | null }
  >();
  let jobs: RowJob[] = [];

  function step(call: LiveCall, event: CallEvent): void {
    const before = call.state;
    call.state = transition(before, event, rulesOf(call.plan)).state;
    const drafts = call.ledger.step(before, call.state, event.at);
    if (drafts.length > 0) jobs.push({ at: event.at.wallMs, write: (store) => store.ledger(drafts) });
  }

  function ended(id: number, call: LiveCall): void {
    const state = call.state as EndedCall;
    assert(state.name === 'ended', 'a simulated call has its end');
    calls.delete(id);
    const entry = call.ledger.outcome(outcomeRecord(call.dossier, state, null, call.plan.law), state);
    const at = (state.facts.endedAt ?? state.facts.invitedAt).wallMs;
    jobs.push({ at, write: (store) => store.recordOutcome({ ...entry, webhooks: [] }) });
    if (state.cause === 'deadline')
      silent.set(id, { call, outcome: withCorrections(entry.record, []), digest: entry.digest });
  }

  return {
    ruled({ call: id, at, campaign, number, agent }, ruling) {
      const plan = plans.get(campaign);
      assert(plan !== undefined, 'a call is of a campaign that there is');
      const dossier = dossierOf(plan, callIdOf(at, group, id), `${id}.${group}`, numberAt(country, number));
      const { controller, lockScope } = plan.terms;
      const context: LedgerContext = {
        ...{ jurisdiction: plan.law, ownerOf: () => ({ controller, lockScope }), digestsOf },
      };
      const ledger = createCallLedger(dossier, context);
      const facts = newCallFacts(instant(at), agent === 'connected' ? AGENT : null, null);
      const decision = ledger.decision({ at, agent, exception: null }, ruling);
      jobs.push({ at, write: (store) => store.ledger([decision]) });
      const refusal = refusalOf(ruling);
      const state = dialing(facts, plan.terms.ringLimitMs);
      const call: LiveCall = { dossier, plan, ledger, context, state };
      if (refusal === null) {
        calls.set(id, call);
        return;
      }
      const { sipStatus: status, phrase, reason } = refusal;
      call.state = refusedAtOnce(facts, { status, phrase, reason });
      ended(id, call);
    },
    happened(id, wall, what) {
      if (what === 'machine-found') {
        corrected(id, wall);
        return;
      }
      const call = calls.get(id);
      assert(call !== undefined, 'what happens to a call comes after its ruling');
      const at = instant(wall);
      if (call.state.facts.ringingAt === null && what !== 'busy' && what !== 'failed') {
        const rang = Math.min(call.state.facts.invitedAt.wallMs + RINGING_AFTER_MS, wall) as WallMs;
        step(call, { type: 'callee-ringing', at: instant(rang), media: null });
      }
      for (const event of eventsOf(what, at, call.state)) step(call, event);
      if (call.state.name === 'ended') ended(id, call);
    },
    take() {
      const taken = jobs;
      jobs = [];
      return taken;
    },
  };

  /** A machine after all: as a dialer reports it over HTTP. */
  function corrected(id: number, at: WallMs): void {
    const known = silent.get(id);
    assert(known !== undefined, 'what is corrected was recorded');
    silent.delete(id);
    const { call, outcome, digest } = known;
    const { law, terms } = call.plan;
    const disposition: Disposition = { answeredBy: 'machine', method: 'simulated', source: 'http' };
    const decided = decideCorrection(outcome, disposition, at, law);
    if (decided.decision !== 'correct') return;
    const { correction } = decided;
    const after = withCorrections(outcome, [correction]);
    const moves = correctionMoves(outcome, after, { controller: terms.controller, digest }, call.context);
    const { callId } = call.dossier;
    jobs.push({ at, write: (store) => store.recordCorrection({ callId, correction, ...moves, webhooks: [] }) });
  }
}

/** No campaign has a message: the wait's end is a teardown. */
function rulesOf({ law: { wait, options }, greetingLimitMs }: PlannedCampaign): ConnectRules {
  return {
    ...{ waitLimitMs: wait.limitMs.value, waitFrom: wait.from.value, greetingLimitMs, announcement: null },
    machineReleases: options.machineAnswered.value === 'B',
  };
}

function eventsOf(what: Happening, at: Instant, state: CallState): readonly CallEvent[] {
  const final = FINALS[what];
  switch (what) {
    case 'given-up':
      return [
        { type: 'dialer-cancelled', at, reason: null },
        { type: 'carrier-refused', at, final: final ?? OK },
      ];
    case 'busy':
    case 'failed':
      return [{ type: 'carrier-refused', at, final: final ?? OK }];
    case 'answered':
      return [{ type: 'callee-answered', at, final: OK, media: CALLEE_MEDIA }];
    case 'callee-speaks':
      return [{ type: 'callee-speaks', at, since: instant(at.wallMs - TOLD_AFTER_MS.begun) }];
    case 'callee-quiet':
      return [{ type: 'callee-quiet', at, since: instant(at.wallMs - TOLD_AFTER_MS.ended) }];
    case 'agent-bridged':
      // Who was on the line from the INVITE on is bridged by the answer.
      return state.name === 'bridged' ? [] : [{ type: 'agent-bridged', at, agent: { ...AGENT, source: 'http' } }];
    case 'machine-dropped':
      return [{ type: 'dialer-hung-up', at, reason: null, disposition: MACHINE }];
    case 'callee-hung-up':
      return [{ type: 'callee-hung-up', at, reason: null }];
    case 'dialer-hung-up':
      return [{ type: 'dialer-hung-up', at, reason: null, disposition: null }];
    case 'wait-over':
      return [{ type: 'deadline', at }];
    case 'machine-found':
      return [];
  }
}

function dossierOf(plan: PlannedCampaign, callId: CallId, place: string, number: string): CallDossier {
  return {
    ...{ callId, dialer: 'simulated', kindSource: 'default', campaign: plan.terms.campaign, number },
    ...{ callerId: plan.callerId, dialerReference: `simulated-${place}`, dialerCallId: `dialer-${place}@simulated` },
    ...{ carrierCallId: `carrier-${place}@simulated`, carrier: 'simulated', policy: plan.law.policy },
  };
}

/** A UUID version 7 by the clock of the simulation, the same in every run of a seed (RFC 9562 §5.7, method 1 of §6.2). */
export function callIdOf(at: WallMs, group: number, id: number): CallId {
  const time = Math.floor(at).toString(16).padStart(12, '0');
  const [high, low] = [group.toString(16).padStart(3, '0'), id.toString(16).padStart(12, '0')];
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8${high.slice(-3)}-${low.slice(-12)}` as CallId;
}

/** The simulation has one clock. */
function instant(at: number): Instant {
  return { wallMs: at as WallMs, monotonicMs: at as MonotonicMs };
}
