import { describe, expect, it } from 'vitest';
import { playFire } from './testing/fire/fire-run.ts';

/** How many seeds are played; `BRUSIO_FIRE_SEEDS` for a longer night. */
const SEEDS = Number(process.env.BRUSIO_FIRE_SEEDS ?? 2_000);

/** One seed alone, to see again what it did: `BRUSIO_FIRE_SEED=4711 vitest run src/sip/core-under-fire.test.ts`. */
const ONE_SEED = process.env.BRUSIO_FIRE_SEED;

/** Failing seeds reported at once. */
const REPORTS_MAX = 20;

describe('RFC 3261, 3262, 3311 and 4028 under fire', () => {
  it('every transaction and dialog ends, every 2xx is acknowledged or hung up, every thing is told once, in order', () => {
    const seeds = ONE_SEED === undefined ? Array.from({ length: SEEDS }, (_, index) => index + 1) : [Number(ONE_SEED)];
    const failures: string[] = [];
    const seen = new Set<string>();
    for (const seed of seeds) {
      const report = playFire(seed);
      for (const kind of report.seen) seen.add(kind);
      if (report.problems.length > 0) failures.push(`BRUSIO_FIRE_SEED=${seed}: ${report.problems.join('; ')}`);
      if (failures.length >= REPORTS_MAX) break;
    }
    expect(failures.join('\n')).toBe('');
    // The seeds must have led through every kind of call, or the above says nothing.
    if (ONE_SEED === undefined) expect([...seen]).toEqual(expect.arrayContaining(EXPECTED));
  }, 3_600_000);
});

const EXPECTED = [
  ...['INVITE', 'ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE', 'INFO', 'OPTIONS'],
  ...['180 INVITE', '183 INVITE', '200 INVITE', '486 INVITE', '487 INVITE', '488 INVITE', '491 INVITE', '500 INVITE'],
  ...['504 INVITE', '422 INVITE', '503 INVITE', '200 PRACK', '481 PRACK', '200 UPDATE', '491 UPDATE', '500 UPDATE'],
  ...['200 BYE', '481 BYE', '200 CANCEL', '481 CANCEL'],
];
