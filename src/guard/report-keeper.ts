/** Sees to it that the report of every day and window is made once it is over, also of those that ended while nobody ran. */
import { addMs, type Clock, type Timer } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import { addDays, localTimeOf, wallOf } from '../base/local-time.ts';
import type { Logger } from '../base/log.ts';
import { CORRECTION_PERIOD_MS } from '../policy/correction-period.ts';
import type { Reports } from './report-port.ts';

/** Looks until it is stopped. */
export type ReportKeeper = { start(): void; stop(): void };

/** What it works with. */
export type ReportKeeperParts = {
  readonly reports: Pick<Reports, 'makeDue'>;
  /** IANA name: soon after its midnights most reports are due. */
  readonly timeZone: string;
  readonly clock: Clock;
  readonly log: Logger;
};

/** After the start: calls that were left open are recorded first. */
const FIRST_LOOK_AFTER_MS = 60_000;
/** What ends at another midnight, was corrected late, or could not be made, is found then. */
const LOOK_EVERY_MS = 3_600_000;
/** Between two batches, ms: others have the machine to themselves. */
const PAUSE_MS = 1_000;
/** After the corrections of a day are over, ms. */
const AFTER_MIDNIGHT_MS = CORRECTION_PERIOD_MS + 120_000;

/** A keeper that does nothing before `start`. */
export function createReportKeeper({ reports, timeZone, clock, log }: ReportKeeperParts): ReportKeeper {
  let timer: Timer | null = null;
  let stopped = false;

  function after(durationMs: number): void {
    if (!stopped) timer = clock.setTimer(addMs(clock.monotonicMs(), durationMs), () => void look());
  }

  async function look(): Promise<void> {
    try {
      const { made, more } = await reports.makeDue();
      if (made > 0) log.info({ reports: made }, 'reports: made, signed and kept');
      if (more) return after(PAUSE_MS);
    } catch (thrown) {
      log.warn({ problem: describeError(thrown) }, 'reports: not made now, again in an hour at most');
    }
    after(untilNextLook());
  }

  function untilNextLook(): number {
    const now = clock.now().wallMs;
    const { day } = localTimeOf(timeZone, now);
    // That of the day which is just over, where its corrections are not.
    const due = [day, addDays(day, 1)].map((one) => wallOf(timeZone, one, 0) + AFTER_MIDNIGHT_MS);
    const next = due.find((at) => at > now) ?? now + LOOK_EVERY_MS;
    return Math.min(LOOK_EVERY_MS, next - now);
  }

  return {
    start: () => after(FIRST_LOOK_AFTER_MS),
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
