/**
 * Checks every chain of a database and what is kept beside it, as it stood at one moment, by several threads at once. Only
 * reads; Brusio may be running.
 */
import { availableParallelism } from 'node:os';
import type { Clock } from '../../base/clock.ts';
import type { CampaignStart, RecallLockRow } from '../../ledger/projection.ts';
import type { LedgerFault, PartFindings } from '../../ledger/verify/range-check.ts';
import { rootFaults } from '../../ledger/verify/root-check.ts';
import {
  lockedNumbers,
  type ProjectionFault,
  projectionFaults,
  type StoredProjection,
} from '../../ledger/verify/whole-check.ts';
import type { Connection } from '../connection.ts';
import type { DatabasePlace } from '../database-place.ts';
import { selectSettingsSeen } from '../ledger-queries.ts';
import { selectDays, selectHash, selectLocks, selectReach, selectStarts, selectUnchained } from './ledger-reads.ts';
import { openForReading } from './open-for-reading.ts';
import { type Part, startVerifyThread, type VerifyThread, withoutThread } from './verify-thread.ts';

/** Entries that a thread reads at once: some 10 MB. */
const PART_ENTRIES = 5_000;
/** More threads than this only wait for the disk. */
const THREADS_MAX = 16;

/** One chain as it was found. */
export type ChainSummary = { readonly chain: string; readonly entries: number };

/** What was checked and found. */
export type LedgerReport = {
  readonly chains: readonly ChainSummary[];
  /** In all chains. */
  readonly entries: number;
  /** The first of each chain, in the order of chains. */
  readonly faults: readonly LedgerFault[];
  /** Of the tables beside the ledger; only looked for when every entry is good. */
  readonly tables: readonly ProjectionFault[];
  readonly roots: number;
  readonly timestamps: number;
  /** Outcomes that an older Brusio wrote, before there was a ledger. */
  readonly unchained: { readonly rows: number; readonly lastEndedAt: number | null };
};

/** How far it is: called from time to time. */
export type OnProgress = (checked: number, of: number) => void;

/** Rejects with AppError `store.cannot-open` or `store.cannot-read`. */
export async function verifyLedger(
  place: DatabasePlace,
  clock: Clock,
  onProgress: OnProgress = () => {},
  threadsMax = Math.min(THREADS_MAX, availableParallelism()),
): Promise<LedgerReport> {
  const connection = await openForReading(place, clock);
  try {
    const { parts, stored, chains, unchained } = await takeSnapshot(connection);
    const total = chains.reduce((sum, { entries }) => sum + entries, 0);
    const threads = await startThreads(place, connection, Math.ceil(total / PART_ENTRIES), threadsMax);
    try {
      const findings = await checkParts(threads, parts, (checked) => onProgress(checked, total));
      const faults = firstOfEachChain(findings);
      if (faults.length > 0) return { ...summaryOf(chains, findings, unchained), faults, tables: [] };
      const numbers = lockedNumbers(findings);
      const lifts = (await Promise.all(threads.map((thread) => thread.lifts(numbers)))).flat();
      const hashOf = async (chain: string, seq: number) =>
        (await connection.all(selectHash, { chain, seq }))[0]?.hash ?? null;
      return {
        ...summaryOf(chains, findings, unchained),
        faults: await rootFaults(placed(parts, findings), hashOf),
        tables: projectionFaults(findings, lifts, stored),
      };
    } finally {
      await Promise.all(threads.map((thread) => thread.close()));
    }
  } finally {
    await connection.close();
  }
}

type Unchained = LedgerReport['unchained'];

/** All of one moment: what is written while the entries are checked is of the next time. */
async function takeSnapshot(connection: Connection): Promise<{
  readonly parts: readonly Part[];
  readonly chains: readonly ChainSummary[];
  readonly stored: StoredProjection;
  readonly unchained: Unchained;
}> {
  await connection.execute(connection.kind === 'sqlite' ? 'BEGIN' : 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const reached = await connection.all(selectReach, {});
    const chains = reached.map(({ chain, entries }) => ({ chain: chain ?? '', entries: Number(entries) }));
    const settings = await connection.all(selectSettingsSeen, {});
    const [unchained] = await connection.all(selectUnchained, {});
    return {
      parts: reached.flatMap(({ chain, first, entries, last }) =>
        partsOf(chain ?? '', Math.min(1, Number(first)), Number(entries), Number(last)),
      ),
      chains,
      stored: {
        days: await connection.all(selectDays, {}),
        campaigns: (await connection.all(selectStarts, {})) as unknown as CampaignStart[],
        locks: (await connection.all(selectLocks, {})) as unknown as RecallLockRow[],
        settings: new Map(settings.map(({ name, sha256 }) => [name, sha256])),
      },
      unchained: {
        rows: Number(unchained?.rows ?? 0),
        lastEndedAt: unchained?.last_ended_at_ms === null ? null : Number(unchained?.last_ended_at_ms ?? 0),
      },
    };
  } finally {
    await connection.execute('COMMIT');
  }
}

/**
 * As many as there are entries, and one more for what lies behind where the last would be without gaps: a number that was
 * changed may be far away.
 */
function partsOf(chain: string, first: number, entries: number, last: number): readonly Part[] {
  const parts: Part[] = [];
  for (let from = first; from <= entries; from += PART_ENTRIES)
    parts.push({ chain, from, to: Math.min(entries, from + PART_ENTRIES - 1) });
  if (last > entries) parts.push({ chain, from: entries + 1, to: last });
  return parts;
}

async function checkParts(
  threads: readonly VerifyThread[],
  parts: readonly Part[],
  onChecked: (entries: number) => void,
): Promise<readonly PartFindings[]> {
  const findings: PartFindings[] = [];
  let next = 0;
  let checked = 0;
  async function work(thread: VerifyThread): Promise<void> {
    for (let index = next++; index < parts.length; index = next++) {
      const part = parts[index];
      if (part === undefined) return;
      findings[index] = await thread.check(part);
      checked += part.to - part.from + 1;
      onChecked(checked);
    }
  }
  await Promise.all(threads.map(work));
  return findings;
}

/** A ledger that is read at once or twice is checked sooner than a thread has started. */
function startThreads(
  place: DatabasePlace,
  connection: Connection,
  parts: number,
  threadsMax: number,
): Promise<readonly VerifyThread[]> {
  if (parts <= 2) return Promise.resolve([withoutThread(connection)]);
  return Promise.all(Array.from({ length: Math.min(parts, threadsMax) }, () => startVerifyThread(place)));
}

function firstOfEachChain(findings: readonly PartFindings[]): readonly LedgerFault[] {
  const first = new Map<string, LedgerFault>();
  for (const { fault } of findings) if (fault !== null && !first.has(fault.chain)) first.set(fault.chain, fault);
  return [...first.values()];
}

function placed(parts: readonly Part[], findings: readonly PartFindings[]) {
  return findings.map(({ roots, timestamps }, index) => ({ chain: parts[index]?.chain ?? '', roots, timestamps }));
}

function summaryOf(chains: readonly ChainSummary[], findings: readonly PartFindings[], unchained: Unchained) {
  return {
    ...{ chains, unchained, entries: findings.reduce((sum, { entries }) => sum + entries, 0) },
    roots: findings.reduce((sum, { roots }) => sum + roots.length, 0),
    timestamps: findings.reduce((sum, { timestamps }) => sum + timestamps.length, 0),
  };
}
