/**
 * Checks every chain of a database and what is kept beside it, as it stood at one moment, by several threads at once. Only
 * reads; Brusio may be running.
 */
import { availableParallelism } from 'node:os';
import type { Clock } from '../../base/clock.ts';
import type { OptOutRow } from '../../ledger/opt-out.ts';
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
import { startTreesCheck, type TreesCheck } from './check-trees.ts';
import {
  selectDays,
  selectHash,
  selectLastUnchained,
  selectLocks,
  selectOptOutRows,
  selectOutcomeCounts,
  selectReach,
  selectStarts,
} from './ledger-reads.ts';
import { openForReading } from './open-for-reading.ts';
import { type Part, startVerifyThread, type VerifyThread, withoutThread } from './verify-thread.ts';

/** Entries that a thread checks on its own. */
const PART_ENTRIES = 4_096;
/** More threads than this only wait for the disk. */
const THREADS_MAX = 16;

/** Of an entry, that a query can ask for exactly. */
const NUMBER_MAX = Number.MAX_SAFE_INTEGER;

const NO_HASHES = new Uint8Array(0);

/** How the work is cut up: for tests and measurements. */
export type VerifyOptions = {
  /** 0: without a thread, by the connection that reads the tables. */
  readonly threads?: number;
  readonly partEntries?: number;
  /** That are read at once; without a thread alone. */
  readonly readEntries?: number;
};

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
  options: VerifyOptions = {},
): Promise<LedgerReport> {
  const { partEntries = PART_ENTRIES } = options;
  const connection = await openForReading(place, clock);
  try {
    const { stored, chains, unchained, ...snapshot } = await takeSnapshot(connection, partEntries);
    const trees = await startTreesCheck(connection);
    const parts = snapshot.parts.map((part) => ({
      ...part,
      hashes: part.hashes && trees.wants(part.chain, part.from),
    }));
    const total = chains.reduce((sum, { entries }) => sum + entries, 0);
    const threads = await startThreads(place, connection, Math.ceil(total / partEntries), options);
    try {
      const findings = await checkParts(threads, parts, trees, (checked) => onProgress(checked, total));
      const faults = firstOfEachChain(findings);
      if (faults.length > 0) return { ...summaryOf(chains, findings, unchained), faults, tables: [] };
      const numbers = lockedNumbers(findings);
      const lifts = (await Promise.all(threads.map((thread) => thread.lifts(numbers)))).flat();
      const hashOf = async (chain: string, seq: number) =>
        (await connection.all(selectHash, { chain, seq }))[0]?.hash ?? null;
      return {
        ...summaryOf(chains, findings, unchained),
        faults: [...(await rootFaults(placed(parts, findings), hashOf)), ...trees.faults()],
        tables: projectionFaults(findings, lifts, stored, clock.now().wallMs),
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
async function takeSnapshot(
  connection: Connection,
  partEntries: number,
): Promise<{
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
    return {
      parts: reached.flatMap(({ chain, first, entries, last }) =>
        partsOf(chain ?? '', Number(first), Number(entries), Number(last), partEntries),
      ),
      chains,
      stored: {
        days: await connection.all(selectDays, {}),
        campaigns: (await connection.all(selectStarts, {})) as unknown as CampaignStart[],
        locks: (await connection.all(selectLocks, {})) as unknown as RecallLockRow[],
        optOuts: (await connection.all(selectOptOutRows, {})) as unknown as OptOutRow[],
        settings: new Map(settings.map(({ name, sha256 }) => [name, sha256])),
      },
      unchained: await readUnchained(connection),
    };
  } finally {
    await connection.execute('COMMIT');
  }
}

async function readUnchained(connection: Connection): Promise<Unchained> {
  const [counts] = await connection.all(selectOutcomeCounts, {});
  const rows = Number(counts?.outcomes ?? 0) - Number(counts?.chained ?? 0);
  if (rows === 0) return { rows, lastEndedAt: null };
  const [last] = await connection.all(selectLastUnchained, {});
  return { rows, lastEndedAt: last?.last_ended_at_ms ?? null };
}

/**
 * As many as there are entries, and one more for what lies behind where the last would be without gaps, and one before the
 * first: a number that was changed may be far away, so far that no exact number names it, and there is one fault to find.
 */
function partsOf(chain: string, first: number, entries: number, last: number, partEntries: number): readonly Part[] {
  const parts: Part[] = [];
  if (first < 1) parts.push({ chain, from: first, to: 0, hashes: false });
  for (let from = 1; from <= entries; from += partEntries)
    parts.push({ chain, from, to: Math.min(entries, from + partEntries - 1), hashes: true });
  if (last > entries) parts.push({ chain, from: entries + 1, to: Math.min(last, NUMBER_MAX), hashes: false });
  return parts;
}

async function checkParts(
  threads: readonly VerifyThread[],
  parts: readonly Part[],
  trees: TreesCheck,
  onChecked: (entries: number) => void,
): Promise<readonly PartFindings[]> {
  const findings: PartFindings[] = [];
  let next = 0;
  let checked = 0;
  let inTrees = 0;
  async function work(thread: VerifyThread): Promise<void> {
    for (let index = next++; index < parts.length; index = next++) {
      const part = parts[index];
      if (part === undefined) return;
      const found = await thread.check(part);
      findings[index] = found;
      checked += found.entries;
      onChecked(checked);
      takeTrees();
    }
  }
  // Trees grow in the order of entries: the hashes of a part wait for those before them, and are dropped.
  function takeTrees(): void {
    for (let found = findings[inTrees]; found !== undefined; found = findings[++inTrees]) {
      trees.take(parts[inTrees]?.chain ?? '', found.hashes);
      findings[inTrees] = { ...found, hashes: NO_HASHES };
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
  { threads = Math.min(THREADS_MAX, availableParallelism()), readEntries }: VerifyOptions,
): Promise<readonly VerifyThread[]> {
  if (parts <= 2 || threads === 0) return Promise.resolve([withoutThread(connection, readEntries)]);
  return Promise.all(Array.from({ length: Math.min(parts, threads) }, () => startVerifyThread(place)));
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
