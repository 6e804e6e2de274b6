import { describe, expect, it } from 'vitest';
import { toIso, type WallMs } from '../base/clock.ts';
import type { CountedAs } from '../ledger/ledger-entry.ts';
import { instantAt, invitedFacts } from '../testing/call-samples.ts';
import { sampleRecord } from '../testing/stored-calls.ts';
import { type CountedCall, lockMomentsIn, lockMomentsOf, movesOf, recallLockOf } from './count-move.ts';
import { italy } from './jurisdictions/italy.ts';

const at = (iso: string) => Date.parse(iso) as WallMs;
const call: CountedCall = {
  campaign: 'luce-autunno',
  controller: 'acme',
  lockScope: 'acme',
  digests: ['00112233445566778899aabbccddeeff', 'ffeeddccbbaa99887766554433221100'],
  // 00:30 on the 25th in Rome, in the hour that the clock is still ahead.
  answeredAt: at('2026-10-24T22:30:00Z'),
};
const SILENT: CountedAs = { class: 'A', as: 'silent' };
const MACHINE: CountedAs = { class: 'B', as: 'machine' };
const AGENT: CountedAs = { class: 'B', as: 'agent' };
const MOMENTS = {
  silentAt: at('2026-10-24T22:30:03Z'),
  answeredAt: at('2026-10-24T22:30:00Z'),
  bridgedAt: at('2026-10-24T22:30:02Z'),
  now: at('2026-10-26T09:00:00Z'),
};

const moves = (from: CountedAs | null, to: CountedAs | null) => movesOf(call, from, to, MOMENTS, italy);
const lockMoves = (from: CountedAs | null, to: CountedAs | null) => moves(from, to).lock?.move ?? null;

describe('a call that is counted', () => {
  it('belongs to the local day of its 2xx', () => {
    expect(moves(null, SILENT).count).toEqual({
      ...{ campaign: 'luce-autunno', controller: 'acme', day: '2026-10-25', from: null, to: SILENT },
    });
  });

  it('moves in that day when a correction comes in another', () => {
    expect(moves(SILENT, MACHINE).count).toMatchObject({ day: '2026-10-25', from: SILENT, to: MACHINE });
  });

  it('moves nothing when it counts as before', () => {
    for (const count of [null, SILENT, MACHINE, AGENT])
      expect(moves(count, count && { ...count })).toEqual({ count: null, lock: null });
  });

  it('moves its count alone when only the reason changes', () => {
    const hungUp: CountedAs = { class: 'A', as: 'callee-hung-up' };
    expect(moves(hungUp, SILENT)).toMatchObject({ count: { from: hungUp, to: SILENT }, lock: null });
  });
});

describe('the lock of a number', () => {
  it('is set by every class A call, from the moment nobody was there', () => {
    expect(moves(null, SILENT).lock).toEqual({
      ...{ scope: 'acme', digests: call.digests, move: 'set' },
      ...{ at: '2026-10-24T22:30:00.000Z', until: '2026-10-30T23:00:00.000Z' },
    });
    expect(lockMoves(null, { class: 'A', as: 'machine' })).toBe('set');
    expect(lockMoves(null, { class: 'A', as: 'callee-hung-up' })).toBe('set');
    expect(lockMoves(MACHINE, SILENT)).toBe('set');
  });

  it('is lifted by a call in which an agent was there in time, and by no other', () => {
    expect(moves(null, AGENT).lock).toEqual({
      ...{ scope: 'acme', digests: call.digests, move: 'lift', at: '2026-10-24T22:30:02.000Z', until: null },
    });
    expect(lockMoves(null, MACHINE)).toBeNull();
    expect(lockMoves(null, { class: 'B', as: 'callee-hung-up' })).toBeNull();
  });

  it('is withdrawn when the silent call was none after all', () => {
    expect(moves(SILENT, MACHINE).lock).toMatchObject({ move: 'withdraw', at: '2026-10-26T09:00:00.000Z' });
    expect(lockMoves(SILENT, null)).toBe('withdraw');
    expect(lockMoves(MACHINE, null)).toBeNull();
  });
});

describe('the moments a lock depends on', () => {
  const facts = { ...invitedFacts(), answeredAt: instantAt(1000) };
  const now = instantAt(60_000);

  it('are the end of the wait, or of a call that ended before it, and the bridge', () => {
    const overdue = { ...facts, teardownDueAt: instantAt(4000), bridgedAt: instantAt(5000), endedAt: instantAt(9000) };
    expect(lockMomentsOf(overdue, now)).toEqual({
      answeredAt: overdue.answeredAt?.wallMs,
      ...{ silentAt: instantAt(4000).wallMs, bridgedAt: instantAt(5000).wallMs, now: now.wallMs },
    });
    expect(lockMomentsOf({ ...facts, endedAt: instantAt(2000) }, now)).toMatchObject({
      ...{ silentAt: instantAt(2000).wallMs, bridgedAt: null },
    });
    // A machine that was a person after all, to whom an agent came after the wait.
    expect(lockMomentsOf({ ...facts, bridgedAt: instantAt(8000) }, now).silentAt).toBe(instantAt(8000).wallMs);
    expect(lockMomentsOf(facts, now).silentAt).toBe(now.wallMs);
  });

  it('are the same in the record', () => {
    const record = sampleRecord(1);
    const dueAt = '2026-11-20T09:00:04.000Z';
    expect(lockMomentsIn({ ...record, teardown: { mode: 'observe', dueAt } }, now.wallMs).silentAt).toBe(at(dueAt));
    const bridged = toIso(instantAt(8000).wallMs);
    const late = { ...record, teardown: null, times: { ...record.times, bridged } };
    expect(lockMomentsIn(late, now.wallMs).silentAt).toBe(at(bridged));
    expect(lockMomentsIn({ ...record, teardown: null }, now.wallMs)).toEqual({
      answeredAt: at(record.times.answered ?? ''),
      ...{ silentAt: at(record.times.ended), bridgedAt: null, now: now.wallMs },
    });
  });
});

describe('what an outcome tells of its lock', () => {
  it('is until when, and what comes then, for class A alone', () => {
    expect(JSON.stringify(recallLockOf(SILENT, MOMENTS, italy))).toBe(
      '{"until":"2026-10-30T23:00:00.000Z","then":"guaranteed-agent"}',
    );
    for (const counted of [null, MACHINE, AGENT]) expect(recallLockOf(counted, MOMENTS, italy)).toBeNull();
  });
});
