/**
 * Four processes race for the same few numbers and campaigns on one PostgreSQL, over a midnight that ends a window. What
 * each saw is laid together by the machine's one monotonic clock, and judged without asking any of our code.
 * `BRUSIO_RACE_CALLS` (npm run test:long) has more of them.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import type { CountedAs } from '../../ledger/ledger-entry.ts';
import { type PostgresqlServer, startPostgresqlServer } from '../../testing/postgresql-server.ts';
import {
  RACE_CONTROLLER,
  type RaceEvent,
  type RaceNews,
  type RacePart,
  type RaceReport,
  type RaceSignal,
} from '../../testing/ruling-race.ts';
import { databasePlace } from '../database-place.ts';
import { openDatabase } from '../open-database.ts';

const CALLS = Number(process.env.BRUSIO_RACE_CALLS ?? 400);
const PROCESSES = ['guard-1', 'guard-2', 'guard-3', 'guard-4'];
const CAMPAIGNS = ['luce', 'gas', 'fibra'];
const TIMEOUT_MS = 60_000 + CALLS * 60;

/** The last day of the campaigns' first window, and its midnight in Rome. */
const LAST_DAY = '2026-11-23';
const NEXT_DAY = '2026-11-24';
const FIRST_DAY = '2026-11-14';
const MIDNIGHT = Date.parse('2026-11-23T23:00:00Z');
/** Class B calls of each of the two days, before the race. */
const HANDLED = 120;

type Seen = RaceEvent & { readonly process: string };
type Tally = { silent: number; handled: number };

let server: PostgresqlServer;
let url: string;
let seen: Seen[];
let rulingMs: number[];
/** How long a ruling had been waiting for another process's locks, as PostgreSQL told when it was asked, ms. */
let waits: number[];
let looks = 0;

beforeAll(async () => {
  server = await startPostgresqlServer();
  url = await server.createDatabase();
  const database = await openDatabase(databasePlace({ url, dataDir: '/nowhere', process: 'maker' }), systemClock);
  await database.close();
  for (const campaign of CAMPAIGNS) {
    const first = Date.parse(`${FIRST_DAY}T09:00:00Z`);
    await server.query(
      url,
      `INSERT INTO campaigns VALUES ('${campaign}', '${RACE_CONTROLLER}', '${FIRST_DAY}', ${first})`,
    );
    for (const day of [LAST_DAY, NEXT_DAY]) {
      await server.query(url, `INSERT INTO campaign_days VALUES ('${campaign}', '${day}', 0, ${HANDLED}, 0, 0, 0)`);
    }
  }
  let racing = true;
  const watching = watchLocks(() => racing);
  const reports = await race();
  racing = false;
  await watching;
  seen = reports.flatMap(({ events }, index) => events.map((event) => ({ ...event, process: PROCESSES[index] ?? '' })));
  seen.sort((a, b) => a.ms - b.ms);
  rulingMs = reports.flatMap((report) => report.rulingMs).sort((a, b) => a - b);
  waits.sort((a, b) => a - b);
  const told = [
    `${CALLS} calls, ${rulingMs.length} rulings, p50 ${atShare(rulingMs, 0.5)} ms, p99 ${atShare(rulingMs, 0.99)} ms`,
    `waiting for another's locks: ${waits.length} in ${looks} looks, p99 ${atShare(waits, 0.99)} ms, longest ${atShare(waits, 1)} ms`,
  ];
  process.stdout.write(`${told.join('\n')}\n`);
}, TIMEOUT_MS);
afterAll(() => server.remove());

/** All begin together, and when half of the calls are over it is past midnight everywhere. */
async function race(): Promise<RaceReport[]> {
  const racers = PROCESSES.map((process, index) => {
    const part: RacePart = {
      ...{ url, process, seed: index + 1, calls: CALLS / PROCESSES.length, callsAtOnce: 20 },
      ...{ campaigns: CAMPAIGNS, numbers: Math.ceil(CALLS / 8), startAt: MIDNIGHT - 50_000 },
    };
    const child = fork(join(import.meta.dirname, '../../testing/ruling-racer.ts'), [JSON.stringify(part)]);
    const ready = Promise.withResolvers<void>();
    const done = Promise.withResolvers<RaceReport>();
    child.on('message', (news: RaceNews) => {
      if (news.type === 'ready') ready.resolve();
      else if (news.type === 'done') done.resolve(news.report);
      else if (++over === CALLS / 2) signal({ type: 'forward', ms: 51_000 });
    });
    // Not at its exit: what it said last may still be on its way then.
    child.on('close', (code) => {
      ready.reject(new Error(`${process} ended with ${code}`));
      done.reject(new Error(`${process} ended with ${code}`));
    });
    return { child, ready: ready.promise, done: done.promise };
  });
  let over = 0;
  const signal = (told: RaceSignal) => racers.forEach(({ child }) => void child.send(told));

  await Promise.all(racers.map(({ ready }) => ready));
  signal({ type: 'go' });
  return Promise.all(racers.map(({ done }) => done));
}

async function watchLocks(goOn: () => boolean): Promise<void> {
  waits = [];
  while (goOn()) {
    const rows = await server.query(
      url,
      `SELECT extract(epoch FROM clock_timestamp() - waitstart)::float8 * 1000 AS ms FROM pg_locks
       WHERE NOT granted AND locktype = 'advisory' AND waitstart IS NOT NULL`,
    );
    looks++;
    waits.push(...rows.map((row) => Math.round(Number(row.ms) * 10) / 10));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function atShare(sorted: readonly number[], share: number): number {
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
}

const of = <S extends RaceEvent['saw']>(saw: S) =>
  seen.flatMap((event) => (event.saw === saw ? [event as Extract<RaceEvent, { saw: S }> & Seen] : []));

/** The first limit that is passed at any moment, by the counts as they truly were. */
function passedLimit(): string | null {
  const days = new Map<string, Tally>(
    CAMPAIGNS.map((name) => [`${name} ${LAST_DAY}`, { silent: 0, handled: HANDLED }]),
  );
  const move = (tally: Tally, counted: CountedAs | null, by: number) => {
    if (counted?.class === 'A') tally.silent += by;
    if (counted?.class === 'B') tally.handled += by;
  };
  for (const { campaign, day, from, to } of of('class')) {
    const key = `${campaign} ${day}`;
    const tally = days.get(key) ?? { silent: 0, handled: HANDLED };
    days.set(key, tally);
    move(tally, from, -1);
    move(tally, to, 1);
    const total = tally.silent + tally.handled;
    // The window of the last day is that day alone here, and so is that of the next: 3 % is the stricter.
    if (tally.silent * 100 > total * 3) return `${key}: ${tally.silent} silent of ${total}`;
  }
  return null;
}

describe('four processes on one PostgreSQL', () => {
  it('race for real: on both sides of midnight, with silent calls, refusals of each kind and corrections', () => {
    const days = new Set(of('class').map(({ day }) => day));
    expect([...days].sort()).toEqual([LAST_DAY, NEXT_DAY]);
    expect(of('class').filter(({ to }) => to.class === 'A').length).toBeGreaterThan(0);
    expect(new Set(of('refused').map(({ rule }) => rule))).toEqual(new Set(['recall-lock', 'abandonment-budget']));
    for (const name of PROCESSES)
      expect(seen.some(({ saw, process }) => saw === 'allowed' && process === name)).toBe(true);
  });

  it('never have two calls to one number under way', () => {
    const underWay = new Map<string, string>();
    const doubles: string[] = [];
    for (const event of seen) {
      if (event.saw === 'allowed') {
        const other = underWay.get(event.digest);
        if (other !== undefined) doubles.push(`${event.callId} beside ${other}`);
        underWay.set(event.digest, event.callId);
      }
      if (event.saw === 'releasing') underWay.delete(event.digest);
    }
    expect(doubles).toEqual([]);
  });

  it('never call a number that is locked', () => {
    const lockedAt = new Map<string, number>();
    const askedAt = new Map<string, number>();
    const broken: string[] = [];
    for (const { saw, ms, callId, digest } of seen) {
      if (saw === 'asked') askedAt.set(callId, ms);
      if (saw === 'locked') lockedAt.set(digest, ms);
      if (saw === 'lifted') lockedAt.delete(digest);
      if (saw === 'allowed' && (lockedAt.get(digest) ?? Number.POSITIVE_INFINITY) < (askedAt.get(callId) ?? 0)) {
        broken.push(callId);
      }
    }
    expect(broken).toEqual([]);
  });

  it('never pass 3 % of a window or 4 % of a day', () => {
    expect(passedLimit()).toBeNull();
  });

  it('have in the database what was true, and no room left taken', async () => {
    const rows = await server.query(url, 'SELECT campaign, day, silent, handled FROM campaign_days');
    const counted = new Map<string, number>();
    const count = (key: string, by: number) => counted.set(key, (counted.get(key) ?? 0) + by);
    for (const campaign of CAMPAIGNS) for (const day of [LAST_DAY, NEXT_DAY]) count(`${campaign} ${day} B`, HANDLED);
    for (const { campaign, day, from, to } of of('class')) {
      if (from !== null) count(`${campaign} ${day} ${from.class}`, -1);
      count(`${campaign} ${day} ${to.class}`, 1);
    }
    const stored = rows.flatMap(({ campaign, day, silent, handled }) => [
      [`${campaign} ${day} A`, Number(silent)] as const,
      [`${campaign} ${day} B`, Number(handled)] as const,
    ]);
    const withoutNone = (entries: Iterable<readonly [string, number]>) =>
      [...entries].filter(([, n]) => n !== 0).sort();
    expect(withoutNone(stored)).toEqual(withoutNone(counted));
    expect(await server.query(url, 'SELECT call_id FROM reservations')).toEqual([]);
  });
});
