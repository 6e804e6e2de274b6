/**
 * Where the entries stand that lift a number's locks. Every bridged call has one and few of their numbers ever had a lock, which
 * is known only once all entries are read: until then 12 octets of each are kept, and then those that matter are read again. Pure.
 */
import type { LockMove } from '../ledger-entry.ts';

/** See above. */
export type LiftPlaces = {
  /** `lock`: canonical JSON of the entry's move. */
  add(chain: string, seq: number, lock: string): void;
  /** By chain, in their order, the entries whose lift is of one of these numbers (by their digests); maybe some few more. */
  of(numbers: ReadonlySet<string>): readonly { readonly chain: string; readonly seqs: readonly number[] }[];
};

/** Of one chain: a word of each digest, and the entry's number. */
type Places = { words: Uint32Array; seqs: Float64Array; count: number };

const FIRST_ROOM = 1_024;

/** Nothing was added yet. */
export function createLiftPlaces(): LiftPlaces {
  const chains = new Map<string, Places>();

  return {
    add(chain, seq, lock) {
      let places = chains.get(chain);
      if (places === undefined) {
        places = { words: new Uint32Array(FIRST_ROOM), seqs: new Float64Array(FIRST_ROOM), count: 0 };
        chains.set(chain, places);
      }
      for (const digest of digestsOf(lock)) {
        if (places.count === places.seqs.length) grow(places);
        places.words[places.count] = wordOf(digest);
        places.seqs[places.count++] = seq;
      }
    },
    of(numbers) {
      const words = new Set([...numbers].map(wordOf));
      return [...chains].map(([chain, { words: kept, seqs, count }]) => {
        const found = new Set<number>();
        for (let n = 0; n < count; n++) if (words.has(kept[n] ?? 0)) found.add(seqs[n] ?? 0);
        return { chain, seqs: [...found].sort((a, b) => a - b) };
      });
    },
  };
}

function grow(places: Places): void {
  const { words, seqs, count } = places;
  places.words = new Uint32Array(count * 2);
  places.words.set(words);
  places.seqs = new Float64Array(count * 2);
  places.seqs.set(seqs);
}

/** One alone is the rule, and needs no parse. */
function digestsOf(lock: string): readonly string[] {
  const only = /"digests":\["([^"\\]+)"\]/.exec(lock)?.[1];
  return only === undefined ? (JSON.parse(lock) as LockMove).digests : [only];
}

/** FNV-1a, 32 bits. */
function wordOf(digest: string): number {
  let word = 0x811c9dc5;
  for (let at = 0; at < digest.length; at++) word = Math.imul(word ^ digest.charCodeAt(at), 0x01000193);
  return word >>> 0;
}
