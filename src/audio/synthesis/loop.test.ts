import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { noise } from './draw.ts';
import { lowPass } from './filters.ts';
import { activeRms, filterLoop, mixInto } from './loop.ts';
import { hear, placeAt } from './room.ts';
import { OPEN_PLAN_OFFICE } from './scenes/open-plan-office.ts';

const { room } = OPEN_PLAN_OFFICE;

const turned = (loop: Float64Array, by: number) => loop.map((_, i) => loop[(i + by) % loop.length] ?? 0);
const largestDifference = (a: Float64Array, b: Float64Array) => Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? 0))));

describe('sound on a circle', () => {
  it('goes on at the beginning when it rings past the end, however often', () => {
    const loop = new Float64Array(4);
    mixInto(loop, Float64Array.of(1, 2, 3), 3);
    expect([...loop]).toEqual([2, 3, 0, 1]);
    mixInto(loop, Float64Array.of(1, 1, 1, 1, 1, 1), -1, 10);
    expect([...loop]).toEqual([22, 13, 10, 21]);
  });

  it('is filtered as if it had been played for ever', () => {
    const loop = noise(seededRandom(1), 3000);
    const filtered = filterLoop(loop, lowPass(300), 2000);
    expect(largestDifference(turned(filtered, 777), filterLoop(turned(loop, 777), lowPass(300), 2000))).toBeLessThan(
      1e-9,
    );
  });

  it('has no beginning in the room either: reverberation comes round', () => {
    const click = new Float64Array(16_000);
    click[15_000] = 1;
    const late = hear(room, [{ sound: click, place: placeAt(room, 3, 45) }], click.length);
    const early = hear(room, [{ sound: turned(click, 9000), place: placeAt(room, 3, 45) }], click.length);
    expect(largestDifference(turned(late, 9000), early)).toBeLessThan(1e-4);
    expect(activeRms(late.subarray(0, 2000), 320)).toBeGreaterThan(0);
  });
});
