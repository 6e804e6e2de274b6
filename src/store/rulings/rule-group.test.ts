import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import type { CallId } from '../../call/call-facts.ts';
import { italy } from '../../policy/jurisdictions/italy.ts';
import { allModes, lawfulTerms, MONDAY_MORNING } from '../../testing/ruling-facts.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { databasePlace } from '../database-place.ts';
import { openDatabase } from '../open-database.ts';
import { type CallNotice, createHeldCalls } from './held-calls.ts';
import { type RulingBench, reserveAnew, ruleGroup } from './rule-group.ts';
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
    ...{ process: 'guard-1', held: createHeldCalls() },
    answersHeard: () => heardMeanwhile.splice(0),
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
  connection.execute(`INSERT OR REPLACE INTO campaign_days VALUES ('luce', '2026-11-23', 0, ${handled}, 0, 0)`);

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

  it('takes nothing from the answers it was not told of', async () => {
    await setHandled(65);
    expect(await isAllowed('ringing')).toBe(true);
    expect(await isAllowed('another')).toBe(true);
    expect(await isAllowed('third')).toBe(false);
  });

  it('leaves a table that says what is held when it failed half-way', async () => {
    await setHandled(65);
    expect(await isAllowed('ringing')).toBe(true);
    bench = {
      ...bench,
      answersHeard: () => {
        throw new Error('lost');
      },
    };
    await expect(
      ruleGroup(connection, bench, [{ type: 'released', callId: 'ringing' }], [asking('another')]),
    ).rejects.toThrow('lost');
    const rows = async () => (await connection.execute('SELECT call_id FROM reservations')).rows;
    expect(await rows()).toEqual([{ call_id: 'ringing' }]);
    await reserveAnew(connection, bench);
    expect(await rows()).toEqual([]);
  });
});
