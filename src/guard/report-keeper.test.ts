import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { createReportKeeper } from './report-keeper.ts';
import type { DueMade } from './report-port.ts';

const HOUR_MS = 3_600_000;
let clock: FakeClock;
let asked: string[];
let answers: (DueMade | Error)[];

beforeEach(() => {
  // 22:30 in Rome.
  clock = fakeClock(Date.UTC(2026, 10, 20, 21, 30));
  asked = [];
  answers = [];
});

const settle = () => new Promise((resolve) => setImmediate(resolve));

function keeper() {
  return createReportKeeper({
    reports: {
      async makeDue() {
        asked.push(new Date(clock.now().wallMs).toISOString().slice(11, 19));
        const answer = answers.shift() ?? { made: 0, more: false };
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    ...{ timeZone: 'Europe/Rome', clock, log: pino({ level: 'silent' }) },
  });
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await settle();
}

describe('the keeper of reports', () => {
  it('looks soon after the start, when a day and its corrections are over, and every hour', async () => {
    keeper().start();
    await pass(60_000);
    await pass(HOUR_MS);
    await pass(41 * 60_000);
    await pass(HOUR_MS);
    expect(asked).toEqual(['21:31:00', '22:31:00', '23:12:00', '00:12:00']);
  });

  it('goes on at once while more are due, and looks again later when it cannot', async () => {
    answers = [{ made: 20, more: true }, new Error('the database is away')];
    keeper().start();
    await pass(60_000);
    await pass(1_000);
    await pass(HOUR_MS);
    expect(asked).toEqual(['21:31:00', '21:31:01', '22:31:01']);
  });

  it('does not look once it is stopped', async () => {
    const stopped = keeper();
    stopped.start();
    stopped.stop();
    await pass(HOUR_MS);
    expect(asked).toEqual([]);
  });
});
