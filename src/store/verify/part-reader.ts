/** Reads parts of chains and checks them, by one connection. */
import type { StoredOutcome } from '../../ledger/verify/outcome-check.ts';
import {
  type ChainPart,
  checkPart,
  type PartFindings,
  type PlacedMove,
  type StoredCorrection,
} from '../../ledger/verify/range-check.ts';
import { concerns } from '../../ledger/verify/whole-check.ts';
import type { Connection } from '../connection.ts';
import { selectCorrectionRows, selectEntries, selectHash, selectOutcomes } from './ledger-reads.ts';

/** Keeps the lifts of the parts it has checked, until they are asked for. */
export type PartReader = {
  check(part: Omit<ChainPart, 'prevHash'>): Promise<PartFindings>;
  /** Those that concern one of these numbers, named by their digests. */
  lifts(numbers: ReadonlySet<string>): readonly PlacedMove[];
};

/** See {@link PartReader}. */
export function createPartReader(connection: Connection): PartReader {
  const lifts: PlacedMove[] = [];
  return {
    async check(part) {
      const [before, entries, outcomes, corrections] = await Promise.all([
        part.from === 1
          ? [{ hash: '0'.repeat(64) }]
          : connection.all(selectHash, { chain: part.chain, seq: part.from - 1 }),
        connection.all(selectEntries, part),
        connection.all(selectOutcomes, part),
        connection.all(selectCorrectionRows, part),
      ]);
      const findings = checkPart(
        { ...part, prevHash: before[0]?.hash ?? null },
        { entries, outcomes: outcomes as StoredOutcome[], corrections: corrections as StoredCorrection[] },
      );
      lifts.push(...findings.lifts);
      return { ...findings, lifts: [] };
    },
    lifts: (numbers) => (numbers.size === 0 ? [] : lifts.filter((move) => concerns(move, numbers))),
  };
}
