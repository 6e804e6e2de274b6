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

/** A reader that has read nothing. */
export function createFrameReader(): FrameReader {
  let pending: Buffer = Buffer.alloc(0);
  return {
    push(octets) {
      const all = pending.length === 0 ? octets : Buffer.concat([pending, octets]);
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
      pending = at === all.length ? Buffer.alloc(0) : all.subarray(at);
      return ok(messages);
    },
  };
}

const HASH = 0x23;
