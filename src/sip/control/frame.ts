import { ok, type Result, refused } from '../../base/result.ts';

/**
 * Frames of the drachtio control protocol: `<decimal length in octets>#<message>`, back to back, no terminator.
 */

/** Digits of a length: the protocol's own limit, 99,999 octets. */
const LENGTH_DIGITS_MAX = 5;

/** One frame around octet text. */
export function frame(message: string): string {
  return `${message.length}#${message}`;
}

/** Cuts a stream into messages; a problem is final, the connection is out of step. */
export type FrameReader = { push(octets: Buffer): Result<string[], string> };

/** A reader that has read nothing. Its cost is linear in the octets, however small the pieces they come in. */
export function createFrameReader(): FrameReader {
  /** The start of a frame whose rest has not come, `used` octets of it; room for twice as much whenever it grows. */
  let store: Buffer = Buffer.alloc(0);
  let used = 0;

  const joined = (octets: Buffer): Buffer => {
    if (used === 0) return octets;
    if (used + octets.length > store.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (used + octets.length));
      store.copy(larger, 0, 0, used);
      store = larger;
    }
    octets.copy(store, used);
    return store.subarray(0, used + octets.length);
  };

  const keep = (all: Buffer, from: number) => {
    const rest = all.length - from;
    if (rest === 0) store = Buffer.alloc(0);
    else if (used === 0) store = Buffer.from(all.subarray(from));
    else if (from > 0) all.copy(store, 0, from);
    used = rest;
  };

  return {
    push(octets) {
      const all = joined(octets);
      const messages: string[] = [];
      let at = 0;
      for (;;) {
        const hash = all.subarray(at, at + LENGTH_DIGITS_MAX + 1).indexOf(HASH);
        if (hash < 0 && all.length - at > LENGTH_DIGITS_MAX)
          return refused(`no frame length in ${LENGTH_DIGITS_MAX} digits`);
        if (hash < 0) break;
        const digits = all.toString('latin1', at, at + hash);
        if (!/^[1-9]\d*$/.test(digits)) return refused('frame length is no number');
        const start = at + hash + 1;
        const end = start + Number(digits);
        if (end > all.length) break;
        // Each message a string of its own: a slice of a common one would keep all of it in memory.
        messages.push(all.toString('latin1', start, end));
        at = end;
      }
      keep(all, at);
      return ok(messages);
    },
  };
}

const HASH = 0x23;
