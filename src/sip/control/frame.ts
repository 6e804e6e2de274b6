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
  let pending = '';
  return {
    push(octets) {
      pending += octets.toString('latin1');
      const messages: string[] = [];
      let at = 0;
      for (;;) {
        const hash = pending.indexOf('#', at);
        if (hash < 0 ? pending.length - at > LENGTH_DIGITS_MAX : hash - at > LENGTH_DIGITS_MAX) {
          return refused(`no frame length in ${LENGTH_DIGITS_MAX} digits`);
        }
        if (hash < 0) break;
        const digits = pending.slice(at, hash);
        if (!/^[1-9]\d*$/.test(digits)) return refused('frame length is no number');
        const end = hash + 1 + Number(digits);
        if (end > pending.length) break;
        messages.push(pending.slice(hash + 1, end));
        at = end;
      }
      if (at > 0) pending = pending.slice(at);
      return ok(messages);
    },
  };
}
