import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWithin, roomLeft } from './tally.ts';

const LIMIT = { silent: 3, of: 100 };

describe('the room that a period has left', () => {
  it.each([
    [0, 32, 0],
    [0, 33, 1],
    [0, 97, 3],
    [3, 97, 0],
    [4, 90, 0],
    [1, 1_000, 29],
  ])('is, with %i silent calls and %i others, %i more', (silent, handled, room) => {
    expect(roomLeft({ silent, handled }, LIMIT)).toBe(room);
  });

  it('is the most that stays within the limit, to the call', () => {
    const count = fc.integer({ min: 0, max: 10_000_000 });
    fc.assert(
      fc.property(count, count, (silent, handled) => {
        const room = roomLeft({ silent, handled }, LIMIT);
        if (isWithin({ silent, handled }, LIMIT))
          expect(isWithin({ silent: silent + room, handled }, LIMIT)).toBe(true);
        else expect(room).toBe(0);
        expect(isWithin({ silent: silent + room + 1, handled }, LIMIT)).toBe(false);
      }),
    );
  });
});
