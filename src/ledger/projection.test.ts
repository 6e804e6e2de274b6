import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from './ledger-entry.ts';
import { emptyProjection, type ProjectedEntry, type Projection, project, projectionKey } from './projection.ts';

const A = { class: 'A', as: 'silent' } as const;
const B = { class: 'B', as: 'agent' } as const;
const MACHINE = { class: 'B', as: 'machine' } as const;

function moved(
  callId: string,
  body: { [key: string]: Json },
  kind: ProjectedEntry['kind'] = 'outcome',
): ProjectedEntry {
  return { kind, callId, body: { v: 1, callId, count: null, lock: null, ...body } };
}

const counted = (callId: string, from: Json, to: Json, day = '2026-11-20') =>
  moved(callId, { count: { campaign: 'luce', controller: 'acme', day, from, to } });

const locked = (callId: string, move: 'set' | 'lift' | 'withdraw', at: string, digests = ['d1']) =>
  moved(callId, {
    lock: { scope: 'acme', digests, move, at, until: move === 'set' ? '2026-11-25T23:00:00.000Z' : null },
  });

function projectAll(entries: readonly ProjectedEntry[]): Projection {
  const projection = emptyProjection();
  for (const entry of entries) project(projection, entry);
  return projection;
}

const dayOf = ({ days }: Projection, day = '2026-11-20') => days.get(projectionKey('luce', day));
const lockedCalls = ({ locks }: Projection, digest = 'd1') =>
  (locks.get(projectionKey('acme', digest)) ?? []).map((lock) => lock.callId);

describe("a campaign's day", () => {
  it('counts a call once it has a class, and moves it when that is corrected', () => {
    const entries = [
      counted('1', null, A),
      counted('2', null, B),
      counted('3', null, MACHINE),
      counted('1', A, MACHINE),
    ];
    expect(dayOf(projectAll(entries.slice(0, 3)))).toMatchObject({ silent: 1, handled: 2, machines: 1, hungUp: 0 });
    expect(dayOf(projectAll(entries))).toMatchObject({ silent: 0, handled: 3, machines: 2, hungUp: 0 });
  });

  it('knows of machines and callee hang-ups whatever class they are', () => {
    const hungUp = { class: 'A', as: 'callee-hung-up' };
    const entries = [counted('1', null, hungUp), counted('2', null, { class: 'A', as: 'machine' })];
    expect(dayOf(projectAll(entries))).toMatchObject({ silent: 2, handled: 0, machines: 1, hungUp: 1 });
  });

  it('is the same in whatever order the entries are taken', () => {
    const entries = [
      counted('1', null, A),
      counted('1', A, B),
      counted('2', null, A),
      counted('3', null, B, '2026-11-21'),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (shuffled) => {
        const projection = projectAll(shuffled);
        expect(dayOf(projection)).toMatchObject({ silent: 1, handled: 1 });
        expect(dayOf(projection, '2026-11-21')).toMatchObject({ silent: 0, handled: 1 });
      }),
    );
  });
});

describe("a campaign's first day", () => {
  const decided = (day: string, allowed: boolean) => ({
    kind: 'decision' as const,
    callId: day,
    body: { allowed, campaign: 'luce', controller: 'acme', day, invitedAt: `${day}T09:00:00.000Z` },
  });

  it('is that of its first call that was allowed', () => {
    const entries = [decided('2026-11-21', true), decided('2026-11-19', false), decided('2026-11-22', true)];
    const firstAt = Date.UTC(2026, 10, 21, 9);
    expect(projectAll(entries).campaigns.get(projectionKey('luce'))).toEqual({
      campaign: 'luce',
      controller: 'acme',
      firstDay: '2026-11-21',
      firstAt,
    });
  });
});

describe("a number's locks", () => {
  it('are set by silent calls and lifted by a bridge, all that were silent before it', () => {
    const entries = [
      locked('1', 'set', '2026-11-20T09:00:00.000Z'),
      locked('2', 'set', '2026-11-20T10:00:00.000Z'),
      locked('3', 'lift', '2026-11-20T09:30:00.000Z'),
    ];
    expect(lockedCalls(projectAll(entries.slice(0, 2)))).toEqual(['1', '2']);
    expect(lockedCalls(projectAll(entries))).toEqual(['2']);
    expect(projectAll([...entries, locked('4', 'lift', '2026-11-20T11:00:00.000Z')]).locks.size).toBe(0);
  });

  it('stand without the one whose call was no silent one after all', () => {
    const entries = [
      locked('1', 'set', '2026-11-20T09:00:00.000Z'),
      locked('2', 'set', '2026-11-20T10:00:00.000Z'),
      locked('2', 'withdraw', '2026-11-20T10:05:00.000Z'),
    ];
    expect(lockedCalls(projectAll(entries))).toEqual(['1']);
  });

  it('are set under the newest key and lifted under every one', () => {
    const entries = [
      locked('1', 'set', '2026-11-20T09:00:00.000Z', ['old']),
      locked('2', 'set', '2026-11-20T10:00:00.000Z', ['new', 'old']),
    ];
    const projection = projectAll(entries);
    expect([lockedCalls(projection, 'old'), lockedCalls(projection, 'new')]).toEqual([['1'], ['2']]);
    expect(projectAll([...entries, locked('3', 'lift', '2026-11-20T11:00:00.000Z', ['new', 'old'])]).locks.size).toBe(
      0,
    );
  });
});
