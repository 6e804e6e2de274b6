/**
 * What the parts of all chains add up to, against the tables that are kept beside them: counts of days, first days, locks,
 * the settings last seen. Pure.
 */
import type { WallMs } from '../../base/clock.ts';
import { inTextOrder } from '../../base/text-order.ts';
import type { CountMove } from '../ledger-entry.ts';
import type { OptOutRow } from '../opt-out.ts';
import {
  addDays,
  type CampaignDay,
  type CampaignStart,
  dayDelta,
  earlierStart,
  projectionKey,
  projectLock,
  type RecallLockRow,
} from '../projection.ts';
import { optOutProblem } from './opt-out-check.ts';
import type { PartFindings, PlacedMove } from './range-check.ts';

/** The tables as they are read, all at one moment. */
export type StoredProjection = {
  readonly days: readonly CampaignDay[];
  readonly campaigns: readonly CampaignStart[];
  readonly locks: readonly RecallLockRow[];
  readonly optOuts: readonly OptOutRow[];
  readonly settings: ReadonlyMap<string, string>;
};

/** Something that is not in one entry: in words. */
export type ProjectionFault = { readonly table: string; readonly problem: string };

/** How far clocks of several processes may be apart for the order of their entries to be in doubt, ms. */
const CLOCKS_APART_MS = 10_000;

const COUNTS = ['silent', 'handled', 'machines', 'machinesHeard', 'hungUp'] as const;

/**
 * The tables' faults, the first of each.
 *
 * @param lifts those of the numbers that have or had a lock
 * @param now locks that ended by the clock before it may have been dropped (`retention-sweep.ts`)
 */
export function projectionFaults(
  parts: readonly PartFindings[],
  lifts: readonly PlacedMove[],
  stored: StoredProjection,
  now: WallMs,
): readonly ProjectionFault[] {
  return [
    ...dayFaults(parts, stored.days),
    ...campaignFaults(parts, stored.campaigns),
    ...lockFaults([...parts.flatMap(({ moves }) => moves), ...lifts], stored.locks, now),
    ...settingsFaults(parts, stored.settings),
    ...optOutFaults(parts, stored.optOuts),
  ];
}

function optOutFaults(parts: readonly PartFindings[], stored: readonly OptOutRow[]): readonly ProjectionFault[] {
  const problem = optOutProblem(
    parts.flatMap(({ optOuts }) => optOuts),
    stored,
  );
  return problem === null ? [] : [{ table: 'opt_outs', problem }];
}

function dayFaults(parts: readonly PartFindings[], stored: readonly CampaignDay[]): readonly ProjectionFault[] {
  const days = new Map<string, CampaignDay>();
  for (const { counts } of parts) {
    for (const [text, times] of counts) {
      const move = JSON.parse(text) as CountMove;
      const one = dayDelta(move);
      const delta = { ...one, silent: one.silent * times, handled: one.handled * times };
      const machines = { machines: one.machines * times, machinesHeard: one.machinesHeard * times };
      const all = { ...delta, ...machines, hungUp: one.hungUp * times };
      const key = projectionKey(move.campaign, move.day);
      const known = days.get(key);
      days.set(key, known === undefined ? all : addDays(known, all));
    }
  }
  for (const row of stored) {
    const key = projectionKey(row.campaign, row.day);
    const expected = days.get(key) ?? { ...row, silent: 0, handled: 0, machines: 0, machinesHeard: 0, hungUp: 0 };
    days.delete(key);
    for (const column of COUNTS) {
      if (row[column] !== expected[column]) {
        const problem = `${row.day} of campaign ${row.campaign}: ${column} is ${row[column]}, the ledger says ${expected[column]}`;
        return [{ table: 'campaign_days', problem }];
      }
    }
  }
  const lost = [...days.values()].find((day) => COUNTS.some((column) => day[column] !== 0));
  return lost === undefined
    ? []
    : [{ table: 'campaign_days', problem: `${lost.day} of campaign ${lost.campaign} is missing` }];
}

function campaignFaults(parts: readonly PartFindings[], stored: readonly CampaignStart[]): readonly ProjectionFault[] {
  const table = 'campaigns';
  const starts = new Map<string, CampaignStart>();
  for (const start of parts.flatMap((part) => part.starts)) {
    const known = starts.get(start.campaign);
    starts.set(start.campaign, known === undefined ? start : earlierStart(known, start));
  }
  for (const row of stored) {
    const start = starts.get(row.campaign);
    starts.delete(row.campaign);
    if (start === undefined) return [{ table, problem: `campaign ${row.campaign} has no decision in the ledger` }];
    for (const column of ['controller', 'firstDay', 'firstAt'] as const) {
      if (row[column] !== start[column]) {
        const problem = `campaign ${row.campaign}: ${column} is ${row[column]}, the ledger says ${start[column]}`;
        return [{ table, problem }];
      }
    }
  }
  return [...starts.keys()].slice(0, 1).map((campaign) => ({ table, problem: `campaign ${campaign} is missing` }));
}

function lockFaults(
  moves: readonly PlacedMove[],
  stored: readonly RecallLockRow[],
  now: WallMs,
): readonly ProjectionFault[] {
  const table = 'recall_locks';
  const byNumber = new Map<string, PlacedMove[]>();
  for (const move of moves) {
    const { scope, digests } = move.lock;
    for (const digest of digests) {
      const key = projectionKey(scope, digest);
      const of = byNumber.get(key);
      if (of === undefined) byNumber.set(key, [move]);
      else of.push(move);
    }
  }
  const rows = new Map<string, RecallLockRow[]>();
  for (const row of stored) {
    const key = projectionKey(row.scope, row.digest);
    rows.set(key, [...(rows.get(key) ?? []), row]);
  }
  for (const key of new Set([...byNumber.keys(), ...rows.keys()])) {
    const kept = rows.get(key) ?? [];
    const all = byNumber.get(key) ?? [];
    // Two processes may have written of one number at once; which came first, only the database knew.
    const severalChains = new Set(all.map(({ chain }) => chain)).size > 1;
    const orders = severalChains ? [0, -CLOCKS_APART_MS, CLOCKS_APART_MS] : [0];
    if (!orders.some((liftsLaterMs) => areKept(locksOf(all, key, liftsLaterMs), kept, now))) {
      const [scope, digest] = JSON.parse(key) as [string, string];
      return [{ table, problem: `the locks of number ${digest} in ${scope} are not those that the ledger says` }];
    }
  }
  return [];
}

function locksOf(moves: readonly PlacedMove[], key: string, liftsLaterMs: number): readonly RecallLockRow[] {
  const placed = inOrderOfChains(moves).map((move) => ({
    ...move,
    at: move.at + (move.lock.move === 'lift' ? liftsLaterMs : 0),
  }));
  placed.sort((a, b) => a.at - b.at || inTextOrder(a.chain, b.chain) || a.seq - b.seq);
  const locks = new Map<string, readonly RecallLockRow[]>();
  for (const move of placed) projectLock(locks, move.lock, move.callId);
  return locks.get(key) ?? [];
}

/** Within a chain the order is that of `seq`: a clock that was set back in between moves no entry before an earlier one. */
function inOrderOfChains(moves: readonly PlacedMove[]): readonly PlacedMove[] {
  const latest = new Map<string, number>();
  return [...moves]
    .sort((a, b) => inTextOrder(a.chain, b.chain) || a.seq - b.seq)
    .map((move) => {
      const at = Math.max(move.at, latest.get(move.chain) ?? 0);
      latest.set(move.chain, at);
      return { ...move, at };
    });
}

/** All of them are there, but for some that ended by the clock; and nothing else is. */
function areKept(locks: readonly RecallLockRow[], kept: readonly RecallLockRow[], now: WallMs): boolean {
  const texts = new Set(kept.map(textOf));
  const missing = locks.filter((lock) => !texts.delete(textOf(lock)));
  return texts.size === 0 && missing.every(({ after, until }) => after === 'free' && until < now);
}

function textOf({ callId, until, silentAt, after }: RecallLockRow): string {
  return JSON.stringify([callId, until, silentAt, after]);
}

function settingsFaults(
  parts: readonly PartFindings[],
  stored: ReadonlyMap<string, string>,
): readonly ProjectionFault[] {
  const last = new Map<string, { at: number; hashes: Set<string> }>();
  for (const { at, name, sha256 } of parts.flatMap(({ settings }) => settings)) {
    const known = last.get(name);
    // Of processes that started together either may have been the last.
    if (known === undefined || at > known.at + CLOCKS_APART_MS) last.set(name, { at, hashes: new Set([sha256]) });
    else known.hashes.add(sha256);
  }
  for (const name of new Set([...last.keys(), ...stored.keys()])) {
    if (!(last.get(name)?.hashes ?? new Set()).has(stored.get(name) ?? ''))
      return [{ table: 'settings_seen', problem: `what was last seen of ${name} is not what the ledger says` }];
  }
  return [];
}

/** Digests of numbers that have or had a lock: of them alone lifts matter. */
export function lockedNumbers(parts: readonly PartFindings[]): ReadonlySet<string> {
  return new Set(parts.flatMap(({ moves }) => moves.flatMap(({ lock }) => lock.digests)));
}

/** Whether a move is of one of these numbers. */
export function concerns({ lock }: PlacedMove, numbers: ReadonlySet<string>): boolean {
  return lock.digests.some((digest) => numbers.has(digest));
}
