/** Sorted 8-octet digests cut into blocks, as the database keeps them, and the search in one. Pure. */

/** Octets of a number's digest in a list: its first 8. Of ten million, another number is found in error with 1 to 2·10¹². */
export const LIST_DIGEST_OCTETS = 8;

/** Digests of a block: with its row's other columns it fills one page of 4,096 octets in SQLite, and two never. */
export const BLOCK_DIGESTS_MAX = 496;

/** A run of digests: `first` is the first of them, 16 hexadecimal digits; no block of a list begins between its digests. */
export type DigestBlock = { readonly first: string; readonly digests: Uint8Array };

/** Cuts ascending digests, which come in pieces of any whole number of them, into full blocks and a last one. */
export function* digestBlocks(pieces: Iterable<Uint8Array>): Generator<DigestBlock> {
  const octetsMax = BLOCK_DIGESTS_MAX * LIST_DIGEST_OCTETS;
  let block = Buffer.alloc(octetsMax);
  let filled = 0;
  for (const piece of pieces) {
    for (let from = 0; from < piece.length; ) {
      const taken = Math.min(octetsMax - filled, piece.length - from);
      block.set(piece.subarray(from, from + taken), filled);
      from += taken;
      filled += taken;
      if (filled < octetsMax) continue;
      yield asBlock(block);
      block = Buffer.alloc(octetsMax);
      filled = 0;
    }
  }
  if (filled > 0) yield asBlock(block.subarray(0, filled));
}

function asBlock(digests: Buffer): DigestBlock {
  return { first: digests.toString('hex', 0, LIST_DIGEST_OCTETS), digests };
}

/** The key by which a list knows a number's digest: its first 16 hexadecimal digits. */
export function listKey(digest: string): string {
  return digest.slice(0, 2 * LIST_DIGEST_OCTETS);
}

/** Whether a block holds the digest of 8 octets. */
export function blockHolds(digests: Uint8Array, wanted: Uint8Array): boolean {
  let from = 0;
  let to = Math.floor(digests.length / LIST_DIGEST_OCTETS);
  while (from < to) {
    const middle = (from + to) >>> 1;
    const at = middle * LIST_DIGEST_OCTETS;
    const order = Buffer.compare(digests.subarray(at, at + LIST_DIGEST_OCTETS), wanted);
    if (order === 0) return true;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  return false;
}
