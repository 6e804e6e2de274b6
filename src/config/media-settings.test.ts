import { describe, expect, it } from 'vitest';
import { mediaWorkers } from './media-settings.ts';

describe('mediaWorkers', () => {
  it('is what the settings say', () => {
    expect(mediaWorkers(3, 64)).toBe(3);
  });

  it('is half of the cores when the settings leave it open, at least one and at most four', () => {
    expect([1, 2, 3, 4, 6, 8, 64].map((cores) => mediaWorkers(null, cores))).toEqual([1, 1, 1, 2, 3, 4, 4]);
  });
});
