/**
 * Chance as an argument: the system's generator for identifiers and secrets, a seeded one for everything that must be
 * the same twice (tests, synthesis).
 */
import { randomFillSync } from 'node:crypto';

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** Drawn at once: a call takes half a dozen identifiers, and asking the generator for each costs more than the octets. */
const BATCH_OCTETS = 4096;

const batch = Buffer.alloc(BATCH_OCTETS);
let taken = BATCH_OCTETS;

/** `length` octets from the system's cryptographic generator, the caller's own. */
export function randomOctets(length: number): Buffer {
  const octets = Buffer.allocUnsafe(length);
  if (length > BATCH_OCTETS / 4) return randomFillSync(octets);
  if (taken + length > BATCH_OCTETS) {
    randomFillSync(batch);
    taken = 0;
  }
  batch.copy(octets, 0, taken, taken + length);
  // What was given away may be a secret: it stays nowhere else.
  batch.fill(0, taken, taken + length);
  taken += length;
  return octets;
}

/** A lower-case hexadecimal token of `length` octets: valid as a SIP token (RFC 3261 §25.1) and hard to guess. */
export function randomToken(length: number): string {
  return randomOctets(length).toString('hex');
}

/**
 * The mulberry32 generator: 32 bits of state, the same sequence for the same seed on every machine. Not for secrets.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
