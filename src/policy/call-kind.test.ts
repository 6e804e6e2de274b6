import { describe, expect, it } from 'vitest';
import { callKindOf, type KindFacts } from './call-kind.ts';

const FACTS: KindFacts = {
  caller: { type: 'dialer', kind: 'guarded', mayDeclare: ['manual', 'transfer'] },
  declared: null,
  callerId: '+390212345678',
  callerRanges: [
    { prefix: '+3902', kind: 'manual' },
    { prefix: '+39021234', kind: 'callback' },
  ],
};
const NO_RANGES: KindFacts = { ...FACTS, callerRanges: [] };

describe('the kind of a call', () => {
  it('is guarded when nobody says otherwise', () => {
    expect(callKindOf(NO_RANGES)).toEqual({ kind: 'guarded', source: 'default' });
  });

  it('is what the INVITE declares, where the dialer may declare it', () => {
    expect(callKindOf({ ...NO_RANGES, declared: 'Manual' })).toEqual({ kind: 'manual', source: 'header' });
    expect(callKindOf({ ...NO_RANGES, declared: 'transfer' })).toEqual({ kind: 'transfer', source: 'header' });
  });

  it('is guarded for a word the dialer may not use, or that is none', () => {
    for (const declared of ['callback', 'inbound', 'exempt', ''])
      expect(callKindOf({ ...NO_RANGES, declared }).kind, declared).toBe('guarded');
  });

  it('is that of the trunk, unless the INVITE says it is guarded after all', () => {
    const caller = { type: 'dialer', kind: 'callback', mayDeclare: [] } as const;
    expect(callKindOf({ ...FACTS, caller })).toEqual({ kind: 'callback', source: 'dialer' });
    expect(callKindOf({ ...FACTS, caller, declared: 'guarded' })).toEqual({ kind: 'guarded', source: 'header' });
  });

  it('is that of the caller’s number, the longest prefix first', () => {
    expect(callKindOf(FACTS)).toEqual({ kind: 'callback', source: 'caller-range' });
    expect(callKindOf({ ...FACTS, callerId: '+39029999' })).toEqual({ kind: 'manual', source: 'caller-range' });
    expect(callKindOf({ ...FACTS, callerId: '+49301' }).kind).toBe('guarded');
  });

  it('is inbound from a carrier, whatever it declares', () => {
    expect(callKindOf({ ...FACTS, caller: { type: 'carrier' }, declared: 'guarded' })).toEqual({
      kind: 'inbound',
      source: 'carrier',
    });
  });
});
