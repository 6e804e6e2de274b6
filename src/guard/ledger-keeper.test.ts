import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CampaignPolicies } from '../ledger/campaign-policy.ts';
import type { LedgerDraft, LedgerPosition } from '../ledger/ledger-entry.ts';
import { settingsDraft } from '../ledger/system-drafts.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { SAMPLE_REPORT_KEY } from '../testing/ledger-samples.ts';
import { createLedgerKeeper, type LedgerKeeper } from './ledger-keeper.ts';

const HEAD: LedgerPosition = { chain: 'guard-1', seq: 7, hash: 'ab'.repeat(32) };
const TREE = { ...HEAD, tree: 'cd'.repeat(32), peaks: [] };
const HOUR_MS = 3_600_000;

let clock: FakeClock;
let written: LedgerDraft[];
let seen: Map<string, string>;
let told: CampaignPolicies | null;

const POLICIES: CampaignPolicies = { campaigns: { boilers: 'gb-ofcom-2010@1' }, others: 'it-garante-83-2014@1' };

beforeEach(() => {
  clock = fakeClock(Date.UTC(2026, 10, 20, 20, 30));
  written = [];
  seen = new Map();
  told = POLICIES;
});

function keeper(): LedgerKeeper {
  return createLedgerKeeper({
    store: {
      async ledger(drafts) {
        written.push(...drafts);
        return drafts.map(() => HEAD);
      },
      ledgerTrees: async () => [TREE],
      settingsSeen: async () => seen,
      campaignPolicies: async () => told,
      campaigns: async () => [],
    },
    clock,
    log: pino({ level: 'silent' }),
    timeZone: 'Europe/Rome',
    program: { version: '0.1.0', process: 'guard-1', node: '24.0.0' },
    settings: { policy: { roc: 'observe' }, campaigns: { named: [] } },
    policies: POLICIES,
  });
}

const kinds = () => written.map(({ kind, body }) => (kind === 'settings' ? `settings ${body.name}` : kind));
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the keeper of the ledger', () => {
  it('begins with a start, then the settings that are not those last seen', async () => {
    seen.set('policy', String(settingsDraft('policy', { roc: 'observe' }).body.sha256));
    const started = keeper();
    started.begin(SAMPLE_REPORT_KEY);
    await started.start();
    expect(kinds()).toEqual(['start', 'settings campaigns']);
    await started.stop();
  });

  it('tells in one entry which campaign went from which rules to which', async () => {
    for (const name of ['policy', 'campaigns'] as const) {
      const content = { policy: { roc: 'observe' }, campaigns: { named: [] } }[name];
      seen.set(name, String(settingsDraft(name, content).body.sha256));
    }
    told = { campaigns: {}, others: 'it-garante-83-2014@1' };
    const started = keeper();
    started.begin(SAMPLE_REPORT_KEY);
    await started.start();
    expect(kinds()).toEqual(['start', 'settings campaign-policy']);
    expect(written[1]?.body.content).toMatchObject({
      changes: [{ campaign: 'boilers', from: 'it-garante-83-2014@1', to: 'gb-ofcom-2010@1' }],
    });
    await started.stop();
  });

  it('writes a root of the day that ended at each local midnight', async () => {
    const started = keeper();
    started.begin(SAMPLE_REPORT_KEY);
    await started.start();
    written = [];
    for (let hour = 0; hour < 2; hour++) {
      clock.advance(HOUR_MS);
      await settle();
    }
    expect(written).toEqual([]);
    // 23:00 UTC is midnight in Rome in November.
    for (let hour = 0; hour < 25; hour++) {
      clock.advance(HOUR_MS);
      await settle();
    }
    expect(written.map(({ kind, body }) => [kind, body.day, body.heads])).toEqual([
      ['root', '2026-11-20', [expect.objectContaining(HEAD)]],
      ['root', '2026-11-21', [expect.objectContaining(HEAD)]],
    ]);
    await started.stop();
  });

  it('ends with a root of the day so far and a stop, and with nothing when it never began', async () => {
    const started = keeper();
    started.begin(SAMPLE_REPORT_KEY);
    await started.start();
    written = [];
    await started.stop();
    expect(kinds()).toEqual(['root', 'stop']);
    written = [];
    await keeper().stop();
    expect(written).toEqual([]);
  });
});
