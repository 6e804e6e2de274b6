/** Where each call enters its clip: by chance, and never twice in a row at the same place to one number. */
import { createHmac, createSecretKey } from 'node:crypto';
import { loopStartMs } from '../audio/loop-start.ts';
import type { Random } from '../base/random.ts';

/** Numbers remembered; at it the one called longest ago is forgotten. Some 5 MB, a busy day of one Brusio. */
export const NUMBERS_REMEMBERED_MAX = 100_000;

/** Chooses the starts. */
export type AmbienceStarts = {
  /** Where in `clip`, a loop of `durationMs`, a call to `number` begins, ms. */
  next(number: string, clip: string, durationMs: number): number;
};

/**
 * A memory that is empty.
 *
 * @param key of the hash under which numbers are kept: of this process alone, so that what it remembers names nobody
 */
export function createAmbienceStarts(
  random: Random,
  key: Buffer,
  numbersMax: number = NUMBERS_REMEMBERED_MAX,
): AmbienceStarts {
  // With plain octets every HMAC sets its key up anew, by way of an exception that Node throws and catches.
  const secret = createSecretKey(key);
  /** Oldest first. */
  const last = new Map<number, number>();
  return {
    next(number, clip, durationMs) {
      // 48 bits fit a number; two that collide cost nothing but a choice.
      const hash = createHmac('sha256', secret).update(`${clip} ${number}`).digest().readUIntBE(0, 6);
      const start = loopStartMs(random(), durationMs, last.get(hash) ?? null);
      last.delete(hash);
      last.set(hash, start);
      if (last.size > numbersMax) {
        const [oldest] = last.keys();
        if (oldest !== undefined) last.delete(oldest);
      }
      return start;
    },
  };
}
