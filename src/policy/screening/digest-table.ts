/**
 * A set of 8-octet digests, made for ten million: open addressing in typed arrays, 8 octets a slot, no object and no BigInt
 * for a digest. It is kept in parts by the digests' first octet, so that each part grows (and is sorted) by itself and the set
 * is never held twice. Pure.
 */

/** A digest as two words: its first and its last four octets, unsigned. */
export type DigestTable = {
  /** False when it was there already. */
  add(high: number, low: number): boolean;
  size(): number;
  /**
   * All of them in ascending order as octets, 8 each; a part at a time, whose octets belong to the caller until the next is
   * asked for. The table is spent.
   */
  drain(): Generator<Uint8Array>;
};

const PARTS = 256;
/** Slots of a new part. */
const SLOTS_MIN = 300;
/** A part grows by this factor when it is filled to that share: three quarters of the slots are in use in the mean. */
const GROWTH = 1.25;
const FILL_MAX = 0.85;

/** BigUint64Array has the machine's byte order; here is which of a digest's two words its first four octets are. */
const HIGH = new Uint32Array(new BigUint64Array([1n]).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;

type Part = { words: Uint32Array<ArrayBuffer>; slots: number; used: number; usedMax: number };

/** An empty set. */
export function createDigestTable(): DigestTable {
  const parts = Array.from({ length: PARTS }, () => emptyPart(SLOTS_MIN));
  // No digest is all zeros in an empty slot's place: this one is kept apart.
  let hasZero = false;
  let size = 0;

  function add(high: number, low: number): boolean {
    if (high === 0 && low === 0) {
      const isNew = !hasZero;
      hasZero = true;
      if (isNew) size += 1;
      return isNew;
    }
    const part = parts[high >>> 24] as Part;
    if (!place(part, high, low)) return false;
    part.used += 1;
    size += 1;
    if (part.used > part.usedMax) grow(part);
    return true;
  }

  return {
    add,
    size: () => size,
    *drain() {
      for (const [index, part] of parts.entries()) {
        const count = compact(part);
        const extra = index === 0 && hasZero ? 8 : 0;
        const digests = new BigUint64Array(part.words.buffer, 0, count).sort();
        const octets = Buffer.from(digests.buffer, 0, count * 8);
        if (HIGH === 1) octets.swap64();
        yield extra === 0 ? octets : Buffer.concat([Buffer.alloc(extra), octets]);
        part.words.buffer.transfer(0);
        Object.assign(part, emptyPart(1));
      }
      hasZero = false;
      size = 0;
    },
  };
}

function emptyPart(slots: number): Part {
  return { words: new Uint32Array(2 * slots), slots, used: 0, usedMax: Math.floor(slots * FILL_MAX) };
}

/** Linear probing from a slot that the digest's last octets choose; the first octet chose the part. */
function place({ words, slots }: Part, high: number, low: number): boolean {
  // 24 bits: small integers, whose remainder is one machine instruction.
  let slot = (low >>> 8) % slots;
  for (;;) {
    const a = words[2 * slot + HIGH] as number;
    const b = words[2 * slot + LOW] as number;
    if (a === 0 && b === 0) break;
    if (a === high && b === low) return false;
    slot = slot + 1 === slots ? 0 : slot + 1;
  }
  words[2 * slot + HIGH] = high;
  words[2 * slot + LOW] = low;
  return true;
}

function grow(part: Part): void {
  const { words, used } = part;
  const larger = emptyPart(Math.ceil(part.slots * GROWTH));
  for (let at = 0; at < words.length; at += 2) {
    const high = words[at + HIGH] as number;
    const low = words[at + LOW] as number;
    if (high !== 0 || low !== 0) place(larger, high, low);
  }
  Object.assign(part, larger, { used });
  // Given back at once: until a collection came, the memory of several growths would be held.
  words.buffer.transfer(0);
}

/** Moves the used slots to the front; answers how many they are. */
function compact({ words }: Part): number {
  let to = 0;
  for (let at = 0; at < words.length; at += 2) {
    const first = words[at] as number;
    const second = words[at + 1] as number;
    if (first === 0 && second === 0) continue;
    words[to] = first;
    words[to + 1] = second;
    to += 2;
  }
  return to / 2;
}
