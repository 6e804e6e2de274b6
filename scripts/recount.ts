/**
 * Counts everything again from the rows of calls, and compares it with what the database keeps:
 *
 *     node scripts/recount.ts data/brusio.db
 *     node scripts/recount.ts postgres://brusio@db/brusio
 *
 * Read-only; Brusio may run meanwhile. Exit code 1 when anything differs.
 */
import { type BudgetRecount, recountBudgets } from './recount/budget/budgets.ts';
import { rawCalls } from './recount/calls.ts';
import { countDays, stampsOf, tableOf, windowsOf } from './recount/days.ts';
import { keptClasses, keptTables } from './recount/kept.ts';
import { lastVerdict } from './recount/law.ts';
import { locksOf, withoutSwept } from './recount/locks.ts';
import { openRows, type Rows } from './recount/rows.ts';
import { compare, type Difference } from './recount/table.ts';

/** What was compared. */
export type Recount = {
  readonly calls: number;
  readonly corrections: number;
  readonly days: number;
  readonly windows: number;
  readonly locks: number;
  readonly budgets: Omit<BudgetRecount, 'differences'>;
  /** Windows and days by their figures, `silent/handled`: the law's own, for whoever wants to look. */
  readonly periods: ReadonlyMap<string, string>;
  readonly differences: readonly Difference[];
};

/**
 * Counts a database again.
 *
 * @param scopeOf in which register of locks a controller's numbers are (`policy.lockScope`)
 */
export async function recount(rows: Rows, scopeOf = (controller: string) => controller): Promise<Recount> {
  const calls = await rawCalls(rows);
  const counted = countDays(calls);
  const days = tableOf(counted.days);
  const stampOf = stampsOf(calls);
  const windows = windowsOf(counted, stampOf);
  const kept = await keptTables(rows);
  const locks = withoutSwept(locksOf(calls, scopeOf), kept.locks, new Date().toISOString());
  const classes = new Map(calls.map((call) => [call.callId, String(lastVerdict(call)?.class ?? null)]));
  const { differences: ruled, ...budgets } = await recountBudgets(rows);
  const differences = [
    ...compare('first day of', kept.firstDays, counted.firstDays),
    ...compare('day', kept.days, days),
    ...compare('window', windowsOf({ days: kept.tallies, firstDays: kept.firstDays }, stampOf), windows),
    ...compare('lock', kept.locks, locks),
    ...compare('class of', await keptClasses(rows), classes),
    ...ruled,
  ];
  const corrections = calls.reduce((sum, call) => sum + call.corrections.length, 0);
  const sizes = { days: days.size, windows: windows.size, locks: locks.size, budgets };
  return { calls: calls.length, corrections, ...sizes, periods: new Map([...windows, ...days]), differences };
}

if (import.meta.main) {
  const [place] = process.argv.slice(2);
  if (place === undefined) {
    console.error('usage: node scripts/recount.ts data/brusio.db|postgres://…');
    process.exit(2);
  }
  const rows = await openRows(place);
  const result = await recount(rows);
  await rows.close();
  const { calls, corrections, days, windows, locks, budgets, differences } = result;
  console.log(`${calls} calls, ${corrections} corrections: ${days} days, ${windows} windows, ${locks} locks`);
  const { rulings, breaches, withinBounds, untold, periodsHeld } = budgets;
  console.log(
    `${rulings} rulings of the abandonment budget, ${breaches} of them breaches: ${withinBounds} are not told by the order of entries but within what it leaves open; ` +
      `of ${untold} calls no entry tells whether it was asked; ${periodsHeld} days and windows held to their limit at every entry`,
  );
  for (const { what, kept, counted } of differences) console.log(`${what}: kept ${kept}, counted ${counted}`);
  console.log(differences.length === 0 ? 'no difference' : `${differences.length} differences`);
  process.exitCode = differences.length === 0 ? 0 : 1;
}
