import { randomOctets } from '../base/random.ts';

/** Makes a token (RFC 3261 §25.1) that nobody can guess: for branches, tags, Call-IDs and transaction ids. */
export type TokenSource = () => string;

/** Octets of one token: 64 bits, far more than live at once. */
const TOKEN_OCTETS = 8;

/** Tokens drawn from the system at once: one call of its generator costs more than slicing 512 tokens. */
const TOKENS_BATCH = 512;

/** Sixteen hexadecimal digits from the system's cryptographic generator. */
export function randomTokens(): TokenSource {
  let batch = '';
  let at = 0;
  return () => {
    if (at >= batch.length) {
      batch = randomOctets(TOKEN_OCTETS * TOKENS_BATCH).toString('hex');
      at = 0;
    }
    at += TOKEN_OCTETS * 2;
    // Joined into a string of its own, so that one live token does not keep the whole batch in memory.
    return `${batch.slice(at - TOKEN_OCTETS * 2, at - TOKEN_OCTETS)}${batch.slice(at - TOKEN_OCTETS, at)}`;
  };
}
