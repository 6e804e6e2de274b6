import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type WallMs } from '../../base/clock.ts';
import { namedTime } from '../../ledger/story/around.ts';
import { callStory, callStorySchema } from '../../ledger/story/call-story.ts';
import { storyText } from '../../ledger/story/story-text.ts';
import { bothDatabases } from '../../testing/both-databases.ts';
import { correctionEntry, sampleCallId } from '../../testing/stored-calls.ts';
import { SILENT_AT, silentCallAndLater } from '../../testing/story-calls.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { databasePlace } from '../database-place.ts';
import { commitGroup } from '../group-commit.ts';
import { openDatabase } from '../open-database.ts';
import type { StoreWrite } from '../store-message.ts';
import { findCalls } from './find-calls.ts';
import { readStory } from './story-reads.ts';

const MADE_AT = (SILENT_AT + 1e9) as WallMs;

describe.each(bothDatabases())("a call's story on $name", ({ begin, url, end }) => {
  let dataDir: string;
  let database: Database;
  let connection: Connection;
  let groups = 0;

  const write = (changes: readonly StoreWrite[]) =>
    commitGroup(connection, 'guard-1', { token: `group ${++groups}`, changes }, null);
  const story = async (ref: string, language: 'it' | 'en' = 'en') => {
    const evidence = await readStory(connection, ref);
    return evidence === null ? null : callStory(evidence, language, MADE_AT);
  };

  beforeAll(begin);
  afterAll(end);
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'brusio-story-'));
    database = await openDatabase(databasePlace({ url: await url(), dataDir, process: 'guard-1' }), systemClock);
    connection = await database.connection();
    await write(silentCallAndLater('d1'));
  });
  afterEach(async () => {
    await database.close();
    await rm(dataDir, { recursive: true });
  });

  it('has its steps by three clocks, the rules, the class with its source, and its verified entries', async () => {
    const told = await story(sampleCallId(1));
    expect(callStorySchema.parse(told)).toEqual(told);
    expect(told).toMatchObject({ callId: sampleCallId(1), timeZone: 'Europe/Rome', digest: 'd1', controller: 'acme' });
    expect(told?.steps.map(({ step, sinceInviteMs }) => [step, sinceInviteMs])).toEqual([
      ['invited', 0],
      ['ringing', 900],
      ['answered', 8_200],
      ['ambience', 8_200.9],
      ['wait-over', null],
      ['ended', 11_200],
    ]);
    expect(told?.steps[0]?.local).toBe('2026-11-20 10:00:00.010 +01:00');
    const rules = Object.fromEntries(
      (told?.decision?.rules ?? []).map(({ rule, mode, result }) => [rule, [mode, result]]),
    );
    expect(rules).toMatchObject({
      'campaign-dates': ['off', 'not-asked'],
      roc: ['enforce', 'kept'],
      'calling-hours': ['observe', 'kept'],
    });
    expect(told?.verdict).toMatchObject({ class: 'A', citation: expect.stringContaining('point 1') });
    expect(told?.entries.map(({ kind, problem }) => [kind, problem])).toEqual([
      ['decision', null],
      ['answer', null],
      ['outcome', null],
    ]);
  });

  it('tells what the lock did to later calls, up to the one that lifted it', async () => {
    const told = await story(sampleCallId(1));
    expect(told?.locks.map(({ move, callId }) => [move, callId])).toEqual([
      ['set', sampleCallId(1)],
      ['lift', sampleCallId(3)],
    ]);
    expect(told?.laterCalls.map(({ callId, breached, lifted }) => [callId, breached, lifted])).toEqual([
      [sampleCallId(2), [{ rule: 'recall-lock', mode: 'enforce' }], false],
      [sampleCallId(3), [], true],
    ]);
    const refused = await story(sampleCallId(2));
    expect(refused?.verdict.why).toContain('recall-lock');
    expect(refused?.decision).toMatchObject({ allowed: false });
  });

  it('tells corrections, and webhooks with what became of them', async () => {
    await write([
      { op: 'correction', entry: correctionEntry(1), at: (SILENT_AT + 20_000) as WallMs },
      { op: 'webhook-delivered', id: 'msg_crm_1', at: (SILENT_AT + 12_000) as WallMs },
    ]);
    const told = await story(sampleCallId(1));
    expect(told?.outcome.corrections).toHaveLength(1);
    expect(told?.verdict).toMatchObject({ class: 'B', why: expect.stringContaining('machine (amd)') });
    expect(told?.entries.at(-1)).toMatchObject({ kind: 'correction', problem: null });
    expect(told?.webhooks.map(({ type, deliveredAt }) => [type, deliveredAt === null])).toEqual([
      ['call.outcome', false],
      ['call.outcome_corrected', true],
    ]);
  });

  it.each([
    ['its body', `UPDATE ledger SET body = replace(body, '"ringMs":7300', '"ringMs":7301') WHERE kind = 'outcome'`],
    ['its row', `UPDATE outcomes SET class = 'B' WHERE class = 'A'`],
  ])('says which entry is not as it was written when somebody has changed %s', async (_, sql) => {
    await connection.execute(sql);
    const told = await story(sampleCallId(1));
    expect(told?.entries.map(({ problem }) => problem === null)).toEqual([true, true, false]);
    expect(told === null ? '' : storyText(told)).toContain('BAD: ');
  });

  it('is found by digest and time, the nearest first, also when the number was dropped', async () => {
    await connection.execute('DELETE FROM call_numbers');
    const at = SILENT_AT + 5_000;
    const ids = async (named: number | null, withinMs: number) => {
      const time = named === null ? null : namedTime(new Date(named).toISOString(), null);
      const found = await findCalls(connection, ['none', 'd1'], time, withinMs, 'Europe/Rome');
      return found.map(({ callId, distanceMs }) => [callId, distanceMs]);
    };
    expect(await ids(at, 60_000)).toEqual([[sampleCallId(1), 0]]);
    expect(await ids(SILENT_AT - 61_000, 60_000)).toEqual([]);
    expect((await ids(at + 86_400_000, 86_400_000)).map(([id]) => id)).toEqual([sampleCallId(2), sampleCallId(1)]);
    expect(await ids(null, 0)).toHaveLength(4);
    expect((await story(sampleCallId(1)))?.outcome.number).toBe('•••');
    expect(await story('nobody')).toBeNull();
  });

  it('is one page in either language', async () => {
    const [english, italian] = [await story('dialer-1@10.0.0.1', 'en'), await story(sampleCallId(1), 'it')];
    for (const [told, words] of [
      [english, ['THE STORY', 'class A: No agent came within 3 s', 'carrier/1 < 200', 'SSRC 0x00001234', 'verified']],
      [italian, ['LA STORIA', 'classe A: Nessun operatore entro 3 s', 'primo pacchetto del brusio', 'verificata']],
    ] as const) {
      const page = told === null ? '' : storyText(told);
      for (const word of words) expect(page.toUpperCase()).toContain(word.toUpperCase());
      expect(page).not.toMatch(/\b(?:undefined|null|NaN)\b|\[object/);
      expect(page).not.toContain('3331234567');
    }
  });
});
