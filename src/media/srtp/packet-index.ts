/**
 * The 48-bit index of an SRTP packet, of which the packet carries the lower 16 bits: the rollover counter is counted at
 * both ends (RFC 3711 §3.3.1). Kept as a number, which is exact up to 2^53.
 */

const SEQUENCES = 0x1_0000;

/** RFC 3711 §9.2: after so many packets a key is used up. */
export const INDEX_END = 2 ** 48;

/**
 * The index that a sequence number most likely stands for.
 *
 * @param highest the highest index so far, -1 for none
 * @param firstRollover what the counter was said to be when there is none
 * @returns -1 for an index before the first packet
 */
export function packetIndex(sequence: number, highest: number, firstRollover = 0): number {
  if (highest < 0) return firstRollover * SEQUENCES + sequence;
  const last = highest % SEQUENCES;
  const rollover = (highest - last) / SEQUENCES;
  let guessed = rollover;
  if (last < SEQUENCES / 2) {
    if (sequence - last > SEQUENCES / 2) guessed = rollover - 1;
  } else if (last - SEQUENCES / 2 > sequence) {
    guessed = rollover + 1;
  }
  return guessed < 0 ? -1 : guessed * SEQUENCES + sequence;
}

/** Its upper 32 bits. */
export function rolloverOf(index: number): number {
  return Math.floor(index / SEQUENCES);
}
