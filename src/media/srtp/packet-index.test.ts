import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packetIndex, rolloverOf } from './packet-index.ts';
import { REPLAY_WINDOW, ReplayWindow } from './replay-window.ts';

describe('RFC 3711 §3.3.1: the index of a packet', () => {
  it.each([
    ['the next packet', 5, 4, 5],
    ['the first over the wrap', 0, 65_535, 65_536],
    ['one late over the wrap', 65_534, 65_537, 65_534],
    ['a loss of half of all numbers less one', 32_768, 1, 32_768],
    ['one from before the first packet', 65_535, 3, -1],
    ['the first of all', 65_535, -1, 65_535],
  ])('%s', (_what, sequence, highest, index) => {
    expect(packetIndex(sequence, highest)).toBe(index);
  });

  it('is right for every packet that is less than half of all numbers away from the newest', () => {
    assert(
      property(integer({ min: 0, max: 2 ** 40 }), integer({ min: -32_767, max: 32_767 }), (highest, away) => {
        const index = highest + away;
        if (index < 0) return;
        expect(packetIndex(index % 65_536, highest)).toBe(index);
        expect(rolloverOf(index)).toBe(Math.floor(index / 65_536));
      }),
    );
  });
});

describe('RFC 3711 §3.3.2: the replay window', () => {
  it('takes every index once, and none that is too old, in whatever order they come', () => {
    assert(
      property(integer({ min: 0, max: 2 ** 32 }), integer({ min: 1, max: 2 ** 30 }), (start, seed) => {
        const window = new ReplayWindow();
        const taken = new Set<number>();
        let highest = -1;
        for (let n = 0; n < 400; n += 1) {
          // Steps of a stream that loses, reorders and repeats, and now and then jumps.
          const step = Math.imul(seed + n, 2_654_435_761) >>> 0;
          const index = Math.max(0, (highest < 0 ? start : highest) + (step % 12) - 5 + (step % 97 === 0 ? 200 : 0));
          const isNew = !taken.has(index) && index > highest - REPLAY_WINDOW;
          expect(window.isNew(index)).toBe(isNew);
          if (!isNew) continue;
          window.take(index);
          taken.add(index);
          highest = Math.max(highest, index);
        }
        expect(window.highest).toBe(highest);
      }),
      { numRuns: 50 },
    );
  });
});
