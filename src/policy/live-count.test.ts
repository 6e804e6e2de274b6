import { describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import type { CountedAs } from '../ledger/ledger-entry.ts';
import { type CountedCall, type LockMoments, movesOf, recallLockOf } from './count-move.ts';
import { type AnsweredCall, judged } from './counted-as.ts';
import { canada } from './jurisdictions/canada.ts';
import { chosenJurisdiction } from './jurisdictions/chosen-jurisdiction.ts';
import { germany } from './jurisdictions/germany.ts';
import type { Jurisdiction } from './jurisdictions/jurisdiction.ts';
import { unitedKingdom } from './jurisdictions/united-kingdom.ts';
import { unitedStates } from './jurisdictions/united-states.ts';

const WAITED: AnsweredCall = {
  ...{ relayed: false, answeredBy: 'not-classified', agentAfterMs: null, wasOverdue: false },
  ...{ greeting: null, announced: false },
  calleeHungUpAfterMs: null,
};
const AGENT = { ...WAITED, agentAfterMs: 1500 };
const MACHINE = { ...WAITED, answeredBy: 'machine' } as const;
const HUNG_UP = { ...WAITED, calleeHungUpAfterMs: 1200 };

const of = (law: Jurisdiction, call: AnsweredCall) => {
  const { counted } = judged(call, law);
  return counted === null ? null : `${counted.class} ${counted.as}`;
};

describe('where the wait counts from the greeting', () => {
  const greeting = { startedMs: 800, endedMs: 2400 };

  it.each([
    ['us', unitedStates, 4400],
    ['gb', unitedKingdom, 2800],
    ['it', chosenJurisdiction({ jurisdiction: 'it', machineAnswered: null, calleeHangUp: null }), 3000],
  ] as const)('%s has an agent in time who came within its limit of that', (_, law, lastMs) => {
    expect(of(law, { ...WAITED, greeting, agentAfterMs: lastMs })).toBe('B agent');
    expect(of(law, { ...WAITED, greeting, agentAfterMs: lastMs + 1 })).toBe('A silent');
  });

  it('us has one in time who came while the callee was still greeting', () => {
    const speaking = { ...WAITED, greeting: { startedMs: 800, endedMs: null } };
    expect(of(unitedStates, { ...speaking, agentAfterMs: 5000 })).toBe('B agent');
    expect(of(unitedStates, { ...speaking, agentAfterMs: 9000, wasOverdue: true })).toBe('A silent');
  });

  it('a message that was begun is how the call was handled, and makes it no less abandoned', () => {
    const told = { ...WAITED, greeting, wasOverdue: true, announced: true };
    expect(judged(told, unitedStates)).toEqual({ handling: 'message', counted: { class: 'A', as: 'silent' } });
    expect(judged({ ...told, answeredBy: 'machine' }, unitedStates).handling).toBe('machine-dropped');
  });
});

describe('where live calls alone are counted', () => {
  it.each([
    ['gb', unitedKingdom],
    ['us', unitedStates],
    ['ca', canada],
  ] as const)('%s tells of a machine, and counts it in neither class, whoever listened to it', (_, law) => {
    expect(of(law, MACHINE)).toBe('null machine');
    expect(of(law, { ...AGENT, answeredBy: 'machine' })).toBe('null machine-heard');
    expect(of(law, { ...AGENT, answeredBy: 'fax', agentAfterMs: 9000, wasOverdue: true })).toBe('null machine-heard');
    expect(of(law, { ...WAITED, answeredBy: 'fax' })).toBe('null machine');
    expect(of(law, AGENT)).toBe('B agent');
    expect(of(law, WAITED)).toBe('A silent');
    expect(of(law, { ...AGENT, agentAfterMs: 2001 })).toBe('A silent');
    expect(of(law, { ...AGENT, relayed: true })).toBeNull();
  });

  it('reads a callee who hangs up first as each country does, or as was chosen', () => {
    expect([unitedKingdom, unitedStates, canada, germany].map((law) => of(law, HUNG_UP))).toEqual([
      ...['null callee-hung-up', 'B callee-hung-up', 'A callee-hung-up', 'A callee-hung-up'],
    ]);
    const stricter = chosenJurisdiction({ jurisdiction: 'gb', machineAnswered: null, calleeHangUp: 'A' });
    expect(of(stricter, HUNG_UP)).toBe('A callee-hung-up');
  });
});

describe('the lock of a number in the United Kingdom', () => {
  const at = (iso: string) => Date.parse(iso) as WallMs;
  const call: CountedCall = {
    ...{ campaign: 'boilers', controller: 'acme', lockScope: 'acme', digests: ['00'] },
    answeredAt: at('2026-10-23T09:00:00Z'),
  };
  const MOMENTS: LockMoments = {
    ...{ silentAt: at('2026-10-23T09:00:02Z'), answeredAt: call.answeredAt, bridgedAt: null },
    now: at('2026-10-23T09:00:05Z'),
  };
  const SILENT: CountedAs = { class: 'A', as: 'silent' };
  const NO_CALL: CountedAs = { class: null, as: 'machine' };
  const lock = (from: CountedAs | null, to: CountedAs | null, law: Jurisdiction = unitedKingdom, moments = MOMENTS) =>
    movesOf(call, from, to, moments, law).lock;

  it('is 72 hours after an abandoned call, by the clock, over a change of it too; then it is as any other', () => {
    expect(lock(null, SILENT)).toMatchObject({ move: 'set', until: '2026-10-26T09:00:02.000Z', after: 'free' });
    expect(Object.values(recallLockOf(SILENT, MOMENTS, unitedKingdom) ?? {})).toEqual([
      '2026-10-26T09:00:02.000Z',
      'free',
    ]);
  });

  it('is 24 hours after a machine that detection found, and none after one that an agent heard', () => {
    expect(lock(null, NO_CALL)).toMatchObject({ move: 'set', until: '2026-10-24T09:00:00.000Z' });
    expect(lock(null, NO_CALL, unitedKingdom, { ...MOMENTS, bridgedAt: MOMENTS.now })).toBeNull();
  });

  it('is the longer one once a machine was a person after all, and the shorter one the other way round', () => {
    expect(lock(NO_CALL, SILENT)).toMatchObject({ move: 'set', until: '2026-10-26T09:00:02.000Z' });
    expect(lock(SILENT, NO_CALL)).toMatchObject({ move: 'set', until: '2026-10-24T09:00:00.000Z' });
    expect(lock(SILENT, null)).toMatchObject({ move: 'withdraw' });
  });

  it('is none where the law has none', () => {
    for (const law of [unitedStates, canada, germany]) {
      expect(lock(null, SILENT, law)).toBeNull();
      expect(lock(null, NO_CALL, law)).toBeNull();
      expect(recallLockOf(SILENT, MOMENTS, law)).toBeNull();
    }
  });
});
