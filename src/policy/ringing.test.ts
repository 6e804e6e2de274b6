import { describe, expect, it } from 'vitest';
import { canada } from './jurisdictions/canada.ts';
import { germany } from './jurisdictions/germany.ts';
import { italy } from './jurisdictions/italy.ts';
import { unitedKingdom } from './jurisdictions/united-kingdom.ts';
import { unitedStates } from './jurisdictions/united-states.ts';
import { ringingOf } from './ringing.ts';

const RANG = { kind: 'guarded', network: 'no-answer', endedBy: 'dialer', ringMs: 14_999.9 } as const;

describe('an unanswered call that was given up', () => {
  it.each([unitedKingdom, unitedStates, germany])('rang too short before 15 seconds, and not at them', (law) => {
    expect(ringingOf(RANG, law)).toBe('short');
    expect(ringingOf({ ...RANG, ringMs: 15_000 }, law)).toBe('long');
    expect(ringingOf({ ...RANG, endedBy: 'guard' }, law)).toBe('short');
    expect(ringingOf({ ...RANG, network: 'cancelled', ringMs: 0 }, law)).toBe('not-rung');
  });

  it('is none where the network ended it, where it was busy, or where it is not guarded', () => {
    expect(ringingOf({ ...RANG, endedBy: 'network' }, unitedKingdom)).toBeNull();
    expect(ringingOf({ ...RANG, network: 'busy' }, unitedKingdom)).toBeNull();
    expect(ringingOf({ ...RANG, network: 'blocked', endedBy: 'guard', ringMs: 0 }, unitedKingdom)).toBeNull();
    expect(ringingOf({ ...RANG, network: 'answered', endedBy: 'guard' }, unitedKingdom)).toBeNull();
    expect(ringingOf({ ...RANG, kind: 'manual' }, unitedKingdom)).toBeNull();
  });

  it('rang long enough where the law has no figure', () => {
    for (const law of [italy, canada]) expect(ringingOf(RANG, law)).toBeNull();
  });
});
