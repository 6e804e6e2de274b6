/**
 * Chance as an argument: the system's generator for identifiers and secrets, a seeded one for everything that must be
 * the same twice (tests, synthesis).
 */
import { randomBytes } from 'node:crypto';

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** `length` octets from the system's cryptographic generator. */
export function randomOctets(length: number): Buffer {
  return randomBytes(length);
}

/** A lower-case hexadecimal token of `length` octets: valid as a SIP token (RFC 3261 §25.1) and hard to guess. */
export function randomToken(length: number): string {
  return randomBytes(length).toString('hex');
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
