/**
 * Every ruling of the abandonment budget a second time: what the counts were of window and day, how many calls were in flight that might
 * become silent ones, and what that made of the call. From the entries of the ledger alone, and the law as docs/rules.md has it.
 *
 * What an entry does not tell is which entries before it the ruling had seen: a group is ruled on while earlier ones are on their way to
 * the disk, and other processes write chains of their own. Each ruling is first held against what stands before it; where that is not
 * what it says, against the bounds of all that it may have seen. Nor is it told when an agent left while a call rang (the call is
 * then at risk), and what the rules said of it once more.
 */
import type { Rows } from '../rows.ts';
import type { Difference } from '../table.ts';
import { type Bounds, boundsAround, type RulingPlace } from './bounds.ts';
import { type Entry, entriesInOrder, type Said } from './entries.ts';
import { createLimitWatch } from './limits.ts';
import { type BudgetFacts, type Figures, factsOf, type LimitedPeriod, limitedPeriods, roomIn } from './ruling.ts';
import { type CallSeen, callAfter, daysOfAnswer } from './share.ts';
import { createStanding, type Standing } from './standing.ts';
import { type BudgetTerms, createSettingsSeen, RING_LIMIT_MS } from './terms.ts';

/** What was compared. */
export type BudgetRecount = {
  /** Rulings that the budget had a say in: breaches and calls that had room. */
  readonly rulings: number;
  readonly breaches: number;
  /** Of these rulings: not as the order of entries gives, but within what it leaves open. */
  readonly withinBounds: number;
  /** Calls that were let through, of which no entry tells whether the budget was asked. */
  readonly untold: number;
  /** Days and windows whose limit the enforced budget held at every entry. */
  readonly periodsHeld: number;
  readonly differences: readonly Difference[];
};

type Decision = Extract<Said, { kind: 'decision' }>;
type Stood = { readonly period: LimitedPeriod; readonly figures: Figures };
type Doubted = {
  readonly callId: string;
  readonly told: BudgetFacts | null;
  readonly stood: readonly Stood[];
  readonly place: RulingPlace;
  readonly standing: Standing;
};

/** Rules on every call again. */
export async function recountBudgets(rows: Rows): Promise<BudgetRecount> {
  const ringingAs = rows.kind === 'postgresql' ? 'handled' : 'unknown';
  const standings = new Map<string, Standing>();
  const campaignOf = new Map<string, string>();
  const settings = createSettingsSeen();
  const limits = createLimitWatch();
  const differences: Difference[] = [];
  const doubted: Doubted[] = [];
  const counts = { rulings: 0, breaches: 0, withinBounds: 0, untold: 0 };

  for (const entry of await entriesInOrder(rows)) {
    const { said, callId } = entry;
    if (said.kind === 'settings') settings.entry(said.name, said.content);
    else if (said.kind === 'decision') decision(entry, said);
    else if (said.kind !== 'start') {
      const standing = standings.get(campaignOf.get(callId) ?? '');
      const before = standing?.of(callId) ?? null;
      // A call that no rule was asked of.
      if (standing === undefined || before === null) continue;
      changed(standing, entry, before, callAfter(before, entry));
    }
  }
  for (const one of doubted) {
    const why = explained(one, ringingAs);
    if (why === null) counts.withinBounds++;
    else differences.push(why);
  }
  const { periods, differences: passed } = limits.findings();
  return { ...counts, periodsHeld: periods, differences: [...differences, ...passed] };

  function changed(
    standing: Standing,
    { callId, chain, at, seq }: Entry,
    before: CallSeen | null,
    after: CallSeen,
  ): void {
    standing.change(callId, chain, at, after);
    limits.moved(callId, before, after, standing.firstDay(), `entry ${seq} of chain ${chain}`);
  }

  function decision(entry: Entry, said: Decision): void {
    const { callId, chain, at } = entry;
    const { campaign, policy, agent, invitedAt, allowed, budget } = said;
    const standing = standings.get(campaign) ?? createStanding(ringingAs);
    standings.set(campaign, standing);
    const terms = settings.termsOf(campaign);
    const days = daysOfAnswer(policy, invitedAt, terms?.ringLimitMs ?? RING_LIMIT_MS);
    if (allowed === said.enforced)
      differences.push({ what: `decision on ${callId}`, kept: `allowed: ${allowed}`, counted: `allowed: ${!allowed}` });
    const isExempt = agent === 'connected' || (agent === 'reserved' && terms?.trustsPromises !== false);
    if (budget !== null && terms !== null && budget.mode !== terms.mode)
      differences.push({ what: `budget mode of ${callId}`, kept: budget.mode, counted: terms.mode });
    if (budget !== null && isExempt && terms !== null)
      differences.push({ what: `budget of ${callId}`, kept: textOf(budget.facts), counted: `none is asked: ${agent}` });
    else if (!isExempt || budget !== null) {
      if (budget === null && terms === null) counts.untold++;
      else if (budget !== null || terms?.mode !== 'off') judge(entry, said, standing, days, terms);
    }
    if (!allowed) return;
    campaignOf.set(callId, campaign);
    standing.begin(days[0]);
    const isJudged = agent === 'connected' || (!isExempt && (terms?.mode === 'enforce' || budget?.mode === 'enforce'));
    limits.allowed(callId, isJudged);
    const call = { campaign, chain, policy, agent, day: days[0], lastDay: days[1], answeredDay: null, counted: null };
    standing.change(callId, chain, at, { ...call, over: null });
  }

  function judge(
    { callId, chain, at }: Entry,
    { policy, invitedAt, budget }: Decision,
    standing: Standing,
    days: readonly [string, string],
    terms: BudgetTerms | null,
  ): void {
    counts.rulings++;
    if (budget !== null) counts.breaches++;
    const told = budget === null ? null : (budget.facts as BudgetFacts);
    const stood = limitedPeriods(policy, days, standing.firstDay(), terms?.machinesArePeople ?? 0).map((period) => ({
      period,
      figures: standing.figuresIn(period, invitedAt),
    }));
    if (textOf(told) === textOf(ruledOn(stood))) return;
    const place = {
      chain,
      invitedAt,
      decidedAt: at,
      changesBefore: standing.changes.length,
      doubtful: standing.doubtfulAt(invitedAt),
    };
    doubted.push({ callId, told, stood, place, standing });
  }
}

/** The facts of the first period that has no room; null: the call may be placed. */
function ruledOn(stood: readonly Stood[]): BudgetFacts | null {
  const full = stood.find(({ period, figures }) => roomIn(figures, period) < 0);
  return full === undefined ? null : factsOf(full.period, full.figures);
}

/** Null where some order explains what was told; else what is different. */
function explained(
  { callId, told, stood, place, standing }: Doubted,
  ringingAs: 'unknown' | 'handled',
): Difference | null {
  const bounds = stood.map(({ period, figures }) => boundsAround(figures, period, place, standing.changes, ringingAs));
  const isPossible = stood.some((one, index) => {
    const earlier = bounds.slice(0, index);
    const own = bounds[index] as Bounds;
    // Those before it had room, or may have had.
    return told !== null && earlier.every(({ room }) => room[1] >= 0) && fits(told, one, own);
  });
  const hadRoom = told === null && bounds.every(({ room }) => room[1] >= 0);
  if (isPossible || hadRoom) return null;
  return { what: `budget of ${callId}`, kept: textOf(told), counted: textOf(ruledOn(stood)) };
}

function fits(told: BudgetFacts, { period, figures }: Stood, { silent, handled, atRisk, open, room }: Bounds): boolean {
  const { name, from, to, limit } = period;
  const isIn = (fact: unknown, [least, most]: readonly [number, number]) =>
    typeof fact === 'number' && fact >= least && fact <= most;
  const [s, h, r] = [Number(told.silentCalls), Number(told.handledCalls), Number(told.callsAtRisk)];
  const estimated = Number(told.estimatedSilentCalls ?? 0);
  const missing = open.map((calls) => {
    const seen = { silent: s + estimated, handled: h, unknown: r - calls, open: calls, found: 0, heard: figures.heard };
    return Math.ceil(-roomIn(seen, period) / limit.silent);
  });
  return (
    told.period === name &&
    told.from === from &&
    told.to === to &&
    told.limitPercent === (100 * limit.silent) / limit.of &&
    isIn(s, silent) &&
    isIn(h, handled) &&
    isIn(r, atRisk) &&
    room[0] < 0 &&
    isIn(told.handledCallsMissing, [Math.min(...missing), Math.max(...missing)])
  );
}

function textOf(facts: Readonly<Record<string, unknown>> | null): string {
  if (facts === null) return 'room';
  return Object.entries(facts)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
