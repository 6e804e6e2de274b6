/**
 * Rules on several INVITEs that came at once, in one transaction: facts are read for all of them, each is judged with those
 * before it in flight, and those that are allowed have their room when it commits.
 *
 * PostgreSQL: the campaigns and numbers are locked first, in one order for all processes, for as long as this takes (some
 * ms; nobody waits for a disk). What is in flight and what is committed are then read by one statement, as they are at one
 * moment: a call that leaves the first when it is in the second is never in neither. SQLite: one process, one view.
 */
import { localTimeOf } from '../../base/local-time.ts';
import { jurisdictionOfStamp } from '../../policy/jurisdictions/chosen-jurisdiction.ts';
import type { Jurisdiction } from '../../policy/jurisdictions/jurisdiction.ts';
import { windowDaysMax } from '../../policy/ratio-window.ts';
import { answerDays, dayOfStamp } from '../../policy/rules/answer-days.ts';
import { callLimits } from '../../policy/rules/frequency.ts';
import { ruleOn } from '../../policy/rules/rule-on.ts';
import {
  LEGAL_RULES,
  type LegalRule,
  type RuleMode,
  type Ruling,
  type RulingFacts,
} from '../../policy/rules/ruling.ts';
import type { NumberHistory } from '../../policy/rules/standing.ts';
import { standingOn } from '../../policy/rules/standing-on.ts';
import type { Connection } from '../connection.ts';
import { lookUpScreening } from '../screening/screening-look-up.ts';
import type { CallsInFlight } from './calls-in-flight.ts';
import { type CampaignView, campaignView } from './campaign-view.ts';
import { type CallNotice, type HeldCall, heldCall } from './held-calls.ts';
import { lookUpAtOnce, lookUpInView, type Wanted } from './look-ups.ts';
import { daySpan, type NumberView, numberView } from './number-view.ts';
import type { OpenOutcomesAtMost } from './open-outcomes.ts';
import {
  deleteReservation,
  deleteReservationsOf,
  insertReservation,
  lockNames,
  setAnswered,
  setCounted,
  setWithoutAgent,
} from './reservation-queries.ts';
import { reservedDays } from './reserved-days.ts';
import type { Asked } from './ruling-message.ts';

/** What groups are ruled on with. */
export type RulingBench = {
  readonly process: string;
  /** Calls of this process that have room. */
  readonly held: CallsInFlight;
  /** SQLite's. */
  readonly open: OpenOutcomesAtMost;
  /**
   * What takes room or says on which day it is, heard until now and in no group yet: asked once the committed facts are fixed, so that
   * none of them is newer.
   */
  readonly roomHeard: () => readonly CallNotice[];
};

/** Rules that look at the agent: asked again when that one has left. The others have said what they say. */
const ON_THE_AGENT: ReadonlySet<LegalRule> = new Set(['guaranteed-agent', 'abandonment-budget']);

/**
 * The rulings on these, in their order. All are of one local day and time zone, none is of a call that a notice is about.
 *
 * @param notices heard before; written with them
 */
export async function ruleGroup(
  connection: Connection,
  bench: RulingBench,
  notices: readonly CallNotice[],
  group: readonly Asked[],
): Promise<Ruling[]> {
  if (group.length === 0 && connection.kind === 'sqlite') {
    // In memory alone: nobody else is to see it.
    for (const notice of notices) write(connection, bench, notice);
    return [];
  }
  const { rulings, placed } = await connection.inOneView(async () => {
    for (const notice of notices) write(connection, bench, notice);
    if (group.length === 0) return { rulings: [], placed: [] };
    for (const { of, request } of group) {
      if (of === 'agent-left') write(connection, bench, { type: 'without-agent', callId: request.callId });
    }
    const views = await readViews(connection, bench, group);
    let judged = judge(bench, group, views);
    if (views.isAtMost && judged.rulings.some(({ breaches }) => breaches.some(isOfBudget))) {
      bench.open.forget();
      judged = judge(bench, group, await readViews(connection, bench, group));
    }
    for (const call of judged.placed) reserve(connection, bench, call);
    return judged;
  });
  for (const call of placed) bench.held.hold(call);
  return rulings;
}

const isOfBudget = ({ rule }: Ruling['breaches'][number]) => rule === 'abandonment-budget';

/** Each with those before it in flight. */
function judge(bench: RulingBench, group: readonly Asked[], views: Views): Judged {
  const placed: HeldCall[] = [];
  const rulings = group.map((asked, index) => {
    const law = jurisdictionOfStamp(asked.request.policy);
    const ruling = ruleOn(factsOf(asked, index, views, bench, law), law);
    if (asked.of === 'invite' && ruling.allowed) {
      const call = heldCall(asked.request);
      views.campaigns.add(call);
      views.numbers.add(call);
      placed.push(call);
    }
    return ruling;
  });
  return { rulings, placed };
}

/** Rulings in the order of the group, and the calls that have room by them. */
type Judged = { readonly rulings: Ruling[]; readonly placed: HeldCall[] };

/** Makes PostgreSQL's table say of this process what is held: on a new connection, and after a group that failed. */
export async function reserveAnew(connection: Connection, bench: RulingBench): Promise<void> {
  if (connection.kind === 'sqlite') return;
  await connection.inOneView(async () => {
    connection.post(deleteReservationsOf, { process: bench.process });
    for (const call of bench.held.all()) reserve(connection, bench, call);
  });
}

type Views = {
  readonly campaigns: CampaignView;
  readonly numbers: NumberView;
  /** More may be at risk in them than are. */
  readonly isAtMost: boolean;
  /** In the order of the group. */
  readonly screening: readonly NumberHistory['screening'][];
};

async function readViews(connection: Connection, bench: RulingBench, group: readonly Asked[]): Promise<Views> {
  const laws = [...new Set(group.map(({ request }) => request.policy))].map(jurisdictionOfStamp);
  const at = group.reduce((least, asked) => (asked.at < least ? asked.at : least), (group[0] as Asked).at);
  const { timeZone } = laws[0] as Jurisdiction;
  const { day } = localTimeOf(timeZone, at);
  const span = daySpan(timeZone, day);
  const windowDays = Math.max(
    ...laws.map(({ ratio: { window } }) => (window === null ? 1 : windowDaysMax(window.span.value))),
  );
  const campaigns = [...new Set(group.filter(asksForBudget).map(({ request }) => request.terms.campaign))];
  const scopes = [...new Set(group.map(({ request }) => request.terms.lockScope))];
  const digests = [...new Set(group.flatMap(({ request }) => request.digests))];
  const wanted: Wanted = {
    ...{ at, day, span, windowDays, campaigns, scopes, digests },
    // Those that have room already are in the view by themselves, so that each can be judged without itself.
    own: group.filter(({ of }) => of === 'agent-left').map(({ request }) => request.callId),
    ...{ calls: group.some(asksForFrequency), optOuts: group.some(asksForOptOuts) },
  };
  const { screening, found } = await (connection.kind === 'postgresql' ? readLocked() : readInOneView());
  const view = campaignView(found, { ringingAs: connection.kind === 'postgresql' ? 'handled' : 'uncounted' });
  for (const callId of wanted.own) {
    const call = bench.held.get(callId);
    if (call !== null) view.add(call);
  }
  return { campaigns: view, numbers: numberView(found, span), isAtMost: found.isAtMost, screening };

  async function readLocked() {
    // Sorted: two processes that want the same two never wait for each other in a ring.
    const names = [
      ...campaigns.map((name) => `campaign ${name}`),
      ...digests.map((digest) => `number ${digest}`),
    ].sort();
    // All in one journey: what is asked behind the locks is looked up when they are held, and as it is then.
    const [screening, , found] = await Promise.all([
      readScreening(connection, group),
      connection.all(lockNames, { names: JSON.stringify(names) }),
      lookUpAtOnce(connection, wanted),
    ]);
    return { screening, found };
  }
  async function readInOneView() {
    const screening = await readScreening(connection, group);
    const found = await lookUpInView(connection, wanted, bench.held, bench.open, () => {
      // A class that is in this view was committed after its answer was told, and that it may change: it is heard now at the latest.
      for (const notice of bench.roomHeard()) write(connection, bench, notice);
    });
    return { screening, found };
  }
}

function factsOf(
  { request, at, of }: Asked,
  index: number,
  views: Views,
  { held }: RulingBench,
  law: Jurisdiction,
): RulingFacts {
  const { callId, number, callerId, exception, terms } = request;
  const dayOf = dayOfStamp(request.policy);
  const agent = of === 'agent-left' ? 'none' : request.agent;
  const call = held.get(callId);
  const days = call?.answeredAt
    ? { from: dayOf(call.answeredAt), to: dayOf(call.answeredAt) }
    : answerDays(at, terms.ringLimitMs, dayOf);
  const counts = views.campaigns.countsWithout(callId, terms.campaign);
  return {
    ...{ at, number, callerId, agent, exception },
    terms: of === 'agent-left' ? { ...terms, modes: modesOnTheAgent(terms.modes) } : terms,
    history: { ...views.numbers.historyOf(request), screening: views.screening[index] ?? null },
    standing: standingOn(days, counts, law.ratio.window?.span.value ?? null),
  };
}

/** Null where the rule does not ask for it. */
function readScreening(connection: Connection, group: readonly Asked[]): Promise<Views['screening']> {
  return Promise.all(
    group.map(({ request: { terms, exception, digests }, of }) =>
      of === 'agent-left' || terms.modes.screening === 'off' || exception !== null
        ? null
        : lookUpScreening(connection, terms.controller, digests),
    ),
  );
}

function modesOnTheAgent(modes: Readonly<Record<LegalRule, RuleMode>>): Record<LegalRule, RuleMode> {
  const of = (rule: LegalRule) => (ON_THE_AGENT.has(rule) ? modes[rule] : 'off');
  return Object.fromEntries(LEGAL_RULES.map((rule) => [rule, of(rule)])) as Record<LegalRule, RuleMode>;
}

function asksForBudget({ request, of }: Asked): boolean {
  return request.terms.modes['abandonment-budget'] !== 'off' && (of === 'agent-left' || request.agent !== 'connected');
}

function asksForOptOuts({ request, of }: Asked): boolean {
  return request.terms.modes['opt-out'] !== 'off' && of === 'invite';
}

function asksForFrequency({ request }: Asked): boolean {
  const law = jurisdictionOfStamp(request.policy);
  const { perDay, perWeek, perCampaign } = callLimits(request.terms, law.admission);
  return request.terms.modes.frequency !== 'off' && (perDay ?? perWeek ?? perCampaign) !== null;
}

/** For others to see. */
function reserve(connection: Connection, { process }: RulingBench, call: HeldCall): void {
  if (connection.kind === 'sqlite') return;
  const { callId, lockScope: scope, controller, digest, campaign, at, agent, counted } = call;
  connection.post(insertReservation, {
    ...{ callId, process, scope, controller, digest, campaign, at, agent, counted: counted ? 1 : 0 },
    ...reservedDays(call),
  });
}

function write(connection: Connection, { held, open }: RulingBench, notice: CallNotice): void {
  const { type, callId } = notice;
  const call = held.get(callId);
  held.heard(notice);
  if (connection.kind === 'sqlite') {
    // From here on its outcome alone may say that it is at risk.
    if (call !== null && !call.counted && (type === 'counted' || type === 'released')) open.add(call);
    return;
  }
  if (type === 'answered') {
    if (call !== null) connection.post(setAnswered, { callId, day: dayOfStamp(call.policy)(notice.at) });
  } else if (type === 'counted' || type === 'uncounted')
    connection.post(setCounted, { callId, counted: type === 'counted' ? 1 : 0 });
  else if (type === 'released') connection.post(deleteReservation, { callId });
  else connection.post(setWithoutAgent, { callId });
}
