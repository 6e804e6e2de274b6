/**
 * What the ledger is told besides calls: that this process started and stopped, the settings that count when they are not
 * those it was told last, and once a day, and at the end, a root over all chains of the database.
 */
import { addMs, type Clock, type Timer, type WallMs } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import { addDays, localTimeOf, wallOf } from '../base/local-time.ts';
import type { Logger } from '../base/log.ts';
import { type CampaignPolicies, campaignPolicyContent } from '../ledger/campaign-policy.ts';
import type { Json, LedgerDraft } from '../ledger/ledger-entry.ts';
import type { PublicKeyNote } from '../ledger/report/public-key-note.ts';
import { rootDraft, settingsDraft, startDraft, stopDraft } from '../ledger/system-drafts.ts';
import type { CampaignCounts } from './campaign-port.ts';
import type { Store } from './store-port.ts';

/** What it writes and by what. */
export type LedgerKeeperParts = {
  readonly store: Pick<Store, 'ledger' | 'ledgerTrees' | 'settingsSeen' | 'campaignPolicies'> &
    Pick<CampaignCounts, 'campaigns'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** IANA name of the jurisdiction's. */
  readonly timeZone: string;
  /** Of Brusio, the process and Node. */
  readonly program: { readonly version: string; readonly process: string; readonly node: string };
  /** The settings that decide what is allowed and counted; without secrets. */
  readonly settings: { readonly policy: Json; readonly campaigns: Json };
  /** By whose rules campaigns are run from here on. */
  readonly policies: CampaignPolicies;
};

/** See {@link createLedgerKeeper}. */
export type LedgerKeeper = {
  /** The first entry of this run, with the key that it signs reports with; before the store is opened it waits for it. */
  begin(reportKey: PublicKeyNote): void;
  /** Once the store is open: the settings where they changed, and a root at every midnight from here on. */
  start(): Promise<void>;
  /** The last root and the last entry, for the store to write before it stops. */
  stop(): Promise<void>;
};

/** A clock that is set is noticed after so long, ms. */
const LOOK_AGAIN_MS = 600_000;

/** Never throws: a ledger that cannot be written stops calls by the store's health, not here. */
export function createLedgerKeeper({
  store,
  clock,
  log,
  timeZone,
  program,
  settings,
  policies,
}: LedgerKeeperParts): LedgerKeeper {
  const { version, process, node } = program;
  const today = () => localTimeOf(timeZone, clock.now().wallMs).day;
  let day = today();
  let timer: Timer | null = null;
  let began = false;

  async function write(drafts: () => Promise<readonly LedgerDraft[]>): Promise<void> {
    try {
      const written = await drafts();
      // Not waited for: while the disk fails it waits in the store's memory with all else.
      if (written.length > 0) store.ledger(written).catch(notTold);
    } catch (thrown) {
      notTold(thrown);
    }
  }

  function notTold(thrown: unknown): void {
    log.error({ problem: describeError(thrown) }, 'the ledger was not told of starts, settings or roots');
  }

  async function changedSettings(): Promise<readonly LedgerDraft[]> {
    const seen = await store.settingsSeen();
    const changed = (['policy', 'campaigns'] as const)
      .map((name) => ({ name, draft: settingsDraft(name, settings[name]) }))
      .filter(({ name, draft }) => seen.get(name) !== draft.body.sha256)
      .map(({ draft }) => draft);
    return [...changed, ...(await changedPolicies())];
  }

  /** An inspector finds which campaign went from which rules to which in one entry. */
  async function changedPolicies(): Promise<readonly LedgerDraft[]> {
    const [before, starts] = await Promise.all([store.campaignPolicies(), store.campaigns()]);
    const known = starts.map(({ campaign }) => campaign);
    const content = campaignPolicyContent(before, policies, known);
    return content === null ? [] : [settingsDraft('campaign-policy', content)];
  }

  /** The trees grow as the day does: at midnight and at the end little is left to read. */
  function readOn(): void {
    store.ledgerTrees().catch((thrown: unknown) => {
      log.warn({ problem: describeError(thrown) }, 'the ledger cannot be read for its next root');
    });
  }

  function waitForMidnight(): void {
    const { wallMs, monotonicMs } = clock.now();
    const midnight: WallMs = wallOf(timeZone, addDays(day, 1), 0);
    const waitMs = Math.min(LOOK_AGAIN_MS, Math.max(1_000, midnight - wallMs));
    timer = clock.setTimer(addMs(monotonicMs, waitMs), () => {
      const ended = day;
      day = today();
      // Also when the clock was set by days: one root, of the day that was thought to be.
      if (day > ended) {
        void write(async () => [rootDraft(ended, await store.ledgerTrees())]);
      } else {
        day = ended;
        readOn();
      }
      waitForMidnight();
    });
  }

  return {
    begin(reportKey) {
      began = true;
      void write(async () => [startDraft({ version, process, node, reportKey })]);
    },
    async start() {
      await write(changedSettings);
      readOn();
      waitForMidnight();
    },
    async stop() {
      timer?.cancel();
      timer = null;
      if (!began) return;
      await write(async () => [rootDraft(today(), await store.ledgerTrees()), stopDraft({ version, process })]);
    },
  };
}
