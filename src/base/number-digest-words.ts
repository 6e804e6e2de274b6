/**
 * A number's digest for lists of ten million: the same HMAC-SHA256 as in `number-digest.ts`, its first 8 octets as two words.
 * With one HMAC object a number, most of the time and the memory went to the objects; two one-shot hashes (RFC 2104 §2:
 * H(K ⊕ opad, H(K ⊕ ipad, text))) over octets that are used again need neither. Pure.
 */
import { hash } from 'node:crypto';
import { assert } from './assert.ts';
import type { NumberKey } from './number-digest.ts';

/** SHA-256's block, to which HMAC fills the key up with zeros. */
const BLOCK_OCTETS = 64;
/** Octets of a hash. */
const HASH_OCTETS = 32;
/** Longest text: E.164 with its plus has 16 octets. */
const TEXT_OCTETS_MAX = 32;

/** Writes the digest of the text at `octets[start…end)` to `into`: its first four octets as a number, then the next four. */
export type DigestWords = (octets: Uint8Array, start: number, end: number, into: Uint32Array) => void;

/** @param key of at most {@link BLOCK_OCTETS} octets */
export function digestWords({ secret }: NumberKey): DigestWords {
  assert(secret.length <= BLOCK_OCTETS, 'a longer key would have to be hashed first');
  const padded = (pad: number, room: number) => {
    const block = Buffer.alloc(BLOCK_OCTETS + room, 0);
    block.fill(pad, 0, BLOCK_OCTETS);
    for (const [at, octet] of secret.entries()) block[at] = octet ^ pad;
    return block;
  };
  // One for each length of text, since a hash is of the whole buffer.
  const inner = Array.from({ length: TEXT_OCTETS_MAX + 1 }, (_, length) => padded(0x36, length));
  const outer = padded(0x5c, HASH_OCTETS);

  return (octets, start, end, into) => {
    const text = inner[end - start];
    assert(text !== undefined, 'the text is longer than a telephone number');
    for (let from = start, to = BLOCK_OCTETS; from < end; from++, to++) text[to] = octets[from] as number;
    outer.write(hash('sha256', text, 'binary'), BLOCK_OCTETS, 'latin1');
    const digest = hash('sha256', outer, 'binary');
    into[0] = wordAt(digest, 0);
    into[1] = wordAt(digest, 4);
  };
}

function wordAt(digest: string, at: number): number {
  return (
    (digest.charCodeAt(at) * 0x1000000 +
      (digest.charCodeAt(at + 1) << 16) +
      (digest.charCodeAt(at + 2) << 8) +
      digest.charCodeAt(at + 3)) >>>
    0
  );
}
