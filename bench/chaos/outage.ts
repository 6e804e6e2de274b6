/** The disk or the database fails under a loaded Brusio, and comes back: what new calls, live calls and outcomes get. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { removeNow } from '../../src/testing/remove-now.ts';
import { ADDRESSES, launchBrusio, sample } from '../load/brusio-under-load.ts';
import { endsWithRun } from '../load/ends-with-run.ts';
import { spreadOf } from '../load/spread.ts';
import { kindOf } from './call-kinds.ts';
import { type ChaosDatabase, readDatabase, undelivered } from './database-rows.ts';
import { judge } from './judge.ts';
import { openOutcomeReceiver } from './outcome-receiver.ts';
import type { PartResult } from './part.ts';
import { openTraffic } from './traffic.ts';

/** What fails. */
export type Fault = {
  /** Makes the place of the database; `folder` is empty and the run's own. */
  prepare(folder: string): ChaosDatabase | Promise<ChaosDatabase>;
  /** It fails from here on. */
  strike(): void | Promise<void>;
  /** It is there again. */
  mend(): void | Promise<void>;
  /** Puts everything away, whether it fails or not; also at once, where nobody waits for the answer. */
  remove(): void | Promise<void>;
};

/** How the run is. */
export type OutageOptions = { readonly outageS: number; readonly callsPerSecond: number; readonly seed: number };

const BEFORE_MS = 6_000;
const AFTER_MS = 6_000;
/** Within this time Brusio says that it cannot write: the store's commit stall limit of 3 s, and some. */
const NOTICED_WITHIN_MS = 10_000;
/** Calls on their way when `/healthz` turned: their admission was decided before. */
const SETTLED_MS = 500;
/** After the mend calls are taken again: the longest pause between two attempts to write is 5 s. */
const BACK_WITHIN_MS = 20_000;
const DELIVERED_WITHIN_MS = 60_000;
/** A live call's teardown must not wait for a disk, which is away for longer: far above what a crowded machine takes away. */
const TEARDOWN_LATE_MS_MAX = 2_000;
/**
 * Of the ambience's packets (50 a second of waiting). Ambience that stopped with the disk would leave less to all calls that
 * were in their first half; a crowded machine takes a fifth away.
 */
const AMBIENCE_SHARE_MIN = 0.5;

/** Runs one fault and tells what was lost. */
export async function outage(fault: Fault, { outageS, callsPerSecond, seed }: OutageOptions): Promise<PartResult> {
  const folder = mkdtempSync(join(tmpdir(), 'brusio-chaos-'));
  const removed = endsWithRun(() => removeNow(folder));
  const database = await fault.prepare(folder);
  const receiver = await openOutcomeReceiver(ADDRESSES.webhook, seededRandom(seed));
  const traffic = await openTraffic();
  const brusio = launchBrusio({ webhook: receiver, folder, environment: database.environment });
  // Before Brusio is ended: what waits for a disk that hangs cannot be.
  const mended = endsWithRun(() => void fault.remove());
  const lost: string[] = [];
  const now = () => systemClock.monotonicMs();
  const healthTurns = async (status: number, withinMs: number): Promise<number> => {
    const sinceMs = now();
    while ((await brusio.health()) !== status) {
      if (now() - sinceMs > withinMs) {
        lost.push(`/healthz was not ${status} within ${withinMs} ms`);
        break;
      }
      await sleep(25);
    }
    return now();
  };
  try {
    await brusio.ready();
    traffic.start(callsPerSecond);
    await sleep(BEFORE_MS);
    const struckAtMs = now();
    await fault.strike();
    const noticedAtMs = await healthTurns(503, NOTICED_WITHIN_MS);
    await sleep(Math.max(0, outageS * 1_000 - (now() - struckAtMs)));
    const waiting = sample(await brusio.samples(), 'brusio_store_pending_entries');
    const mendedAtMs = now();
    await fault.mend();
    const backAtMs = await healthTurns(200, BACK_WITHIN_MS);
    await sleep(AFTER_MS);
    await traffic.pause();
    const giveUpAtMs = now() + DELIVERED_WITHIN_MS;
    while ((await undelivered(database)).length > 0 && now() < giveUpAtMs) await sleep(500);
    for (const webhook of await undelivered(database)) lost.push(`a webhook waits still: ${webhook}`);
    const code = await brusio.stop();
    if (code !== 0) lost.push(`Brusio ended with exit code ${code}`);
    const rows = await readDatabase(database);
    const [results, callees, taken] = [traffic.results(), traffic.callees(), receiver.taken()];
    lost.push(...judge({ results, callees, taken, database: rows, downtimes: [] }).lost);

    const duringOutage = results.filter(
      ({ invitedAtMs }) => invitedAtMs > noticedAtMs + SETTLED_MS && invitedAtMs < mendedAtMs,
    );
    const notRefused = duringOutage.filter(({ finalStatus }) => finalStatus !== 503);
    for (const { number, finalStatus } of notRefused)
      lost.push(`${kindOf(number).name}: a new call without a working store got ${finalStatus}, not 503`);
    const live = [...callees.values()].filter(
      ({ acknowledgedAtMs, endedAtMs }) =>
        acknowledgedAtMs !== null && acknowledgedAtMs < mendedAtMs && (endedAtMs ?? 0) > struckAtMs,
    );
    const outcomes = new Map(taken.map(({ outcome }) => [outcome.sip.carrierCallId, outcome]));
    const lateMs: number[] = [];
    for (const [carrierCallId, callee] of callees) {
      const outcome = outcomes.get(carrierCallId);
      if (!live.includes(callee) || outcome?.endCause !== 'deadline') continue;
      lateMs.push(Math.abs(outcome.waitMs - 3_000));
      const due = (outcome.waitMs / 20) * AMBIENCE_SHARE_MIN;
      if ((outcome.comfortNoise?.packets ?? 0) < due)
        lost.push(`a waiting callee heard ${outcome.comfortNoise?.packets ?? 0} packets in ${outcome.waitMs} ms`);
    }
    const late = spreadOf(lateMs);
    if (late.max > TEARDOWN_LATE_MS_MAX) lost.push(`a teardown was ${late.max.toFixed(0)} ms late`);
    return {
      tried: [
        `${outageS} s without, at ${callsPerSecond} calls/s: noticed after ${(noticedAtMs - struckAtMs).toFixed(0)} ms, calls taken again ${(backAtMs - mendedAtMs).toFixed(0)} ms after it was back`,
        `${duringOutage.length} new calls meanwhile, ${duringOutage.length - notRefused.length} of them got 503`,
        `${live.length} live calls met it; ${lateMs.length} of them were torn down at the end of the wait, ${late.max.toFixed(1)} ms off at most`,
        `${waiting} changes waited in memory; ledger: ${rows.entries} entries, chains and counts checked; ${rows.outcomes.length} outcomes stored in all, ${taken.length} told`,
      ],
      lost,
    };
  } finally {
    await fault.remove();
    mended();
    await brusio.kill();
    await traffic.close();
    await receiver.close();
    removeNow(folder);
    removed();
  }
}
