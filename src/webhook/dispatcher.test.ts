import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { CallId } from '../call/call-facts.ts';
import type { DueWebhook, Outbox } from '../guard/store-port.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { createWebhookDispatcher, FLUSH_TIMEOUT_MS, STOP_TIMEOUT_MS } from './dispatcher.ts';
import {
  CONCURRENCY_MAX,
  DOWN_AFTER_FAILURES,
  LOOK_AGAIN_MS,
  PROBE_PAUSE_MIN_MS,
  READ_RETRY_MS,
} from './endpoint-lane.ts';
import type { AttemptResult } from './schedule.ts';
import { verifyWebhook } from './signature.ts';

const SECRET = `whsec_${Buffer.alloc(24, 'a').toString('base64')}`;
const OK: AttemptResult = { kind: 'response', status: 200, retryAfter: null };
const ERROR: AttemptResult = { kind: 'response', status: 500, retryAfter: null };

type Row = DueWebhook & { attempts: number; nextAt: number; state: 'waiting' | 'delivered' | 'dead'; problem?: string };

/** The outbox's contract in memory; `broken` makes every read fail. */
function fakeOutbox(clock: FakeClock) {
  const rows: Row[] = [];
  let wake = () => {};
  const rowOf = (id: string) => rows.find((row) => row.id === id) as Row;
  const waitingFor = (endpoint: string) => rows.filter((r) => r.endpoint === endpoint && r.state === 'waiting');
  const fake = { rows, broken: false, reads: 0, add, wake: () => wake() };
  function add(n: number, endpoint = 'crm', call = n): void {
    rows.push({
      id: `msg_${endpoint}_${n}`,
      callId: `call-${call}` as CallId,
      type: 'call.outcome',
      endpoint,
      body: `{"n":${n}}`,
      attempts: 0,
      nextAt: clock.now().wallMs,
      state: 'waiting',
    });
    wake();
  }
  const isNextOfItsCall = (row: Row) => waitingFor(row.endpoint).find((other) => other.callId === row.callId) === row;
  const outbox: Outbox = {
    onDue(callback) {
      wake = callback;
    },
    async due(now, limit, endpoint) {
      fake.reads++;
      if (fake.broken) throw new AppError('store.cannot-read', 'disk I/O error');
      return waitingFor(endpoint)
        .filter((row) => row.nextAt <= now && isNextOfItsCall(row))
        .slice(0, limit);
    },
    async nextDueAt(endpoint) {
      const times = waitingFor(endpoint)
        .filter(isNextOfItsCall)
        .map((row) => row.nextAt);
      return times.length === 0 ? null : (Math.min(...times) as WallMs);
    },
    async delivered(id) {
      rowOf(id).state = 'delivered';
    },
    async failed(id, nextAttemptAt, problem) {
      Object.assign(rowOf(id), { attempts: rowOf(id).attempts + 1, nextAt: nextAttemptAt, problem });
    },
    async dead(id, problem) {
      Object.assign(rowOf(id), { state: 'dead', problem });
    },
  };
  return { fake, outbox };
}

type Sent = {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  answer(result: AttemptResult): void;
};

let clock: FakeClock;
let sent: Sent[];
let log: string[];
let outbox: ReturnType<typeof fakeOutbox>;

beforeEach(() => {
  clock = fakeClock();
  sent = [];
  log = [];
  outbox = fakeOutbox(clock);
});

/** A dispatcher to these endpoints whose requests wait in `sent` for their answer. */
function dispatcher(names: readonly string[] = ['crm']) {
  return createWebhookDispatcher({
    outbox: outbox.outbox,
    endpoints: names.map((name) => ({ name, url: `https://${name}.example.com/`, secrets: [SECRET] })),
    clock,
    random: () => 0,
    log: pino({ level: 'debug' }, { write: (line) => void log.push(line) }),
    createPost: (url) => {
      const open = new Set<(result: AttemptResult) => void>();
      return {
        post(headers, body) {
          const { promise, resolve } = Promise.withResolvers<AttemptResult>();
          open.add(resolve);
          sent.push({ url, headers, body, answer: resolve });
          return promise;
        },
        abort() {
          for (const resolve of open) resolve({ kind: 'no-response', problem: 'Brusio was stopped' });
        },
      };
    },
  });
}

/** Lets every promise that can settle do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Moves time; what fell due in one leap is read at its end, and its timers are for that very moment. */
async function advance(durationMs: number): Promise<void> {
  clock.advance(durationMs);
  await settle();
  clock.advance(0);
  await settle();
}

async function answer(index: number, result: AttemptResult): Promise<void> {
  sent[index]?.answer(result);
  await settle();
}

const row = (n: number, endpoint = 'crm') => outbox.fake.rows.find((r) => r.id === `msg_${endpoint}_${n}`);

describe('the webhook dispatcher', () => {
  it('delivers what earlier processes left, signed', async () => {
    outbox.fake.add(1);
    dispatcher().start();
    await settle();
    expect(sent).toMatchObject([{ url: 'https://crm.example.com/', body: '{"n":1}' }]);
    const [request] = sent;
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': 'msg_crm_1' });
    expect(verifyWebhook([SECRET], request?.headers ?? {}, '{"n":1}', clock.now().wallMs).ok).toBe(true);
    await answer(0, OK);
    expect(row(1)?.state).toBe('delivered');
  });

  it('delivers as soon as the outbox says that something is due', async () => {
    const webhooks = dispatcher();
    webhooks.start();
    await settle();
    expect(sent).toHaveLength(0);
    outbox.fake.add(1);
    await settle();
    expect(sent).toHaveLength(1);
    await answer(0, OK);
    expect(webhooks.stats()).toEqual([
      { endpoint: 'crm', delivered: 1, attemptsFailed: 0, dead: 0, inFlight: 0, state: 'up' },
    ]);
    await advance(LOOK_AGAIN_MS);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('tries again at its time, signed anew, with the same id', async () => {
    outbox.fake.add(1);
    dispatcher().start();
    await settle();
    await answer(0, ERROR);
    expect(row(1)).toMatchObject({ attempts: 1, problem: 'HTTP 500' });
    await advance(4_999);
    expect(sent).toHaveLength(1);
    await advance(1);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.headers['webhook-id']).toBe(sent[0]?.headers['webhook-id']);
    expect(sent[1]?.headers['webhook-timestamp']).not.toBe(sent[0]?.headers['webhook-timestamp']);
    await answer(1, OK);
    expect(row(1)?.state).toBe('delivered');
  });

  it('sleeps until the earliest, also when a later one waits', async () => {
    outbox.fake.add(1);
    dispatcher().start();
    await settle();
    await answer(0, { kind: 'response', status: 503, retryAfter: '3600' });
    outbox.fake.add(2);
    await settle();
    await answer(1, ERROR);
    await advance(5_000);
    expect(sent.map((s) => s.body)).toEqual(['{"n":1}', '{"n":2}', '{"n":2}']);
    await answer(2, OK);
    for (let minute = 0; minute < 60; minute++) await advance(60_000);
    expect(sent).toHaveLength(4);
  });

  it('keeps a bounded number of requests in flight and sends the next when one ends', async () => {
    for (let n = 0; n < 100; n++) outbox.fake.add(n);
    dispatcher().start();
    await settle();
    expect(sent).toHaveLength(CONCURRENCY_MAX);
    await answer(0, OK);
    expect(sent).toHaveLength(CONCURRENCY_MAX + 1);
    for (let index = 1; index < 100; index++) await answer(index, OK);
    expect(outbox.fake.rows.every((r) => r.state === 'delivered')).toBe(true);
    expect(new Set(sent.map((s) => s.body)).size).toBe(100);
    expect(sent).toHaveLength(100);
  });

  it('keeps the order within a call', async () => {
    outbox.fake.add(1, 'crm', 7);
    outbox.fake.add(2, 'crm', 7);
    outbox.fake.add(3, 'crm', 8);
    dispatcher().start();
    await settle();
    expect(sent.map((s) => s.body)).toEqual(['{"n":1}', '{"n":3}']);
    await answer(0, OK);
    await advance(LOOK_AGAIN_MS);
    expect(sent.map((s) => s.body)).toEqual(['{"n":1}', '{"n":3}', '{"n":2}']);
  });

  it('does not let a dead endpoint delay another', async () => {
    for (let n = 0; n < 200; n++) outbox.fake.add(n, 'crm');
    const webhooks = dispatcher(['crm', 'audit']);
    webhooks.start();
    await settle();
    outbox.fake.add(1, 'audit');
    await settle();
    expect(sent.at(-1)?.url).toBe('https://audit.example.com/');
  });

  it('gives up after the last attempt', async () => {
    outbox.fake.add(1);
    Object.assign(row(1) ?? {}, { attempts: 9 });
    const webhooks = dispatcher();
    webhooks.start();
    await settle();
    await answer(0, ERROR);
    expect(row(1)).toMatchObject({ state: 'dead', problem: 'HTTP 500, after 10 attempts' });
    expect(webhooks.stats()).toMatchObject([{ dead: 1 }]);
  });

  describe('to an endpoint that answers 410', () => {
    it('sends nothing more, and what is due for it is dead', async () => {
      outbox.fake.add(1);
      const webhooks = dispatcher();
      webhooks.start();
      await settle();
      await answer(0, { kind: 'response', status: 410, retryAfter: null });
      for (let n = 2; n < 200; n++) outbox.fake.add(n);
      await settle();
      expect(sent).toHaveLength(1);
      expect(outbox.fake.rows.every((r) => r.state === 'dead')).toBe(true);
      expect(webhooks.stats()).toMatchObject([{ dead: 199, attemptsFailed: 1, state: 'gone' }]);
    });
  });

  describe('to an endpoint that is down', () => {
    it('probes it one request at a time, with longer and longer pauses, and sends all when it is back', async () => {
      for (let n = 0; n < 60; n++) outbox.fake.add(n);
      const webhooks = dispatcher();
      webhooks.start();
      await settle();
      for (let index = 0; index < CONCURRENCY_MAX; index++) await answer(index, ERROR);
      // Requests that left before it was known to be down are over; each freed slot was used until then.
      const burst = CONCURRENCY_MAX + DOWN_AFTER_FAILURES - 1;
      expect(sent).toHaveLength(burst);
      for (let index = CONCURRENCY_MAX; index < burst; index++) await answer(index, ERROR);
      expect(webhooks.stats()).toMatchObject([{ state: 'down', inFlight: 0 }]);
      await advance(30_000);
      expect(sent).toHaveLength(burst + 1);
      await answer(burst, ERROR);
      await advance(PROBE_PAUSE_MIN_MS);
      expect(sent).toHaveLength(burst + 1);
      await advance(30_000);
      expect(sent).toHaveLength(burst + 2);
      await answer(burst + 1, OK);
      expect(webhooks.stats()).toMatchObject([{ state: 'up', inFlight: CONCURRENCY_MAX }]);
    });
  });

  it('reads again when the outbox could not be read', async () => {
    outbox.fake.broken = true;
    outbox.fake.add(1);
    dispatcher().start();
    await settle();
    outbox.fake.broken = false;
    await advance(READ_RETRY_MS);
    expect(sent).toHaveLength(1);
  });

  it('does not send twice while the first delivery is being written down', async () => {
    const written = Promise.withResolvers<void>();
    outbox.outbox.delivered = () => written.promise;
    outbox.fake.add(1);
    dispatcher().start();
    await settle();
    await answer(0, OK);
    outbox.fake.wake();
    await settle();
    expect(sent).toHaveLength(1);
    written.resolve();
  });

  it('leaves what could not be written down to the next process, and does not send it for ever', async () => {
    outbox.outbox.delivered = () => Promise.reject(new AppError('store.entry-rejected', 'no'));
    outbox.fake.add(1);
    const webhooks = dispatcher();
    webhooks.start();
    await settle();
    await answer(0, OK);
    outbox.fake.wake();
    await settle();
    expect(sent).toHaveLength(1);
    expect(row(1)?.state).toBe('waiting');
    await webhooks.stop();
  });

  it('flushes what fell due last before it is stopped', async () => {
    const webhooks = dispatcher();
    webhooks.start();
    await settle();
    outbox.fake.add(1);
    const flushed = webhooks.flush();
    await settle();
    await answer(0, OK);
    await settle();
    await flushed;
    expect(row(1)?.state).toBe('delivered');
    await webhooks.stop();
  });

  it('flushes no longer than its limit when an endpoint does not answer', async () => {
    const webhooks = dispatcher();
    webhooks.start();
    await settle();
    outbox.fake.add(1);
    const flushed = webhooks.flush();
    await advance(FLUSH_TIMEOUT_MS);
    await flushed;
    const stopped = webhooks.stop();
    await advance(STOP_TIMEOUT_MS);
    await stopped;
    expect(row(1)).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  it('lets requests in flight finish at its stop, and starts no other', async () => {
    for (let n = 0; n < 40; n++) outbox.fake.add(n);
    const webhooks = dispatcher();
    webhooks.start();
    await settle();
    const stopped = webhooks.stop();
    for (let index = 0; index < CONCURRENCY_MAX; index++) await answer(index, OK);
    await stopped;
    expect(sent).toHaveLength(CONCURRENCY_MAX);
    expect(outbox.fake.rows.filter((r) => r.state === 'delivered')).toHaveLength(CONCURRENCY_MAX);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('cuts off at its stop what does not end, and leaves it due without an attempt', async () => {
    outbox.fake.add(1);
    const webhooks = dispatcher();
    webhooks.start();
    await settle();
    const stopped = webhooks.stop();
    await advance(STOP_TIMEOUT_MS);
    await stopped;
    expect(row(1)).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  it('logs neither secrets nor bodies nor URLs', async () => {
    outbox.fake.add(1);
    dispatcher().start();
    await settle();
    await answer(0, ERROR);
    expect(log.join('')).toContain('msg_crm_1');
    for (const secret of [SECRET, SECRET.slice(6), 'example.com', '"n":1', 'v1,']) {
      expect(log.join('')).not.toContain(secret);
    }
  });

  it('refuses a secret that cannot sign, before anything is sent', () => {
    const endpoints = [{ name: 'crm', url: 'https://crm.example.com/', secrets: ['whsec_short'] }];
    const options = { outbox: outbox.outbox, endpoints, clock, random: () => 0, log: pino({ level: 'silent' }) };
    expect(() => createWebhookDispatcher(options)).toThrow(expect.objectContaining({ code: 'webhook.bad-secret' }));
  });
});
