/** Simulated calls as the rows of a database that a Brusio could have written, with the settings that show it. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { campaignPolicies } from '../../../app-campaigns.ts';
import { brusioVersion } from '../../../app-version.ts';
import { type Clock, systemClock, type WallMs } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import { createNumberDigests } from '../../../base/number-digest.ts';
import { checkSettings } from '../../../config/load-settings.ts';
import { numberKeysOf } from '../../../config/number-key.ts';
import { numberKeyPath } from '../../../config/privacy-settings.ts';
import { reportKeyOf, reportKeyPath } from '../../../config/report-key.ts';
import type { Settings } from '../../../config/settings.ts';
import { createLedgerKeeper } from '../../../guard/ledger-keeper.ts';
import type { Json } from '../../../ledger/ledger-entry.ts';
import { publicKeyNote } from '../../../ledger/report/public-key-note.ts';
import { rootDraft } from '../../../ledger/system-drafts.ts';
import { createGroupRun } from '../../../simulation/group.ts';
import { planOf } from '../../../simulation/plan.ts';
import { simulatedCampaign } from '../../../simulation/report.ts';
import type { Scenario } from '../../../simulation/scenario.ts';
import { databasePlace } from '../../../store/database-place.ts';
import { createDatabaseStore } from '../../../store/store.ts';
import type { StartStoreThread } from '../../../store/store-thread.ts';
import type { SimulatedScenario, SimulationProgress } from '../run-scenarios.ts';
import { createCallRows, type RowJob } from './call-rows.ts';

/** Changes that wait for the disk at once: a day of a large campaign would fill the memory. */
const WRITES_MAX = 5_000;

/** How rows are written; `startThread` is for tests. */
export type RowsOptions = {
  readonly folder: string;
  readonly stop: SharedArrayBuffer;
  readonly onProgress: (progress: SimulationProgress) => void;
  readonly startThread?: StartStoreThread;
};

/**
 * Runs a scenario and writes its rows into a new database in the folder, beside `brusio.yaml` with its settings.
 *
 * @throws AppError `simulate.folder`: there is a database already
 */
export async function writeRows(scenario: Scenario, options: RowsOptions): Promise<SimulatedScenario> {
  const { folder, stop, onProgress, ...forTests } = options;
  if (existsSync(join(folder, 'brusio.db')))
    throw new AppError('simulate.folder', `there is a database in ${folder} already: name a folder that has none`);
  mkdirSync(folder, { recursive: true });
  const settings = settingsOf(scenario, folder);
  writeFileSync(join(folder, 'brusio.yaml'), stringify(settings.written));

  const groups = planOf(scenario);
  const first = groups[0];
  if (first === undefined) throw new AppError('simulate.folder', 'the scenario has no campaign');
  const cpuBefore = process.cpuUsage();
  const keys = createNumberDigests(numberKeysOf(numberKeyPath(settings.complete), systemClock.now().wallMs));
  const rows = groups.map((plan, index) => createCallRows(plan, index, keys.all));
  const runs = groups.map((plan, index) => createGroupRun(plan, rows[index]));
  const clock = simulatedClock();
  const log = pino({ level: 'error' }, pino.destination(2));
  const place = databasePlace({ url: null, dataDir: folder, process: settings.complete.database.process });
  const store = createDatabaseStore({ place, log, clock, numberKeyIds: () => [keys.keyId], ...forTests });
  const keeper = createLedgerKeeper({
    // Its midnights are those of the simulation, below.
    ...{ store, clock: { ...clock, setTimer: () => ({ cancel() {} }) }, log, timeZone: first.timeZone },
    program: { version: brusioVersion(), process: settings.complete.database.process, node: process.versions.node },
    policies: campaignPolicies(settings.complete),
    settings: { policy: plain(settings.complete.policy), campaigns: plain(settings.complete.campaigns) },
  });

  clock.set(runs[0]?.beginsAt() ?? (0 as WallMs));
  keeper.begin(publicKeyNote(reportKeyOf(reportKeyPath(settings.complete))));
  await store.start();
  await keeper.start();
  let days = 0;
  try {
    for (let goesOn = true; goesOn && Atomics.load(new Int32Array(stop), 0) === 0; ) {
      const day = runs[0]?.today() ?? scenario.from;
      goesOn = runs.map((run) => run.day()).every((more) => more);
      await write(rows.flatMap((one) => one.take()));
      days++;
      // As at each midnight.
      clock.set(runs[0]?.now() ?? clock.now().wallMs);
      await store.ledger([rootDraft(day, await store.ledgerTrees())]);
      onProgress({ days, ofDays: scenario.days, invites: runs.reduce((sum, run) => sum + run.invites(), 0) });
    }
    for (const run of runs) run.finish();
    await write(rows.flatMap((one) => one.take()));
    await keeper.stop();
  } finally {
    await store.stop();
  }

  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    ...{ scenario, days, cpuMs: (user + system) / 1_000 },
    campaigns: groups.flatMap(({ campaigns }, index) =>
      (runs[index]?.results() ?? []).flatMap((result, place_) => {
        const law = campaigns[place_]?.law;
        return law === undefined ? [] : [simulatedCampaign(result, law)];
      }),
    ),
    invites: runs.reduce((sum, run) => sum + run.invites(), 0),
  };

  /** In the order of time, over all groups. */
  async function write(jobs: readonly RowJob[]): Promise<void> {
    let waiting: Promise<unknown>[] = [];
    for (const { at, write: start } of [...jobs].sort((one, other) => one.at - other.at)) {
      clock.set(at);
      waiting.push(start(store));
      if (waiting.length < WRITES_MAX) continue;
      await Promise.all(waiting);
      waiting = [];
    }
    await Promise.all(waiting);
  }
}

/** Its records are of the simulation's time, its pauses are real; what is to come at a later hour of the simulation never does. */
function simulatedClock(): Clock & { set(at: WallMs): void } {
  let wallMs = 0 as WallMs;
  return {
    ...systemClock,
    now: () => ({ ...systemClock.now(), wallMs }),
    set(at) {
      wallMs = at;
    },
  };
}

/** Of a Brusio whose calls these were: as they are written to the file, and complete. */
function settingsOf({ policy, wait, campaigns }: Scenario, folder: string) {
  const plans = new Map(
    planOf({ ...EMPTY, policy, wait, campaigns }).flatMap((group) =>
      group.campaigns.map((one) => [one.terms.campaign, one]),
    ),
  );
  const written = {
    data: { dir: folder },
    policy,
    wait,
    campaigns: {
      autoCreate: false,
      named: campaigns.flatMap(({ name, jurisdiction, machineFalsePositive, machineDetection }) => {
        const terms = plans.get(name)?.terms;
        if (terms === undefined) return [];
        const { controller, roc, callerIds, startsOn, endsOn, frequency, modes: rules } = terms;
        const own = { ...(jurisdiction === null ? {} : { jurisdiction }), machineFalsePositive, machineDetection };
        return [{ name, controller, roc, callerIds, startsOn, endsOn, frequency, rules, ...own }];
      }),
    },
  };
  const checked = checkSettings(written);
  if (checked.ok) return { written, complete: checked.value satisfies Settings };
  const problems = checked.problem.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new AppError('simulate.folder', `the scenario does not fit into Brusio's settings: ${problems}`);
}

const EMPTY = { from: '2025-01-06', days: 1, seed: 0 };

function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
