import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import { campaignAlertSchema } from '../policy/campaign-threshold.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import { unitedKingdom } from '../policy/jurisdictions/united-kingdom.ts';
import { raiseCampaignAlerts } from './campaign-alerts.ts';
import type { CampaignWatch } from './campaign-watch.ts';
import type { Connection } from './connection.ts';
import { migrations } from './migrations.ts';
import { sqliteConnection } from './sqlite/sqlite-connection.ts';

const AT = Date.UTC(2026, 10, 25, 9) as WallMs;
const watch: CampaignWatch = {
  ...{ policies: {}, policy: italy.policy, endpoints: ['crm', 'wallboard'], falsePositives: {}, falsePositive: null },
};

let connection: Connection;

beforeEach(async () => {
  connection = sqliteConnection(new DatabaseSync(':memory:'));
  for (const sql of migrations('sqlite')) await connection.execute(sql);
  await connection.execute("INSERT INTO campaigns VALUES ('luce', 'acme', '2026-11-20', 0)");
});

/** Sets a day's counts, as the ledger's writer has just done. */
async function dayIs(day: string, silent: number, handled: number, machines = 0, heard = 0): Promise<void> {
  const values = ['luce', day, silent, handled, machines, heard];
  await connection.execute('INSERT OR REPLACE INTO campaign_days VALUES (?, ?, ?, ?, ?, 0, ?)', values);
}

/** One silent call more on that day; what was raised, as `period threshold`. */
async function raised(day: string, on = watch): Promise<readonly string[]> {
  const moved = [{ ...{ campaign: 'luce', day }, silent: 1, handled: 0, machines: 0, machinesHeard: 0, hungUp: 0 }];
  const alerts = await connection.transaction(() => raiseCampaignAlerts(connection, 'guard-1', moved, on, AT));
  return alerts.map(({ figures, threshold }) => `${figures.period}:${figures.from} ${threshold ?? 'breached'}`);
}

const webhooks = async () => (await connection.execute('SELECT * FROM webhooks ORDER BY seq')).rows;

describe('a campaign that comes near a limit', () => {
  it('is told of once for each share of it, its day and its window', async () => {
    await dayIs('2026-11-20', 0, 600);
    await dayIs('2026-11-25', 10, 390);
    // 2.5 % of 400 that day, 1 % of 1,000 in the window.
    expect(await raised('2026-11-25')).toEqual(['day:2026-11-25 50']);
    expect(await raised('2026-11-25')).toEqual([]);
    await dayIs('2026-11-25', 16, 384);
    expect(await raised('2026-11-25')).toEqual([
      ...['day:2026-11-25 80', 'day:2026-11-25 100', 'window:2026-11-20 50'],
    ]);
    await dayIs('2026-11-25', 17, 383);
    expect(await raised('2026-11-25')).toEqual(['day:2026-11-25 breached']);
    // It gets better and worse again: nothing new.
    await dayIs('2026-11-25', 10, 900);
    await dayIs('2026-11-25', 17, 383);
    expect(await raised('2026-11-25')).toEqual([]);
  });

  it('is told of anew in the next window', async () => {
    await dayIs('2026-11-29', 2, 98);
    expect(await raised('2026-11-29')).toContain('window:2026-11-20 50');
    await dayIs('2026-11-30', 2, 98);
    expect(await raised('2026-11-30')).toEqual(['day:2026-11-30 50', 'window:2026-11-30 50']);
  });

  it('is told of in the day and window that a late correction belongs to', async () => {
    await dayIs('2026-11-29', 2, 98);
    await dayIs('2026-11-30', 0, 98);
    expect(await raised('2026-11-29')).toEqual(['day:2026-11-29 50', 'window:2026-11-20 50']);
  });

  it('costs nothing when its ratio did not get worse', async () => {
    await dayIs('2026-11-25', 50, 50);
    const better = [
      { campaign: 'luce', day: '2026-11-25', silent: 0, handled: 1, machines: 0, machinesHeard: 0, hungUp: 0 },
    ];
    expect(await raiseCampaignAlerts(connection, 'guard-1', better, watch, AT)).toEqual([]);
  });
});

describe('the webhooks of an alert', () => {
  it('go to every endpoint, keep their order, and fit their schema', async () => {
    await dayIs('2026-11-25', 3, 57);
    await raised('2026-11-25');
    const rows = await webhooks();
    // 5 %: three thresholds and the breach, of the day and of the window, to two endpoints.
    expect(rows).toHaveLength(16);
    expect(new Set(rows.map((row) => row.id)).size).toBe(16);
    expect(rows[0]).toMatchObject({
      ...{ call_id: 'campaign:luce', type: 'campaign.threshold', endpoint: 'crm', process: 'guard-1' },
    });
    const bodies = rows.map((row) => JSON.parse(String(row.body)));
    for (const { data } of bodies) expect(campaignAlertSchema.parse(data)).toEqual(data);
    expect(bodies[6]).toMatchObject({
      type: 'campaign.breached',
      timestamp: '2026-11-25T09:00:00.000Z',
      data: {
        ...{ campaign: 'luce', controller: 'acme', threshold: null, policy: italy.policy },
        figures: { period: 'day', silent: 3, handled: 57, percent: '5.000', verdict: 'breached' },
      },
    });
  });

  it('are gone with a transaction that is undone, and with it what was told', async () => {
    await dayIs('2026-11-25', 3, 57);
    const moved = [
      { campaign: 'luce', day: '2026-11-25', silent: 1, handled: 0, machines: 0, machinesHeard: 0, hungUp: 0 },
    ];
    const lost = connection.transaction(async () => {
      await raiseCampaignAlerts(connection, 'guard-1', moved, watch, AT);
      throw new Error('disk full');
    });
    await expect(lost).rejects.toThrow('disk full');
    expect(await webhooks()).toEqual([]);
    expect(await raised('2026-11-25')).toContain('day:2026-11-25 breached');
  });

  it('tell the campaign’s own estimate of false positives', async () => {
    await dayIs('2026-11-25', 3, 57);
    const estimate = { percent: 2, evidence: 'sample of June' };
    await raised('2026-11-25', { ...watch, falsePositive: estimate, falsePositives: { luce: null } });
    const [row] = await webhooks();
    expect(JSON.parse(String(row?.body)).data.figures.alternatives).toHaveLength(2);
  });
});

describe('where the law has an estimate of machines in the ratio', () => {
  const british: CampaignWatch = {
    ...{ ...watch, policy: unitedKingdom.policy, falsePositives: {} },
    falsePositive: { percent: 5, evidence: '400 recordings' },
  };
  /** One machine more on that day. */
  const found = async (on: CampaignWatch, machinesHeard = 0) => {
    const moved = { campaign: 'luce', day: '2026-11-25', silent: 0, handled: 0, machines: 1, machinesHeard, hungUp: 0 };
    return connection.transaction(() => raiseCampaignAlerts(connection, 'guard-1', [moved], on, AT));
  };

  it('a machine that detection found is enough to breach the limit, and the webhook tells what of it is estimated', async () => {
    await dayIs('2026-11-25', 2, 97, 20);
    // 2 and 1 of 100: the limit itself.
    expect((await found(british)).map(({ threshold }) => threshold)).toEqual([50, 80, 100]);
    await dayIs('2026-11-25', 2, 97, 21);
    const [breached] = await found(british);
    expect(breached).toMatchObject({
      threshold: null,
      figures: {
        ...{ silent: 2, handled: 97, machines: 21, ratio: { silent: 4, answered: 101 }, verdict: 'breached' },
        estimate: { method: 'false-positives', machinesFound: 21, added: 2, evidence: '400 recordings' },
      },
    });
    expect(campaignAlertSchema.parse(breached)).toEqual(breached);
  });

  it('one that an agent heard is none of them', async () => {
    await dayIs('2026-11-25', 2, 97, 40, 20);
    expect((await found(british, 1)).map(({ threshold }) => threshold)).toEqual([50, 80, 100]);
  });

  it('elsewhere a machine tells nothing', async () => {
    await dayIs('2026-11-25', 9, 90, 21);
    expect(await found({ ...british, policy: italy.policy })).toEqual([]);
  });
});
