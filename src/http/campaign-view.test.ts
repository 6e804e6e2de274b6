import { describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import { addDays } from '../base/local-time.ts';
import type { CampaignDay, CampaignStart } from '../ledger/projection.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import {
  type CampaignCountTerms,
  campaignDetail,
  campaignSummary,
  DAYS_SHOWN_MAX,
  detailFrom,
  summaryFrom,
} from './campaign-view.ts';

const start: CampaignStart = {
  ...{ campaign: 'luce', controller: 'acme', firstDay: '2026-11-10' },
  firstAt: Date.UTC(2026, 10, 10, 8) as WallMs,
};
const terms: CampaignCountTerms = { endsOn: null, machineFalsePositive: null };

const dayOf = (day: string, silent: number, handled: number): CampaignDay => ({
  ...{ campaign: 'luce', day, silent, handled, machines: 0, machinesHeard: 0, hungUp: 0 },
});
const days = [dayOf('2026-11-19', 1, 40), dayOf('2026-11-20', 2, 60), dayOf('2026-11-22', 1, 33)];
const shown = ({ from, to, silent, handled }: { from: string; to: string; silent: number; handled: number }) =>
  `${from}–${to} ${silent}/${handled}`;

describe('a campaign among all', () => {
  it('shows the day and the window of today', () => {
    const { day, window, ...rest } = campaignSummary(start, days, '2026-11-22', terms, italy);
    expect(rest).toEqual({
      ...{ campaign: 'luce', controller: 'acme', firstDay: '2026-11-10', firstAt: '2026-11-10T08:00:00.000Z' },
      ...{ endsOn: null, policy: italy.policy },
    });
    expect(day).toMatchObject({ period: 'day', silent: 1, handled: 33, limit: { silent: 4, of: 100 } });
    expect(window).toMatchObject({
      ...{ period: 'window', from: '2026-11-20', to: '2026-11-29', silent: 3, handled: 93, verdict: 'breached' },
    });
  });

  it('shows a day and a window without calls as they are', () => {
    expect(campaignSummary(start, [], '2026-12-01', terms, italy)).toMatchObject({
      ...{ day: { silent: 0, percent: null }, window: { from: '2026-11-30', to: '2026-12-09', percent: null } },
    });
  });

  it('has a portion of a window before its end, and none after it', () => {
    const ending = { ...terms, endsOn: '2026-11-24' };
    expect(campaignSummary(start, days, '2026-11-22', ending, italy).window).toMatchObject({ to: '2026-11-24' });
    expect(campaignSummary(start, days, '2026-11-25', ending, italy)).toMatchObject({ day: null, window: null });
  });

  it('needs the days of one window at most', () => {
    expect(summaryFrom('2026-11-22', italy)).toBe('2026-11-13');
  });
});

describe('one campaign', () => {
  it('shows its windows and days, latest first', () => {
    const { windows, days: all } = campaignDetail(start, days, '2026-11-22', terms, italy);
    expect(windows.map(shown)).toEqual(['2026-11-20–2026-11-29 3/93', '2026-11-10–2026-11-19 1/40']);
    expect(all.map(shown)).toEqual([
      ...['2026-11-22–2026-11-22 1/33', '2026-11-20–2026-11-20 2/60', '2026-11-19–2026-11-19 1/40'],
    ]);
  });

  it('ends with the portion of a window that its last day leaves, and with what was answered after it', () => {
    const last = (endsOn: string) =>
      campaignDetail(start, days, '2026-12-31', { ...terms, endsOn }, italy).windows.map(shown)[0];
    expect(last('2026-11-24')).toBe('2026-11-20–2026-11-24 3/93');
    expect(last('2026-11-21')).toBe('2026-11-20–2026-11-22 3/93');
  });

  it('goes back a bounded number of days, never into the middle of a window', () => {
    const today = addDays(start.firstDay, 2_000);
    const from = detailFrom(start, today, italy);
    expect(from).toBe(addDays(start.firstDay, 1_600));
    const { windows } = campaignDetail(start, [], today, terms, italy);
    expect(windows.at(-1)?.from).toBe(from);
    expect(windows.length).toBeLessThanOrEqual(DAYS_SHOWN_MAX / 10 + 1);
  });
});
