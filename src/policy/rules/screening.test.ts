import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { lawfulCall, MONDAY_MORNING } from '../../testing/ruling-facts.ts';
import { italy } from '../jurisdictions/italy.ts';
import { screening } from './screening.ts';

const DAY_MS = 86_400_000;

function breachOf(cleared: boolean, ageMs: number) {
  const checkedAt = (MONDAY_MORNING - ageMs) as WallMs;
  return screening(lawfulCall({ history: { screening: { cleared, checkedAt, list: 'autumn.csv' } } }), italy);
}

describe('DPR 26/2022: the opposition register', () => {
  it('lets a cleared number pass for fifteen days, to the millisecond', () => {
    expect(breachOf(true, 0)).toBeNull();
    expect(breachOf(true, 15 * DAY_MS)).toBeNull();
    expect(breachOf(true, 15 * DAY_MS + 1)).toMatchObject({
      facts: { controller: 'luce', list: 'autumn.csv', checkedAt: '2026-11-08T08:59:59.999Z', listDaysMax: 15 },
      remedy: 'consult the register again and import its new list: brusio screening import',
    });
  });

  it('lets no number pass that it did not clear', () => {
    expect(breachOf(false, DAY_MS)).toMatchObject({ rule: 'screening', facts: { cleared: false } });
  });

  it('lets nothing pass while no list was imported for the controller', () => {
    expect(screening(lawfulCall({ history: { screening: null } }), italy)).toMatchObject({ facts: { list: 'none' } });
  });

  it.each(['consent', 'contract'] as const)('is not asked where a %s has a reference', (basis) => {
    const exception = { basis, reference: 'crm-4711', since: null };
    expect(screening(lawfulCall({ exception, history: { screening: null } }), italy)).toBeNull();
  });
});
