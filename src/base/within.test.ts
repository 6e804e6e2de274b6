import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { within } from './within.ts';

describe('waiting within a limit', () => {
  it('says whether it came, and leaves no timer behind', async () => {
    const clock = fakeClock();
    expect(await within(Promise.resolve(), 1000, clock)).toBe(true);
    const never = within(new Promise(() => undefined), 1000, clock);
    clock.advance(1000);
    expect(await never).toBe(false);
    await expect(within(Promise.reject(new Error('gone')), 1000, clock)).rejects.toThrow('gone');
    expect(clock.pendingTimers()).toBe(0);
  });
});
