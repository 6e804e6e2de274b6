/**
 * Counts everything again from the rows of calls, and compares it with what the database keeps:
 *
 *     node scripts/recount.ts data/brusio.db
 *
 * Read-only; Brusio may run meanwhile, though a call that is committed in between may then show as a difference. Exit code 1
 * when anything differs.
 */
import { DatabaseSync } from 'node:sqlite';
import { dayNumber, lastVerdict, localDay, type RawCall, restsUntil, silence } from './recount-law.ts';
import { textOf } from './recount-texts.ts';

/** Something that is not as it was counted again. */
export type Difference = { readonly what: string; readonly kept: string; readonly counted: string };

/** What was compared. */
export type Recount = {
  readonly calls: number;
  readonly corrections: number;
  readonly days: number;
  readonly windows: number;
  readonly locks: number;
  /** Windows and days by their figures, `silent/handled`: the law's own, for whoever wants to look. */
  readonly periods: ReadonlyMap<string, string>;
  readonly differences: readonly Difference[];
};

/** Tallies as text, which is compared and shown. */
type Table = Map<string, string>;

/**
 * Counts a database again.
 *
 * @param scopeOf in which register of locks a controller's numbers are (`policy.lockScope`)
 */
export function recount(database: DatabaseSync, scopeOf = (controller: string) => controller): Recount {
  const calls = rawCalls(database);
  const counted = { days: new Map<string, DayTally>(), firstDays: new Map<string, string>() };
  for (const call of calls) countCall(counted, call);
  const days = tableOf(counted.days);
  const stampOf = stampsOf(calls);
  const windows = windowsOf(counted.days, counted.firstDays, stampOf);
  const locks = locksOf(calls, scopeOf);
  const kept = keptTables(database);
  const differences = [
    ...compare('first day of', kept.firstDays, counted.firstDays),
    ...compare('day', kept.days, days),
    ...compare('window', windowsOf(kept.tallies, kept.firstDays, stampOf), windows),
    ...compare('lock', kept.locks, locks),
    ...classes(database, calls),
  ];
  const corrections = calls.reduce((sum, call) => sum + call.corrections.length, 0);
  const sizes = { days: days.size, windows: windows.size, locks: locks.size };
  return { calls: calls.length, corrections, ...sizes, periods: new Map([...windows, ...days]), differences };
}

type DayTally = { silent: number; handled: number; machines: number; hungUp: number };

function rawCalls(database: DatabaseSync): readonly RawCall[] {
  const corrections = new Map<string, { at: string; answeredBy: string }[]>();
  const rows = database.prepare('SELECT call_id, correction FROM outcome_corrections ORDER BY call_id, sequence');
  for (const row of rows.iterate()) {
    const { at, to } = JSON.parse(String(row.correction));
    const ofCall = corrections.get(String(row.call_id)) ?? [];
    ofCall.push({ at, answeredBy: to.answeredBy });
    corrections.set(String(row.call_id), ofCall);
  }
  const outcomes = database.prepare('SELECT call_id, controller, digest, record FROM outcomes').all();
  return outcomes.map((row) => ({
    callId: String(row.call_id),
    controller: String(row.controller),
    digest: row.digest === null ? null : String(row.digest),
    record: JSON.parse(String(row.record)),
    corrections: corrections.get(String(row.call_id)) ?? [],
  }));
}

function countCall(
  { days, firstDays }: { days: Map<string, DayTally>; firstDays: Map<string, string> },
  call: RawCall,
): void {
  const { kind, campaign, network, times, policy } = call.record;
  if (kind !== 'guarded') return;
  const { zone } = textOf(policy);
  const invited = localDay(zone, times.invited);
  // A call that was refused was none.
  if (network !== 'blocked' && invited < (firstDays.get(campaign) ?? '9999')) firstDays.set(campaign, invited);
  const verdict = lastVerdict(call);
  if (verdict === null || times.answered === null) return;
  const key = `${campaign} ${localDay(zone, times.answered)}`;
  const tally = days.get(key) ?? { silent: 0, handled: 0, machines: 0, hungUp: 0 };
  if (verdict.class === 'A') tally.silent++;
  else if (verdict.class === 'B') tally.handled++;
  if (verdict.why === 'machine') tally.machines++;
  if (verdict.why === 'hung-up') tally.hungUp++;
  days.set(key, tally);
}

function tableOf(days: ReadonlyMap<string, DayTally>): Table {
  const table: Table = new Map();
  for (const [key, { silent, handled, machines, hungUp }] of days)
    if (silent + handled + machines + hungUp > 0)
      table.set(key, `${silent}/${handled}, ${machines} machines, ${hungUp} hung up`);
  return table;
}

/** By whose rules each campaign's latest call was placed: its windows are measured by these. */
function stampsOf(calls: readonly RawCall[]): (campaign: string) => string {
  const latest = new Map<string, { readonly at: string; readonly policy: string }>();
  for (const { record } of calls) {
    const { campaign, policy, times } = record;
    if ((latest.get(campaign)?.at ?? '') < times.invited) latest.set(campaign, { at: times.invited, policy });
  }
  return (campaign) => latest.get(campaign)?.policy ?? 'it-garante-83-2014@1';
}

/** So many days each from a campaign's first, or months: by their first day. */
function windowsOf(
  days: ReadonlyMap<string, DayTally>,
  firstDays: ReadonlyMap<string, string>,
  stampOf: (campaign: string) => string,
): Table {
  const sums = new Map<string, { silent: number; handled: number }>();
  for (const [key, { silent, handled }] of days) {
    if (silent + handled === 0) continue;
    const space = key.lastIndexOf(' ');
    const campaign = key.slice(0, space);
    const from = windowFrom(key.slice(space + 1), firstDays.get(campaign), textOf(stampOf(campaign)).window);
    if (from === null) continue;
    const sum = sums.get(`${campaign} from ${from}`) ?? { silent: 0, handled: 0 };
    sums.set(`${campaign} from ${from}`, { silent: sum.silent + silent, handled: sum.handled + handled });
  }
  return new Map([...sums].map(([key, { silent, handled }]) => [key, `${silent}/${handled}`]));
}

function windowFrom(day: string, firstDay: string | undefined, window: number | 'month' | null): string | null {
  if (window === null) return null;
  if (window === 'month') return `${day.slice(0, 8)}01`;
  const first = dayNumber(firstDay ?? day);
  const index = Math.floor((dayNumber(day) - first) / window);
  return new Date((first + index * window) * 86_400_000).toISOString().slice(0, 10);
}

/**
 * One for every silent call, and for a machine where the law says so. Italy: unless an agent was there in time in a call to
 * that number that was bridged since; others end by the clock, and stay in the table.
 */
function locksOf(calls: readonly RawCall[], scopeOf: (controller: string) => string): Table {
  const bridges = new Map<string, number[]>();
  const resting: { readonly place: string; readonly call: RawCall; readonly isSilent: boolean }[] = [];
  for (const call of calls) {
    const verdict = lastVerdict(call);
    if (verdict === null) continue;
    const place = `${scopeOf(call.controller)} ${call.digest}`;
    if (verdict.class === 'A') resting.push({ place, call, isSilent: true });
    else if (verdict.why === 'agent')
      bridges.set(place, [...(bridges.get(place) ?? []), Date.parse(call.record.times.bridged ?? '')]);
    else if (verdict.why === 'machine' && call.record.times.bridged === null)
      resting.push({ place, call, isSilent: false });
  }
  const table: Table = new Map();
  for (const { place, call, isSilent } of resting) {
    const { rest, machineRestHours, zone } = textOf(call.record.policy);
    const { at, knownAt } = silence(call);
    if (isSilent && rest !== null) {
      if (rest.endsByBridge && bridges.get(place)?.some((bridgedAt) => bridgedAt > knownAt)) continue;
      table.set(`${place} ${call.callId}`, new Date(restsUntil(at, rest.hours, rest.days, zone)).toISOString());
    } else if (!isSilent && machineRestHours !== null) {
      const answered = Date.parse(call.record.times.answered ?? '');
      table.set(`${place} ${call.callId}`, new Date(restsUntil(answered, machineRestHours, 0)).toISOString());
    }
  }
  return table;
}

function keptTables(database: DatabaseSync) {
  const tallies = new Map<string, DayTally>();
  for (const row of database.prepare('SELECT * FROM campaign_days').all()) {
    const { silent, handled, machines, hung_up: hungUp } = row as Record<string, number>;
    tallies.set(`${row.campaign} ${row.day}`, {
      ...{ silent: Number(silent), handled: Number(handled), machines: Number(machines), hungUp: Number(hungUp) },
    });
  }
  const firstDays: Table = new Map();
  for (const row of database.prepare('SELECT campaign, first_day FROM campaigns').all())
    firstDays.set(String(row.campaign), String(row.first_day));
  const locks: Table = new Map();
  for (const row of database.prepare('SELECT * FROM recall_locks').all())
    locks.set(`${row.scope} ${row.digest} ${row.call_id}`, new Date(Number(row.until_ms)).toISOString());
  return { tallies, days: tableOf(tallies), firstDays, locks };
}

/** The class that each call's row has, and its last correction, are what its facts give. */
function classes(database: DatabaseSync, calls: readonly RawCall[]): readonly Difference[] {
  const last = database.prepare(
    `SELECT o.call_id, o.class, (SELECT correction FROM outcome_corrections c WHERE c.call_id = o.call_id
       ORDER BY sequence DESC LIMIT 1) AS correction FROM outcomes o`,
  );
  const kept: Table = new Map();
  for (const row of last.iterate()) {
    const corrected = row.correction === null ? row.class : JSON.parse(String(row.correction)).to.class;
    kept.set(String(row.call_id), String(corrected));
  }
  const counted: Table = new Map(calls.map((call) => [call.callId, String(lastVerdict(call)?.class ?? null)]));
  return compare('class of', kept, counted);
}

function compare(what: string, kept: Table, counted: ReadonlyMap<string, string>): readonly Difference[] {
  const differences: Difference[] = [];
  for (const key of new Set([...kept.keys(), ...counted.keys()])) {
    const both = { kept: kept.get(key) ?? 'none', counted: counted.get(key) ?? 'none' };
    if (both.kept !== both.counted) differences.push({ what: `${what} ${key}`, ...both });
  }
  return differences;
}

if (import.meta.main) {
  const [path] = process.argv.slice(2);
  if (path === undefined) {
    console.error('usage: node scripts/recount.ts data/brusio.db');
    process.exit(2);
  }
  const result = recount(new DatabaseSync(path, { readOnly: true }));
  const { calls, corrections, days, windows, locks, differences } = result;
  console.log(`${calls} calls, ${corrections} corrections: ${days} days, ${windows} windows, ${locks} locks`);
  for (const { what, kept, counted } of differences) console.log(`${what}: kept ${kept}, counted ${counted}`);
  console.log(differences.length === 0 ? 'no difference' : `${differences.length} differences`);
  process.exitCode = differences.length === 0 ? 0 : 1;
}
