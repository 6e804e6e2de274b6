/** `kill -9` at random points of a loaded run, and a new start each time. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { removeNow } from '../../src/testing/remove-now.ts';
import { ADDRESSES, type LaunchedBrusio, launchBrusio } from '../load/brusio-under-load.ts';
import { endsWithRun } from '../load/ends-with-run.ts';
import { spreadOf } from '../load/spread.ts';
import { type ChaosDatabase, readDatabase, sqliteIn, undelivered } from './database-rows.ts';
import { type Downtime, judge, LAST_COMMIT_MS_MAX } from './judge.ts';
import { openOutcomeReceiver } from './outcome-receiver.ts';
import type { PartResult } from './part.ts';
import { openTraffic } from './traffic.ts';

/** How the run is. */
export type KillOptions = {
  readonly kills: number;
  readonly callsPerSecond: number;
  readonly seed: number;
  /** After this time there are no more kills, and what there was is judged. */
  readonly minutes?: number;
};

/** A life is at most so long once it takes calls, ms: longer than a call's wait, so that every state is met. */
const LIFE_MS_MAX = 4_000;
/** Of the kills, the share that meets a process while it starts or recovers. */
const WHILE_STARTING_SHARE = 0.2;
/** Within this time a start takes calls. */
const STARTING_MS = 1_500;
/** Between two lines of progress. */
const TELL_EVERY_KILLS = 20;
/** Outcomes that wait are delivered by then: a refused delivery is tried again after some seconds. */
const DELIVERED_WITHIN_MS = 60_000;

/** Runs it and tells what was lost; on SQLite in a folder of the run's own unless another database is given. */
export async function killAtRandomPoints(options: KillOptions, given?: ChaosDatabase): Promise<PartResult> {
  const folder = mkdtempSync(join(tmpdir(), 'brusio-chaos-'));
  const removed = endsWithRun(() => removeNow(folder));
  const random = seededRandom(options.seed);
  const receiver = await openOutcomeReceiver(ADDRESSES.webhook, seededRandom(options.seed + 1));
  const traffic = await openTraffic();
  const database = given ?? sqliteIn(join(folder, 'data'));
  const { environment } = database;
  const launch = () => launchBrusio({ webhook: receiver, folder, environment });
  const downtimes: Downtime[] = [];
  let brusio: LaunchedBrusio = launch();
  const problems: string[] = [];
  try {
    await brusio.ready();
    traffic.start(options.callsPerSecond);
    let killsWhileStarting = 0;
    let nextTold = TELL_EVERY_KILLS;
    const endAtMs = systemClock.monotonicMs() + (options.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
    let kill = 0;
    while (kill < options.kills && systemClock.monotonicMs() < endAtMs) {
      await sleep(random() * LIFE_MS_MAX);
      const killedAtMs = systemClock.monotonicMs();
      let lastKilledAtMs = killedAtMs;
      await brusio.kill();
      kill += 1;
      brusio = launch();
      while (kill < options.kills && random() < WHILE_STARTING_SHARE) {
        await sleep(random() * STARTING_MS);
        lastKilledAtMs = systemClock.monotonicMs();
        await brusio.kill();
        kill += 1;
        killsWhileStarting += 1;
        brusio = launch();
      }
      await brusio.ready();
      downtimes.push({ killedAtMs, lastKilledAtMs, upAtMs: systemClock.monotonicMs() });
      if (kill >= nextTold) {
        console.log(`  ${kill} kills, ${traffic.placed()} calls, ${receiver.taken().length} outcomes`);
        nextTold = kill + TELL_EVERY_KILLS;
      }
    }
    await traffic.pause();
    const giveUpAtMs = systemClock.monotonicMs() + DELIVERED_WITHIN_MS;
    while ((await undelivered(database)).length > 0 && systemClock.monotonicMs() < giveUpAtMs) await sleep(500);
    const code = await brusio.stop();
    if (code !== 0) problems.push(`the last life ended with exit code ${code}`);
    const rows = await readDatabase(database);
    const verdict = judge({
      results: traffic.results(),
      callees: traffic.callees(),
      taken: receiver.taken(),
      database: rows,
      downtimes,
    });
    problems.push(...verdict.lost, ...receiver.changed().map((id) => `webhook ${id} came with two bodies`));
    if (receiver.wrong() > 0) problems.push(`${receiver.wrong()} webhooks were wrong`);
    const last = spreadOf(verdict.inLastCommitMs);
    const down = spreadOf(downtimes.map(({ killedAtMs, upAtMs }) => upAtMs - killedAtMs));
    return {
      tried: [
        `${kill} times kill -9, ${killsWhileStarting} of them while starting or recovering; seed ${options.seed}`,
        `${traffic.placed()} calls at ${options.callsPerSecond}/s, ${traffic.callees().size} reached the carrier, ${verdict.figures.answered} were answered, ${verdict.figures.endedByRestart} of them live when Brusio was killed`,
        `ledger: ${rows.entries} entries, chains and counts checked; outcomes: ${rows.outcomes.length} stored, ${receiver.taken().length} told, ${receiver.repeated()} more than once, after ${receiver.refused()} refused deliveries`,
        `from a kill to the next call taken: ${down.p50.toFixed(0)} ms median, ${down.max.toFixed(0)} ms at most`,
        `of the answered: ${verdict.figures.silent} told as class A, ${verdict.figures.bridged} as B; ${verdict.figures.betweenLives} were called by one life and picked up after its end (acknowledged and hung up by the next, told as unknown)`,
        `answered or bridged in the last commit before a kill (at most ${LAST_COMMIT_MS_MAX} ms) and told as not: ${verdict.inLastCommitMs.length}${verdict.inLastCommitMs.length > 0 ? `, ${last.p50.toFixed(0)} ms median, ${last.max.toFixed(0)} ms at most` : ''}; ${verdict.figures.leftToTimers} of them are ended by their peers' timers`,
      ],
      lost: problems,
    };
  } finally {
    await brusio.kill();
    await traffic.close();
    await receiver.close();
    removeNow(folder);
    removed();
  }
}
