import { describe, expect, it } from 'vitest';
import { chosenJurisdiction, JURISDICTIONS, jurisdictionOfStamp } from './chosen-jurisdiction.ts';

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

  it('gives back the rules it was made of, and is another for every other choice', () => {
    const seen = new Set<string>();
    for (const { name, options } of Object.values(JURISDICTIONS)) {
      for (const machineAnswered of options.machineAnswered.choices) {
        for (const calleeHangUp of options.calleeHangUp.choices) {
          for (const timeZone of name === 'us' || name === 'ca' ? ['America/Toronto', 'America/Denver'] : [null]) {
            const law = chosenJurisdiction({ jurisdiction: name, machineAnswered, calleeHangUp, timeZone });
            expect(jurisdictionOfStamp(law.policy)).toEqual(law);
            expect(seen.size).not.toBe(seen.add(law.policy).size);
          }
        }
      }
    }
  });

  it('names what is no option of the text: that a campaign detects no machines, where its law asks for that', () => {
    const choice = { machineAnswered: null, calleeHangUp: 'A', machineDetection: 'none' } as const;
    const law = chosenJurisdiction({ ...choice, jurisdiction: 'gb' });
    expect(law.policy).toBe('gb-ofcom-2010@1;callee-hang-up=A;machine-detection=none');
    expect(jurisdictionOfStamp(law.policy)).toEqual(law);
    expect(law.machinesInRatio?.detection).toBe('none');
    expect(chosenJurisdiction({ ...choice, jurisdiction: 'it' }).policy).toBe('it-garante-83-2014@1');
    expect(chosenJurisdiction({ ...choice, jurisdiction: 'gb', machineDetection: 'used' }).policy).toBe(
      'gb-ofcom-2010@1;callee-hang-up=A',
    );
  });

  it('names no rules unless it is whole and exact', () => {
    for (const unknown of [
      ...[
        '',
        'it-garante-83-2014@2',
        'it-garante-83-2014@1;',
        'it-garante-83-2014@1;machine=B',
        'gb-ofcom-2010@1;machine=A',
      ],
      ...['it-garante-83-2014@1;callee-hang-up=B;machine=A', 'it-garante-83-2014@1;zone=Europe/Paris'],
      ...['gb-ofcom-2010@1;machine-detection=used', 'us-ftc-tsr@1;machine-detection=none'],
      ...['us-ftc-tsr@1;zone=America/Nowhere', 'us-ftc-tsr@1;zone=America/New_York'],
    ]) {
      expect(() => jurisdictionOfStamp(unknown), unknown).toThrow(
        expect.objectContaining({ code: 'policy.unknown-stamp' }),
      );
    }
  });
});

describe('a jurisdiction', () => {
  it('is plain data, so that a worker thread can be given it', () => {
    for (const law of Object.values(JURISDICTIONS)) expect(structuredClone(law)).toEqual(law);
  });

  it('may put its citations into SIP headers', () => {
    expect(JSON.stringify(Object.values(JURISDICTIONS).map(({ admission, ratio }) => [admission, ratio]))).toMatch(
      /^[\x20-\x7e]*$/,
    );
  });

  it('says of Canada what rests on memory, and of Italy and Germany that nothing does', () => {
    expect(JSON.stringify(JURISDICTIONS.ca).match(/fromMemory/g)?.length).toBeGreaterThan(8);
    expect(JSON.stringify([JURISDICTIONS.it, JURISDICTIONS.de])).not.toContain('fromMemory');
  });

  it.each(Object.values(JURISDICTIONS))('of $name cites a source for every figure', (law) => {
    const figures: unknown[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('citation' in value) figures.push(value.citation);
      for (const inner of Object.values(value)) visit(inner);
    };
    visit(law);
    expect(figures.length).toBeGreaterThan(12);
    for (const citation of figures) expect(citation).toMatch(/\d+\/\d{2,4}|\d+ CFR \d|of 2010|2007-48|no figure/);
  });
});
