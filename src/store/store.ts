/** The database behind the guard's ports, in a thread of its own. */
import type { Clock } from '../base/clock.ts';
import { AppError, describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { CampaignCounts } from '../guard/campaign-port.ts';
import type { OptOutStore } from '../guard/opt-out-port.ts';
import type { PrivacyStore } from '../guard/privacy-port.ts';
import type { Outbox, Store } from '../guard/store-port.ts';
import type { StoryStore } from '../guard/story-port.ts';
import type { LedgerPosition } from '../ledger/ledger-entry.ts';
import type { CampaignAlertData } from '../policy/campaign-threshold.ts';
import type { CampaignWatch } from './campaign-watch.ts';
import type { DatabasePlace } from './database-place.ts';
import { createGroupWriter, type StoreStats } from './group-writer.ts';
import { STORE_LIMITS, type StoreLimits } from './store-limits.ts';
import type { StoreWrite } from './store-message.ts';
import { type StartStoreThread, workerThreadStarter } from './store-thread.ts';

/** Both ports on one database, and its counters. */
export type DatabaseStore = Store &
  Outbox &
  CampaignCounts &
  PrivacyStore &
  OptOutStore &
  StoryStore & { stats(): StoreStats & AlertStats };

/** What was told of campaigns' limits since the start, by this process: `50`, `80`, `100` (per cent of one) or `breached`. */
export type AlertStats = { readonly campaignAlerts: Readonly<Record<string, number>> };

/** What the store is made of; `limits` and `startThread` are for tests. */
export type DatabaseStoreOptions = {
  readonly place: DatabasePlace;
  /** How the limits of campaigns are watched; without it they are not. */
  readonly watch?: CampaignWatch;
  /** Told of each alert after its commit. */
  readonly onAlert?: (alert: CampaignAlertData) => void;
  readonly log: Logger;
  readonly clock: Clock;
  /** Ids of the keys that numbers are digested under, newest first; left out: none are, and the database is not asked about them. */
  readonly numberKeyIds?: () => readonly string[];
  readonly limits?: Partial<StoreLimits>;
  readonly startThread?: StartStoreThread;
};

/** A store that is not open yet: what is posted before `start` waits for it. */
export function createDatabaseStore({
  place,
  watch,
  onAlert = () => {},
  log,
  clock,
  numberKeyIds = () => [],
  ...forTests
}: DatabaseStoreOptions): DatabaseStore {
  const limits: StoreLimits = { ...STORE_LIMITS, ...forTests.limits };
  const startThread = forTests.startThread ?? workerThreadStarter();
  const campaignAlerts: Record<string, number> = {};
  let wakeDispatcher: () => void = () => {};

  const writer = createGroupWriter({
    startThread: (onGone) => startThread({ place, watch: watch ?? null }, onGone),
    limits,
    log,
    clock,
    onCommitted: (changes, alerts) => {
      for (const alert of alerts) {
        tell(alert);
        onAlert(alert);
      }
      if (alerts.length > 0 || changes.some(makesWebhooksDue)) wakeDispatcher();
    },
  });

  function tell({ campaign, threshold, figures }: CampaignAlertData): void {
    const name = String(threshold ?? 'breached');
    campaignAlerts[name] = (campaignAlerts[name] ?? 0) + 1;
    const { period, from, to, silent, handled, percent } = figures;
    const facts = { campaign, period, from, to, silent, handled, percent };
    if (threshold === null) log.warn(facts, 'campaign: a limit on silent calls is passed');
    else log.warn({ ...facts, thresholdPercent: threshold }, 'campaign: it comes near a limit on silent calls');
  }

  async function told(change: StoreWrite): Promise<void> {
    await writer.postAndWait(change);
  }

  async function noteNumberKeys(): Promise<void> {
    const ids = numberKeyIds();
    if (ids.length > 0) await writer.ask({ ask: 'use-number-keys', ids, at: clock.now().wallMs });
  }

  return {
    async start() {
      await writer.start();
      try {
        await noteNumberKeys();
      } catch (thrown) {
        // With other keys than the database's nothing may be written.
        await writer.stop();
        throw new AppError('store.cannot-open', describeError(thrown), { cause: thrown });
      }
    },
    journal: (entry) => writer.post({ op: 'journal', entry }),
    recordOutcome: async (entry) => first(await writer.postAndWait({ op: 'outcome', entry, at: clock.now().wallMs })),
    recordCorrection: async (entry) =>
      first(await writer.postAndWait({ op: 'correction', entry, at: clock.now().wallMs })),
    ledger: (drafts) => writer.postAndWait({ op: 'ledger', drafts, at: clock.now().wallMs }),
    ownerOf: (callId) => writer.ask({ ask: 'owner', callId }),
    async ledgerTrees() {
      // In steps, so that what is to be written meanwhile never waits long.
      for (;;) {
        const trees = await writer.ask({ ask: 'ledger-trees' });
        if (trees !== null) return trees;
      }
    },
    settingsSeen: () => writer.ask({ ask: 'settings-seen' }),
    campaignPolicies: () => writer.ask({ ask: 'campaign-policies' }),
    campaigns: () => writer.ask({ ask: 'campaigns' }),
    campaignDays: (campaign, from) => writer.ask({ ask: 'campaign-days', campaign, from }),
    openCalls: () => writer.ask({ ask: 'open-calls' }),
    findOutcome: async (ref) => writer.findPendingOutcome(ref) ?? (await writer.ask({ ask: 'outcome', ref })),
    findOutcomeByReference: (reference) => writer.ask({ ask: 'outcome-by-reference', reference }),
    correctionsOf: (callId) => writer.ask({ ask: 'corrections', callId }),
    storyOf: (ref) => writer.ask({ ask: 'story', ref }),
    health: () => writer.health(),
    stop: () => writer.stop(),

    eraseNumber: (erasure) => writer.ask({ ask: 'erase-number', erasure, at: clock.now().wallMs }),
    addOptOut: (said) => writer.ask({ ask: 'add-opt-out', said, at: clock.now().wallMs }),
    removeOptOuts: (removal) => writer.ask({ ask: 'remove-opt-outs', removal, at: clock.now().wallMs }),
    optOutsOf: (digests) => writer.ask({ ask: 'opt-outs-of', digests }),
    optOutPage: (page) => writer.ask({ ask: 'opt-out-page', page }),
    calledNumber: (ref) => writer.ask({ ask: 'called-number', ref }),
    sweep: (limits) => writer.ask({ ask: 'sweep', limits, at: clock.now().wallMs }),
    callsByDigest: (digests) => writer.ask({ ask: 'calls-by-digest', digests }),
    noteNumberKeys,

    onDue(wake) {
      wakeDispatcher = wake;
    },
    due: (now, limit, endpoint) => writer.ask({ ask: 'due-webhooks', endpoint, at: now, limit }),
    nextDueAt: (endpoint) => writer.ask({ ask: 'next-due', endpoint }),
    delivered: (id, at) => told({ op: 'webhook-delivered', id, at }),
    failed: (id, nextAttemptAt, problem) => told({ op: 'webhook-failed', id, nextAttemptAt, problem }),
    dead: (id, problem) => told({ op: 'webhook-dead', id, at: clock.now().wallMs, problem }),

    stats: () => ({ ...writer.stats(), campaignAlerts: { ...campaignAlerts } }),
  };
}

function first(positions: readonly LedgerPosition[]): LedgerPosition | null {
  return positions[0] ?? null;
}

function makesWebhooksDue(change: StoreWrite): boolean {
  return (change.op === 'outcome' || change.op === 'correction') && change.entry.webhooks.length > 0;
}
