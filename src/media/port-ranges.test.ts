import { describe, expect, it } from 'vitest';
import { portRanges } from './port-ranges.ts';

describe('portRanges', () => {
  it('gives each thread the same number of pairs, none of them to two', () => {
    expect(portRanges({ portMin: 20000, portMax: 29999 }, 4)).toEqual([
      { portMin: 20000, portMax: 22499 },
      { portMin: 22500, portMax: 24999 },
      { portMin: 25000, portMax: 27499 },
      { portMin: 27500, portMax: 29999 },
    ]);
  });

  it('begins every part on an even port', () => {
    const ranges = portRanges({ portMin: 20001, portMax: 20030 }, 3);
    expect(ranges.map(({ portMin }) => portMin % 2)).toEqual([0, 0, 0]);
    expect(ranges.map(({ portMin, portMax }) => portMax - portMin + 1)).toEqual([8, 8, 8]);
  });

  it('leaves threads out rather than to have one that cannot carry a call', () => {
    expect(portRanges({ portMin: 20000, portMax: 20009 }, 4)).toHaveLength(2);
    expect(portRanges({ portMin: 20001, portMax: 20002 }, 4)).toEqual([{ portMin: 20001, portMax: 20002 }]);
  });
});
