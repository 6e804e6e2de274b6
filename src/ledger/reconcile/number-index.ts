/**
 * Which numbers a CDR file has, each with its place from 0, found again by their digests under every key. Open addressing in typed
 * arrays: a million numbers under two keys are some 50 MB, where a Map takes several times that. Pure.
 */
import type { DigestWords } from '../../base/number-digest-words.ts';

const INITIAL_SLOTS = 1 << 12;
/** Of the slots at most so many are taken. */
const LOAD_MAX = 0.6;
/** E.164 with its plus. */
const NUMBER_OCTETS = 24;

/** Numbers of a file. */
export type NumberIndex = {
  /** The place of a number, which is taken in if it is new. `number`: E.164 with its plus. */
  placeOf(number: string): number;
  /** The place of the number with this digest (hexadecimal) under any key; −1: none has it. */
  placeOfDigest(digest: string): number;
  /** With its plus. */
  numberAt(place: number): string;
  size(): number;
};

/** @param digests one for each key that is kept */
export function createNumberIndex(digests: readonly DigestWords[]): NumberIndex {
  const byNumber = createSlots();
  const byDigest = createSlots();
  // Up to 15 digits are exact in a double (2^53 is over 9·10^15).
  let numbers = new Float64Array(INITIAL_SLOTS);
  let count = 0;
  const octets = Buffer.alloc(NUMBER_OCTETS);
  const words = new Uint32Array(2);

  return {
    placeOf(number) {
      const value = Number(number.slice(1));
      const known = byNumber.get(value);
      if (known !== -1) return known;
      const place = count++;
      if (place === numbers.length) numbers = grown(numbers);
      numbers[place] = value;
      byNumber.set(value, place);
      const end = octets.write(number, 0, 'latin1');
      for (const digest of digests) {
        digest(octets, 0, end, words);
        byDigest.set(keyOf(words[0] as number, words[1] as number), place);
      }
      return place;
    },
    placeOfDigest: (digest) =>
      byDigest.get(keyOf(Number.parseInt(digest.slice(0, 8), 16), Number.parseInt(digest.slice(8, 16), 16))),
    numberAt: (place) => `+${numbers[place]}`,
    size: () => count,
  };
}

/** 53 bits of a digest: of a million numbers two share them with a chance of 10⁻⁴, and only times that agree would pair them. */
function keyOf(first: number, second: number): number {
  return first * 0x200000 + (second >>> 11);
}

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * array.length);
  larger.set(array);
  return larger;
}

/** From whole numbers of up to 53 bits to places; −1: not there. */
function createSlots() {
  let keys = new Float64Array(INITIAL_SLOTS).fill(-1);
  let places = new Int32Array(INITIAL_SLOTS);
  let taken = 0;

  const slotOf = (key: number): number => {
    const mask = keys.length - 1;
    let slot = scattered(key) & mask;
    while (keys[slot] !== -1 && keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  };
  function set(key: number, place: number): void {
    const slot = slotOf(key);
    if (keys[slot] === -1) taken += 1;
    keys[slot] = key;
    places[slot] = place;
    if (taken > keys.length * LOAD_MAX) enlarge();
  }
  function enlarge(): void {
    const [oldKeys, oldPlaces] = [keys, places];
    keys = new Float64Array(2 * oldKeys.length).fill(-1);
    places = new Int32Array(2 * oldKeys.length);
    taken = 0;
    for (let slot = 0; slot < oldKeys.length; slot++)
      if (oldKeys[slot] !== -1) set(oldKeys[slot] as number, oldPlaces[slot] as number);
  }
  return {
    set,
    get(key: number): number {
      const slot = slotOf(key);
      return keys[slot] === -1 ? -1 : (places[slot] as number);
    },
  };
}

/** Numbers of one exchange differ in their last digits alone: the bits are mixed (MurmurHash3's finalizer). */
function scattered(key: number): number {
  let hash = (key >>> 0) ^ Math.floor(key / 0x100000000);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
