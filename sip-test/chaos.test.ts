/** `npm run chaos` in small: `BRUSIO_CHAOS_KILLS` makes it longer. Its addresses are the bench's, so one of it runs at a time. */
import { expect, it } from 'vitest';
import { movedDatabase } from '../bench/chaos/faults.ts';
import { killAtRandomPoints } from '../bench/chaos/kill.ts';
import { outage } from '../bench/chaos/outage.ts';

const KILLS = Number(process.env.BRUSIO_CHAOS_KILLS ?? '2');
const LOAD = { callsPerSecond: 5, seed: Number(process.env.BRUSIO_CHAOS_SEED ?? '1') };

it(`${KILLS} times kill -9 under load loses no outcome and leaves nobody on a line`, {
  timeout: 120_000 + KILLS * 60_000,
}, async () => {
  const { tried, lost } = await killAtRandomPoints({ kills: KILLS, ...LOAD });
  expect(lost, tried.join('\n')).toEqual([]);
});

it('a database that is moved away and back: new calls get 503, live ones go on, and no outcome is lost', {
  timeout: 180_000,
}, async () => {
  const { tried, lost } = await outage(movedDatabase(), { outageS: 5, ...LOAD });
  expect(lost, tried.join('\n')).toEqual([]);
});
