import { describe, expect, it } from 'vitest';
import { AppError } from '../base/errors.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { SILENT_LOG } from '../testing/fake-ports.ts';
import type { RetentionLimits, Swept } from './privacy-port.ts';
import { createRetention } from './retention.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** A store that has so many batches of each sweep left, or fails. */
function stage(batches: (number | 'fails')[], periods = { numbersDays: 60, webhooksDays: 30 }) {
  const clock = fakeClock();
  const sweeps: { at: number; limits: RetentionLimits }[] = [];
  let noted = 0;
  const store = {
    async sweep(limits: RetentionLimits): Promise<Swept> {
      sweeps.push({ at: clock.monotonicMs(), limits });
      const left = batches[0] ?? 0;
      if (left === 'fails') {
        batches.shift();
        throw new AppError('store.cannot-read', 'no disk');
      }
      if (left <= 1) batches.shift();
      else batches[0] = left - 1;
      return { numbers: 1, webhooks: 0, locks: 0, more: left > 1 };
    },
    async noteNumberKeys() {
      noted += 1;
    },
  };
  const retention = createRetention({ store, periods, clock, log: SILENT_LOG });
  /** Moves time, and lets the promises between settle. */
  const pass = async (durationMs: number) => {
    clock.advance(durationMs);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { clock, sweeps, retention, pass, noted: () => noted };
}

describe('retention', () => {
  it('sweeps soon after the start, by the days of the settings, and again every hour', async () => {
    const { clock, sweeps, retention, pass, noted } = stage([]);
    const startedAt = clock.now().wallMs;
    retention.start();
    await pass(9_999);
    expect(sweeps).toEqual([]);
    await pass(1);
    const limits = {
      numbersBefore: startedAt + 10_000 - 60 * DAY_MS,
      webhooksBefore: startedAt + 10_000 - 30 * DAY_MS,
      // Not at once: a clock may be set back.
      locksBefore: startedAt + 10_000 - DAY_MS,
    };
    expect(sweeps).toEqual([{ at: 10_000, limits }]);
    await pass(HOUR_MS);
    expect(sweeps).toHaveLength(2);
    expect(noted(), 'notes of the keys in use').toBe(2);
  });

  it('goes on with the same limits, a pause between two batches, until nothing more is there', async () => {
    const { sweeps, retention, pass } = stage([3]);
    retention.start();
    await pass(10_000);
    await pass(100);
    await pass(100);
    await pass(100);
    expect(sweeps.map(({ at }) => at)).toEqual([10_000, 10_100, 10_200]);
    expect(new Set(sweeps.map(({ limits }) => limits.numbersBefore)).size).toBe(1);
  });

  it('keeps no webhook longer than the number that stands in it', async () => {
    const { sweeps, retention, pass } = stage([], { numbersDays: 7, webhooksDays: 30 });
    retention.start();
    await pass(10_000);
    expect(sweeps[0]?.limits.webhooksBefore).toBe(sweeps[0]?.limits.numbersBefore);
  });

  it('tries again an hour later when the database is gone', async () => {
    const { sweeps, retention, pass } = stage(['fails']);
    retention.start();
    await pass(10_000);
    await pass(HOUR_MS);
    expect(sweeps).toHaveLength(2);
  });

  it('leaves no timer when it is stopped, between two batches too', async () => {
    const { clock, retention, pass } = stage([3]);
    retention.start();
    await pass(10_000);
    retention.stop();
    expect(clock.pendingTimers()).toBe(0);
  });
});
