import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import type { CallId } from '../../call/call-facts.ts';
import { italy } from '../../policy/jurisdictions/italy.ts';
import { OPEN_CORRECTION_MS } from '../../policy/rules/standing-on.ts';
import { allModes, lawfulTerms, MONDAY_MORNING } from '../../testing/ruling-facts.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { databasePlace } from '../database-place.ts';
import { openDatabase } from '../open-database.ts';
import { createCallsInFlight } from './calls-in-flight.ts';
import type { CallNotice } from './held-calls.ts';
import { createOpenOutcomesAtMost } from './open-outcomes.ts';
import { type RulingBench, ruleGroup } from './rule-group.ts';
import { prepareForRulings } from './ruling-connection.ts';
import type { Asked } from './ruling-message.ts';

let dataDir: string;
let database: Database;
let connection: Connection;
let heardMeanwhile: CallNotice[];
let bench: RulingBench;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'brusio-group-'));
  database = await openDatabase(databasePlace({ url: null, dataDir, process: 'guard-1' }), systemClock);
  connection = await database.connection();
  await prepareForRulings(connection);
  heardMeanwhile = [];
  bench = {
    ...{ process: 'guard-1', held: createCallsInFlight(), open: createOpenOutcomesAtMost() },
    roomHeard: () => heardMeanwhile.splice(0),
  };
});
afterEach(async () => {
  await database.close();
  await rm(dataDir, { recursive: true });
});

/** An INVITE without an agent, to a number of its own. */
function asking(name: string): Asked {
  return {
    ...{ id: 1, at: MONDAY_MORNING, of: 'invite' },
    request: {
      ...{ callId: name as CallId, at: MONDAY_MORNING, number: '', callerId: '', digests: [name], agent: 'none' },
      exception: null,
      policy: italy.policy,
      terms: lawfulTerms({
        ...{ campaign: 'luce', promisedAgents: 'count' },
        modes: { ...allModes('off'), 'abandonment-budget': 'enforce' },
      }),
    },
  };
}
const isAllowed = async (name: string) => (await ruleGroup(connection, bench, [], [asking(name)]))[0]?.allowed;
const setHandled = (handled: number) =>
  connection.execute(`INSERT OR REPLACE INTO campaign_days VALUES ('luce', '2026-11-23', 0, ${handled}, 0, 0, 0)`);

describe('a group of rulings on SQLite', () => {
  it('knows of every answer whose class it sees in the counts, however late it was heard', async () => {
    await setHandled(64);
    expect(await isAllowed('machine')).toBe(true);
    // A machine's, counted as handled, and taken back any moment: then two silent calls of 66 would be too many.
    await setHandled(65);
    heardMeanwhile = [{ type: 'answered', callId: 'machine', at: MONDAY_MORNING }];
    expect(await isAllowed('another')).toBe(false);
    await setHandled(66);
    expect(await isAllowed('another')).toBe(true);
  });

  it('knows of every call that takes room again whose class it sees in the counts', async () => {
    await setHandled(64);
    expect(await isAllowed('overdue')).toBe(true);
    const settled: CallNotice[] = [
      { type: 'answered', callId: 'overdue', at: MONDAY_MORNING },
      { type: 'counted', callId: 'overdue' },
    ];
    await ruleGroup(connection, bench, settled, []);
    // A machine's after all, as far as was reported: it frees a place, and may need it again.
    await setHandled(65);
    heardMeanwhile = [{ type: 'uncounted', callId: 'overdue', id: 1 }];
    expect(await isAllowed('another')).toBe(false);
    await setHandled(66);
    expect(await isAllowed('another')).toBe(true);
  });

  it('takes nothing from the answers it was not told of', async () => {
    await setHandled(65);
    expect(await isAllowed('ringing')).toBe(true);
    expect(await isAllowed('another')).toBe(true);
    expect(await isAllowed('third')).toBe(false);
  });

  it('counts every outcome that may be taken back, those committed since it looked included', async () => {
    const machine = (callId: string, endedAt = MONDAY_MORNING - 1_000) =>
      connection.execute(
        `INSERT INTO outcomes (call_id, dialer_call_id, campaign, controller, kind, class, counted_as, network, handling, day,
           invited_at_ms, answered_at_ms, ended_at_ms, record)
         VALUES ('${callId}', '', 'luce', 'acme', 'guarded', 'B', 'machine', 'answered', 'none', '2026-11-23',
           ${endedAt}, ${endedAt}, ${endedAt}, '{}')`,
      );
    await setHandled(99);
    await machine('long ago', MONDAY_MORNING - OPEN_CORRECTION_MS);
    expect(await isAllowed('first')).toBe(true);
    expect(await isAllowed('second')).toBe(true);
    // Both were machines: no longer in flight, and yet at risk.
    for (const callId of ['first', 'second']) await machine(callId);
    const over = (callId: string): CallNotice => ({ type: 'released', callId });
    const [third] = await ruleGroup(connection, bench, [over('first'), over('second')], [asking('third')]);
    expect(third?.allowed).toBe(true);
    expect(await isAllowed('fourth')).toBe(false);
  });

  it('refuses nobody for outcomes that are only thought to be there', async () => {
    await setHandled(65);
    for (const name of ['first', 'second', 'third', 'fourth']) {
      expect(await isAllowed(name)).toBe(true);
      // Nobody answered.
      await ruleGroup(connection, bench, [{ type: 'released', callId: name }], []);
    }
  });

  it('gives nobody room when it failed half-way, and takes none back that was told', async () => {
    await setHandled(65);
    expect(await isAllowed('ringing')).toBe(true);
    const { roomHeard } = bench;
    bench = {
      ...bench,
      roomHeard: () => {
        throw new Error('lost');
      },
    };
    await expect(
      ruleGroup(connection, bench, [{ type: 'released', callId: 'ringing' }], [asking('another')]),
    ).rejects.toThrow('lost');
    expect(bench.held.all()).toEqual([]);
    bench = { ...bench, roomHeard };
    expect(await isAllowed('another')).toBe(true);
  });
});
