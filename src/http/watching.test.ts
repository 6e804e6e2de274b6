/** What a browser does: opens a session with a key, looks, listens. */
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import type { CallId } from '../call/call-facts.ts';
import { createFreeAgents } from '../guard/free-agents.ts';
import type { CallView, GuardView } from '../guard/guard-view.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';
import { OVERVIEW } from './overview/overview.ts';
import { sampleLive } from './testing/live-samples.ts';

const KEY = 'k3y-of-the-operator';
const NOW = { monotonicMs: 0, wallMs: Date.UTC(2026, 10, 22, 9) } as ReturnType<typeof systemClock.now>;

let live: HttpServerOptions['live'];
let server: HttpServer;
let base: string;
let campaignsAsked: number;
let calls: readonly CallView[];

const waiting = (callId: string, answeredAt: string): CallView => ({
  ...{
    callId: callId as CallId,
    state: 'waiting',
    kind: 'guarded',
    campaign: 'luce',
  },
  ...{ number: '+39333•••4567', dialerReference: null, dialerCallId: callId, agent: null, class: null, answeredAt },
  waitEndsAt: '2026-11-22T09:00:03.000Z',
});

const DAYS = {
  gas: { silent: 3, handled: 97, machines: 0, machinesHeard: 0, hungUp: 0 },
  luce: { silent: 4, handled: 90, machines: 0, machinesHeard: 0, hungUp: 0 },
  acqua: { silent: 0, handled: 10, machines: 0, machinesHeard: 0, hungUp: 0 },
};

beforeEach(async () => {
  [live, campaignsAsked, calls] = [sampleLive(), 0, []];
  const starts = Object.keys(DAYS).map((campaign) => ({
    ...{ campaign, controller: 'acme', firstDay: '2026-11-20', firstAt: NOW.wallMs },
  }));
  server = createHttpServer({
    listen: { address: '127.0.0.1', port: 0 },
    apiKeys: [KEY],
    guard: {
      callStates: () => ({ dialing: 1, waiting: calls.length }),
      waitingCalls: (max: number) => calls.slice(0, max),
      freeAgents: createFreeAgents(systemClock, 60_000, () => null),
    } as unknown as GuardView,
    store: {} as HttpServerOptions['store'],
    campaigns: {
      counts: {
        async campaigns() {
          campaignsAsked++;
          return starts;
        },
        campaignDays: async () =>
          Object.entries(DAYS).map(([campaign, counts]) => ({ campaign, day: '2026-11-22', ...counts })),
      },
      jurisdictionOf: () => italy,
      termsOf: () => ({ endsOn: null, machineFalsePositive: null }),
      clock: { now: () => NOW },
    },
    numbers: {} as HttpServerOptions['numbers'],
    optOuts: {} as HttpServerOptions['optOuts'],
    reports: {} as HttpServerOptions['reports'],
    screening: {} as HttpServerOptions['screening'],
    metrics: async () => [],
    live,
    version: '0.0.1',
    log: pino({ level: 'silent' }),
  });
  base = `http://127.0.0.1:${(await server.start()).port}`;
});
afterEach(() => server.stop());

const withKey = { authorization: `Bearer ${KEY}` };

async function sessionCookie(): Promise<string> {
  const response = await fetch(`${base}/v1/session`, { method: 'POST', headers: withKey });
  expect(response.status).toBe(200);
  expect(Date.parse(((await response.json()) as { expiresAt: string }).expiresAt)).toBeGreaterThan(
    systemClock.now().wallMs + 3_600_000,
  );
  return response.headers.get('set-cookie')?.split(';')[0] ?? expect.fail('no cookie');
}

const statusOf = async (path: string, init: RequestInit = {}) => (await fetch(base + path, init)).status;

describe('a session', () => {
  it('is opened by a key alone, reads, and changes nothing', async () => {
    expect(await statusOf('/v1/session', { method: 'POST' })).toBe(401);
    expect(await statusOf('/v1/overview')).toBe(401);
    const cookie = await sessionCookie();
    expect(await statusOf('/v1/overview', { headers: { cookie } })).toBe(200);
    expect(await statusOf('/v1/session', { method: 'POST', headers: { cookie } })).toBe(401);
    const change = { headers: { cookie, 'content-type': 'application/json' }, body: '{"free":1}' };
    expect(await statusOf('/v1/campaigns/luce/agents', { method: 'PUT', ...change })).toBe(401);
    expect(await statusOf('/v1/erasures', { method: 'POST', ...change })).toBe(401);
  });

  it("is of no use to another site's page", async () => {
    const cookie = await sessionCookie();
    expect(await statusOf('/v1/overview', { headers: { cookie, 'sec-fetch-site': 'same-site' } })).toBe(401);
    expect(await statusOf('/v1/overview', { headers: { cookie, 'sec-fetch-site': 'same-origin' } })).toBe(200);
  });

  it('ends when it is told to, with its cookie', async () => {
    const cookie = await sessionCookie();
    const response = await fetch(`${base}/v1/session`, { method: 'DELETE', headers: { cookie } });
    expect([response.status, response.headers.get('set-cookie')]).toEqual([
      204,
      expect.stringMatching(/=; .*Max-Age=0/),
    ]);
    expect(await statusOf('/v1/overview', { headers: { cookie } })).toBe(401);
  });
});

describe('GET /v1/overview', () => {
  const overview = async () => {
    const response = await fetch(`${base}/v1/overview`, { headers: withKey });
    const body = await response.json();
    expect(OVERVIEW.schema.safeParse(body).error).toBeUndefined();
    return body as Record<string, never>;
  };

  it('shows campaigns with their room, the one nearest to a limit first', async () => {
    expect(await overview()).toMatchObject({
      campaigns: {
        running: 3,
        shown: [
          { campaign: 'luce', room: { day: 0, window: 0 }, day: { verdict: 'breached', percent: '4.256' } },
          { campaign: 'gas', room: { day: 1, window: 0 }, window: { verdict: 'within', percent: '3.000' } },
          { campaign: 'acqua', room: { day: 0, window: 0 } },
        ],
      },
    });
  });

  it('shows live calls by state, and those that wait', async () => {
    const at = (second: number) => `2026-11-22T09:00:0${second}.000Z`;
    calls = [waiting('early', at(0)), waiting('late', at(2))];
    expect(await overview()).toMatchObject({
      calls: {
        live: 3,
        max: 2_000,
        byState: { waiting: 2, dialing: 1 },
        waiting: [{ callId: 'early' }, { callId: 'late' }],
      },
    });
  });

  it('asks the database once for all who look in the same second', async () => {
    await Promise.all([overview(), overview(), overview()]);
    expect(campaignsAsked).toBe(1);
  });
});

describe('GET /v1/events', () => {
  it('wants a key or a session, and tells what happened since an overview and after', async () => {
    expect(await statusOf('/v1/events')).toBe(401);
    const cookie = await sessionCookie();
    const { position } = (await (await fetch(`${base}/v1/overview`, { headers: { cookie } })).json()) as {
      position: string;
    };
    const data = { callId: 'call-1' as CallId, campaign: 'luce', startedAfterMs: 0.8 };
    live.events.tell({ type: 'call.comfort_noise_started', at: NOW.wallMs, data });
    const response = await fetch(`${base}/v1/events?after=${position}`, { headers: { cookie } });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const stream = response.body?.pipeThrough(new TextDecoderStream()).getReader() ?? expect.fail('no body');
    let text = '';
    while (!text.includes('call-1')) text += (await stream.read()).value;
    live.events.tell({
      type: 'call.comfort_noise_started',
      at: NOW.wallMs,
      data: { ...data, callId: 'call-2' as CallId },
    });
    while (!text.includes('call-2')) text += (await stream.read()).value;
    expect(text.match(/^id: /gm)).toHaveLength(2);
    await stream.cancel();
    await expect.poll(() => live.events.stats().readers).toBe(0);
  });

  it('is taken up again after Last-Event-ID, which goes before the address', async () => {
    const position = live.events.position();
    const tell = (callId: string) =>
      live.events.tell({
        ...{ type: 'call.comfort_noise_started', at: NOW.wallMs },
        data: { callId: callId as CallId, campaign: 'luce', startedAfterMs: 0.8 },
      });
    tell('call-1');
    tell('call-2');
    const headers = { ...withKey, 'last-event-id': 'test-1' };
    const response = await fetch(`${base}/v1/events?after=${position}`, { headers });
    const stream = response.body?.pipeThrough(new TextDecoderStream()).getReader() ?? expect.fail('no body');
    let text = '';
    while (!text.includes('call-2')) text += (await stream.read()).value;
    expect(text).not.toContain('call-1');
    await stream.cancel();
  });

  it('is a problem document when there are too many readers', async () => {
    const reader = { write() {}, queuedOctets: () => 0, isAllowed: () => true, close() {} };
    while (live.events.read({ ...reader }, null));
    const response = await fetch(`${base}/v1/events`, { headers: withKey });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await response.json()).toMatchObject({ title: 'Too many readers' });
  });

  it('ends with the server, at once', async () => {
    const response = await fetch(`${base}/v1/events`, { headers: withKey });
    await server.stop();
    await expect(response.text()).rejects.toThrow();
  });
});
