import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { CLOCK_LOOK_MS, createClockWatch } from './clock-watch.ts';

it('the clock is looked at from the start on, now and then, until the end', async () => {
  const clock = fakeClock();
  let looks = 0;
  const watch = createClockWatch(clock, async () => ({
    synchronised: ++looks > 1,
    source: 'chronyc',
    offsetMs: looks,
  }));
  expect(watch.state()).toBeNull();
  watch.start();
  await turn();
  expect(watch.state()).toEqual({
    ...{ synchronised: false, source: 'chronyc', offsetMs: 1, checkedAt: clock.now().wallMs },
  });
  clock.advance(CLOCK_LOOK_MS);
  await turn();
  expect(watch.state()).toMatchObject({ synchronised: true, offsetMs: 2, checkedAt: clock.now().wallMs });
  watch.stop();
  expect(clock.pendingTimers()).toBe(0);
});
