import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { chosenJurisdiction } from '../../policy/jurisdictions/chosen-jurisdiction.ts';
import { type DueFacts, dueReports } from './due-reports.ts';

const FACTS: DueFacts = {
  start: { campaign: 'luce', controller: 'acme', firstDay: '2026-11-11', firstAt: Date.UTC(2026, 10, 11) as WallMs },
  endsOn: null,
  law: chosenJurisdiction({ jurisdiction: 'it', machineAnswered: null, calleeHangUp: null }),
  days: ['2026-11-11', '2026-11-20', '2026-11-21'],
  counts: [{ campaign: 'luce', day: '2026-11-20', silent: 1, handled: 40, machines: 0, machinesHeard: 0, hungUp: 0 }],
  kept: [],
  liveSince: null,
};

const dueAt = (iso: string, facts: Partial<DueFacts> = {}) =>
  dueReports({ ...FACTS, ...facts }, Date.parse(iso) as WallMs).map(
    ({ period, revision }) => `${period.kind} ${period.from} ${revision}`,
  );

describe('reports are due', () => {
  it('once the day is over in its own time zone, and its corrections are', () => {
    expect(dueAt('2026-11-11T23:10:59Z')).toEqual([]);
    expect(dueAt('2026-11-11T23:11:00Z')).toEqual(['day 2026-11-11 1']);
  });

  it('of each window with calls too, at its end', () => {
    expect(dueAt('2026-11-20T23:11:00Z')).toEqual(['day 2026-11-11 1', 'day 2026-11-20 1', 'window 2026-11-11 1']);
    expect(dueAt('2026-11-30T23:11:00Z')).toContain('window 2026-11-21 1');
  });

  it('of a window that its campaign ends, at that end', () => {
    expect(dueAt('2026-11-22T23:11:00Z', { endsOn: '2026-11-22' })).toContain('window 2026-11-21 1');
  });

  it('later while a call of the day goes on, but not for ever', () => {
    const liveSince = Date.parse('2026-11-11T22:59:00Z') as WallMs;
    expect(dueAt('2026-11-12T22:00:00Z', { liveSince })).toEqual([]);
    expect(dueAt('2026-11-12T23:00:00Z', { liveSince })).toEqual(['day 2026-11-11 1']);
    expect(dueAt('2026-11-12T10:00:00Z', { liveSince: Date.parse('2026-11-11T23:00:00Z') as WallMs })).toHaveLength(1);
  });

  it('again only when the counts have moved since, and not without end', () => {
    const kept = (silent: number, revision: number) => ({
      kept: [
        {
          kind: 'day',
          from: '2026-11-20',
          revision,
          counts: { silent, handled: 40, machines: 0, machinesHeard: 0, hungUp: 0 },
        } as const,
      ],
      days: ['2026-11-20'],
    });
    const days = (due: readonly string[]) => due.filter((one) => one.startsWith('day'));
    expect(days(dueAt('2026-11-22T00:00:00Z', kept(1, 1)))).toEqual([]);
    expect(days(dueAt('2026-11-22T00:00:00Z', kept(2, 1)))).toEqual(['day 2026-11-20 2']);
    expect(days(dueAt('2026-11-22T00:00:00Z', kept(2, 50)))).toEqual([]);
  });

  it('of no day without calls', () => {
    expect(dueAt('2026-12-31T00:00:00Z', { days: [] })).toEqual([]);
  });
});
