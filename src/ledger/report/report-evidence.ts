/** Where in the ledger the calls of a report stand, and whether rows, ledger and kept counts say the same. Pure. */
import { inTextOrder } from '../../base/text-order.ts';
import type { CountMove, LedgerPosition } from '../ledger-entry.ts';
import { addDays, type CampaignDay, dayDelta } from '../projection.ts';

/** An entry about a call of the report. */
export type EvidenceEntry = LedgerPosition & { readonly count: CountMove | null };

/** The entries of one chain that tell of the report's calls. */
export type LedgerRange = {
  readonly chain: string;
  readonly first: number;
  readonly last: number;
  /** SHA-256 of entry `last`, which fixes every entry of the chain up to it. */
  readonly lastHash: string;
  /** So many of the entries in between are of this report's calls. */
  readonly entries: number;
};

/** Counts of one day, by whom they were counted. */
export type DayCounts = Omit<CampaignDay, 'campaign' | 'machinesHeard'>;

/** What three ways of counting give, and where they differ. */
export type Agreement = {
  readonly agrees: boolean;
  /** By the rows of outcomes, by the ledger's entries about these calls, and as kept day by day. */
  readonly rows: SumOfDays;
  readonly ledger: SumOfDays;
  readonly projection: SumOfDays;
  /** In words; the first {@link DIFFERENCES_MAX}. */
  readonly differences: readonly string[];
};

/** See {@link DayCounts}. */
export type SumOfDays = {
  readonly silent: number;
  readonly handled: number;
  readonly machines: number;
  readonly hungUp: number;
};

/** Differences that are told one by one. */
export const DIFFERENCES_MAX = 100;

/** Collects evidence. */
export type EvidenceCollector = {
  entry(entry: EvidenceEntry): void;
  /** A row that names its entry; `found`: the hash of that entry, null when it is not there. */
  row(callId: string, position: LedgerPosition | null, found: string | null): void;
  ranges(): readonly LedgerRange[];
  agreement(rows: readonly DayCounts[], projection: readonly DayCounts[]): Agreement;
};

/** @param campaign whose counts the entries move */
export function createEvidence(campaign: string): EvidenceCollector {
  const ranges = new Map<string, { first: number; last: number; lastHash: string; entries: number }>();
  const days = new Map<string, CampaignDay>();
  const differences: string[] = [];
  let differing = 0;

  function differ(problem: string): void {
    differing++;
    if (differences.length < DIFFERENCES_MAX) differences.push(problem);
  }

  return {
    entry({ chain, seq, hash, count }) {
      const range = ranges.get(chain);
      if (range === undefined) ranges.set(chain, { first: seq, last: seq, lastHash: hash, entries: 1 });
      else {
        range.entries++;
        range.first = Math.min(range.first, seq);
        if (seq > range.last) Object.assign(range, { last: seq, lastHash: hash });
      }
      if (count === null) return;
      if (count.campaign !== campaign)
        differ(`entry ${seq} of chain ${chain} counts a call for campaign ${count.campaign}`);
      const delta = dayDelta(count);
      const known = days.get(delta.day);
      days.set(delta.day, known === undefined ? delta : addDays(known, delta));
    },
    row(callId, position, found) {
      if (position === null) differ(`call ${callId} has no entry in the ledger: it is of a time before there was one`);
      else if (found === null)
        differ(`call ${callId}: its entry ${position.seq} of chain ${position.chain} is not in the ledger`);
      else if (found !== position.hash)
        differ(
          `call ${callId}: its entry ${position.seq} of chain ${position.chain} has another hash than its row says`,
        );
    },
    ranges: () =>
      [...ranges]
        .map(([chain, range]) => ({ chain, ...range }))
        .sort((one, other) => inTextOrder(one.chain, other.chain)),
    agreement(rows, projection) {
      const ledger = [...days.values()];
      const by = { rows: byDay(rows), ledger: byDay(ledger), 'kept counts': byDay(projection) };
      for (const day of [...new Set([...rows, ...ledger, ...projection].map((one) => one.day))].sort()) {
        const said = Object.entries(by).map(([who, counts]) => `${who} ${textOf(counts.get(day))}`);
        if (new Set(Object.values(by).map((counts) => textOf(counts.get(day)))).size > 1)
          differ(`${day}: NA/NB, machines, hang-ups: ${said.join('; ')}`);
      }
      return {
        agrees: differing === 0,
        ...{ rows: sumOf(rows), ledger: sumOf(ledger), projection: sumOf(projection) },
        differences:
          differing > DIFFERENCES_MAX ? [...differences, `and ${differing - DIFFERENCES_MAX} more`] : differences,
      };
    },
  };
}

function byDay(days: readonly DayCounts[]): ReadonlyMap<string, DayCounts> {
  return new Map(days.map((one) => [one.day, one]));
}

/** A day on which nothing was counted may have a row or none. */
function textOf(counts: DayCounts | undefined): string {
  const { silent, handled, machines, hungUp } = counts ?? NOTHING;
  return `${silent}/${handled}, ${machines}, ${hungUp}`;
}

const NOTHING: SumOfDays = { silent: 0, handled: 0, machines: 0, hungUp: 0 };

function sumOf(days: readonly SumOfDays[]): SumOfDays {
  return days.reduce(
    (sum, { silent, handled, machines, hungUp }) => ({
      silent: sum.silent + silent,
      handled: sum.handled + handled,
      machines: sum.machines + machines,
      hungUp: sum.hungUp + hungUp,
    }),
    NOTHING,
  );
}
