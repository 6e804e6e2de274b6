import { describe, expect, it } from 'vitest';
import { chosenJurisdiction } from './chosen-jurisdiction.ts';
import { italy } from './italy.ts';

const stamp = (machineAnswered: 'A' | 'B' | null, calleeHangUp: 'A' | 'B' | null) =>
  chosenJurisdiction({ jurisdiction: 'it', machineAnswered, calleeHangUp }).policy;

describe('the policy stamp', () => {
  it('names the text and the version of its reading alone where every option is at its default', () => {
    expect(stamp(null, null)).toBe('it-garante-83-2014@1');
    expect(stamp('B', 'A')).toBe('it-garante-83-2014@1');
  });

  it('names each option that differs', () => {
    expect(stamp('A', null)).toBe('it-garante-83-2014@1;machine=A');
    expect(stamp(null, 'B')).toBe('it-garante-83-2014@1;callee-hang-up=B');
    expect(stamp('A', 'B')).toBe('it-garante-83-2014@1;machine=A;callee-hang-up=B');
  });
});

describe('a jurisdiction', () => {
  it('is plain data, so that a worker thread can be given it', () => {
    expect(structuredClone(italy)).toEqual(italy);
  });

  it('cites a source for every figure', () => {
    const figures: unknown[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('citation' in value) figures.push(value.citation);
      for (const inner of Object.values(value)) visit(inner);
    };
    visit(italy);
    expect(figures.length).toBeGreaterThan(12);
    for (const citation of figures) expect(citation).toMatch(/\d+\/\d{2,4}|no figure/);
  });
});
