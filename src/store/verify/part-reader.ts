/** Reads parts of chains and checks them, by one connection. */
import type { LockMove } from '../../ledger/ledger-entry.ts';
import type { StoredCorrection } from '../../ledger/verify/correction-check.ts';
import { createLiftPlaces } from '../../ledger/verify/lift-places.ts';
import type { StoredOutcome } from '../../ledger/verify/outcome-check.ts';
import {
  type ChainPart,
  type PartFindings,
  type PlacedMove,
  type StoredEntry,
  startPartCheck,
} from '../../ledger/verify/range-check.ts';
import { concerns } from '../../ledger/verify/whole-check.ts';
import type { Connection } from '../connection.ts';
import { selectBodies, selectCorrectionRows, selectEntries, selectHash, selectOutcomes } from './ledger-reads.ts';

/** Keeps the places of the lifts in the parts it has checked, until they are asked for. */
export type PartReader = {
  check(part: Omit<ChainPart, 'prevHash'>): Promise<PartFindings>;
  /** Those that concern one of these numbers, named by their digests. */
  lifts(numbers: ReadonlySet<string>): Promise<readonly PlacedMove[]>;
};

/**
 * Entries that are read at once, half a megabyte with their rows: so few that their texts die young, before V8 has copied
 * them about.
 */
const READ_ENTRIES = 256;

/** See {@link PartReader}. */
export function createPartReader(connection: Connection, readEntries = READ_ENTRIES): PartReader {
  const places = createLiftPlaces();

  async function hashBefore({ chain, from }: Omit<ChainPart, 'prevHash'>): Promise<string | null> {
    if (from === 1) return '0'.repeat(64);
    const [before] = await connection.all(selectHash, { chain, seq: from - 1 });
    return before?.hash ?? null;
  }

  return {
    async check(part) {
      const check = startPartCheck({ ...part, prevHash: await hashBefore(part) }, places);
      let { from } = part;
      while (from <= part.to) {
        const slice = { ...part, from, limit: readEntries };
        const entries = (await connection.arrays(selectEntries, slice)) as unknown as StoredEntry[];
        // Where some are missing numbers may reach far: they are no measure of how much there is to read.
        const to = entries.length < readEntries ? part.to : (entries.at(-1)?.[0] ?? part.to);
        const [outcomes, corrections] = await Promise.all([
          connection.arrays(selectOutcomes, { ...slice, to }),
          connection.arrays(selectCorrectionRows, { ...slice, to }),
        ]);
        const rows = {
          ...{ entries, outcomes: outcomes as unknown as StoredOutcome[] },
          corrections: corrections as unknown as StoredCorrection[],
        };
        if (!check.take(rows, to)) break;
        from = to + 1;
      }
      return check.findings();
    },

    async lifts(numbers) {
      const found: PlacedMove[] = [];
      for (const { chain, seqs } of numbers.size === 0 ? [] : places.of(numbers)) {
        for (let at = 0; at < seqs.length; at += readEntries) {
          const some = JSON.stringify(seqs.slice(at, at + readEntries));
          for (const row of await connection.all(selectBodies, { chain, seqs: some })) {
            const { lock } = JSON.parse(row.body) as { readonly lock: LockMove };
            found.push({ at: row.at_ms, chain, seq: row.seq, callId: row.call_id ?? '', lock });
          }
        }
      }
      return found.filter((move) => concerns(move, numbers));
    },
  };
}
