import { describe, expect, it } from 'vitest';
import { type LoopMeasures, loopFaults, sourceFaults } from './clip-acceptance.ts';

const good: LoopMeasures = {
  ...{ levelDbm0: -30, peakDbm0: -15.4, sliceLowestDbm0: -32, sliceHighestDbm0: -28.5 },
  ...{ modulationLeast: 0.2, voicedShareLeast: 0.45, toneNearness: 0.7, tones: [], seam: [] },
};

describe('a loop within every limit', () => {
  it('may be shipped, and given to coders', () => {
    expect([loopFaults(good), sourceFaults(good)]).toEqual([[], []]);
  });

  it.each([
    { near: 'few syllables', measures: { modulationLeast: 0.145 } },
    { near: 'few voices', measures: { voicedShareLeast: 0.37 } },
    { near: 'a tone for 140 of 160 ms', measures: { toneNearness: 140 / 160 } },
  ])('may be shipped with $near, but is given to no coder, which might take it over the limit', ({ measures }) => {
    expect(loopFaults({ ...good, ...measures })).toEqual([]);
    expect(sourceFaults({ ...good, ...measures })).toHaveLength(1);
  });
});
