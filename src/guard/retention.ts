/** Drops what has been kept long enough: soon after the start, and then every hour, in batches with pauses between. */
import { addMs, type Clock, type Timer, type WallMs } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { PrivacyStore } from './privacy-port.ts';

/** `retention` of the settings. */
export type RetentionPeriods = { readonly numbersDays: number; readonly webhooksDays: number };

/** Sweeps until it is stopped. */
export type Retention = { start(): void; stop(): void };

/** After the start: calls that were left open are recorded first. */
const FIRST_SWEEP_AFTER_MS = 10_000;
const SWEEP_EVERY_MS = 3_600_000;
/** Between two batches: the groups that waited meanwhile are committed. */
const PAUSE_MS = 100;
const DAY_MS = 86_400_000;
/** A lock that ended is kept for so long, should the clock be set back. */
const ENDED_LOCKS_DAYS = 1;

/** What it works with. */
export type RetentionParts = {
  readonly store: Pick<PrivacyStore, 'sweep' | 'noteNumberKeys'>;
  readonly periods: RetentionPeriods;
  readonly clock: Clock;
  readonly log: Logger;
};

/** A sweeper that does nothing before `start`. */
export function createRetention({ store, periods, clock, log }: RetentionParts): Retention {
  let timer: Timer | null = null;
  let stopped = false;

  function after(durationMs: number, act: () => Promise<void>): void {
    if (!stopped) timer = clock.setTimer(addMs(clock.monotonicMs(), durationMs), () => void act());
  }

  async function sweepAll(): Promise<void> {
    const now = clock.now().wallMs;
    const before = (days: number) => (now - days * DAY_MS) as WallMs;
    const limits = {
      numbersBefore: before(periods.numbersDays),
      // A webhook has the number, masked: it stays no longer than the number does.
      webhooksBefore: before(Math.min(periods.webhooksDays, periods.numbersDays)),
      locksBefore: before(ENDED_LOCKS_DAYS),
    };
    let [numbers, webhooks, locks] = [0, 0, 0];
    const finish = () => {
      if (numbers + webhooks + locks > 0)
        log.info({ numbers, webhooks, locks }, 'retention: dropped what was kept long enough');
      after(SWEEP_EVERY_MS, sweepAll);
    };
    const batch = async (): Promise<void> => {
      try {
        const swept = await store.sweep(limits);
        numbers += swept.numbers;
        webhooks += swept.webhooks;
        locks += swept.locks;
        if (swept.more) return after(PAUSE_MS, batch);
        await store.noteNumberKeys();
      } catch (thrown) {
        log.warn({ problem: describeError(thrown) }, 'retention: not swept now, again in an hour');
      }
      finish();
    };
    await batch();
  }

  return {
    start: () => after(FIRST_SWEEP_AFTER_MS, sweepAll),
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
