import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MonotonicMs, WallMs } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Agent, CallId, Disposition } from '../call/call-facts.ts';
import type { AgentSourceStatus } from '../guard/agent-source.ts';
import { createFreeAgents } from '../guard/free-agents.ts';
import type { CallView, GuardView, LateDisposition, ReportResult } from '../guard/guard-view.ts';
import type { NumberDesk } from '../guard/privacy-port.ts';
import type { Screening } from '../guard/screening-port.ts';
import type { CarrierStatus } from '../guard/signaling-port.ts';
import type { Store } from '../guard/store-port.ts';
import type { StoryStore } from '../guard/story-port.ts';
import { callStorySchema } from '../ledger/story/call-story.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import { type OutcomeCorrection, withCorrections } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { sampleEvidence } from '../testing/story-calls.ts';
import { CALL, CALLS, CAMPAIGN_DETAIL, CAMPAIGNS, ERASED, FREE_AGENTS, HEALTH } from './answer-schemas.ts';
import type { OutcomeStore } from './call-routes.ts';
import type { CampaignBook } from './campaign-count-routes.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';
import { OVERVIEW } from './overview/overview.ts';
import { sampleLive } from './testing/live-samples.ts';

const CALL_ID = '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10';
const DIALER_CALL_ID = 'a/b 84b4c76e66710@pc33.example.com';
const KEY = 'k3y-of-the-dialer';

const liveCall: CallView = {
  callId: CALL_ID as CallId,
  state: 'waiting',
  kind: 'guarded',
  campaign: 'luce',
  number: '+39333•••4567',
  dialerReference: 'V1',
  dialerCallId: DIALER_CALL_ID,
  agent: null,
  class: null,
  answeredAt: '2026-11-20T09:15:04.214Z',
  waitEndsAt: '2026-11-20T09:15:07.214Z',
};

/** A guard with one call, under its id and its Call-ID, that records what it is told. */
function fakeGuard() {
  const guard = {
    call: liveCall as CallView | null,
    told: [] as unknown[],
    problem: null as string | null,
    late: { result: 'unknown-call' } as LateDisposition,
  };
  const report = (ref: string, told: unknown): ReportResult => {
    const call = view.liveCall(ref);
    if (call === null) return { result: 'unknown-call' };
    if (call.state === 'ended') return { result: 'already-ended', call };
    guard.told.push(told);
    return { result: 'taken', call };
  };
  const view: GuardView = {
    agentBridged: (ref: string, agent: Agent) => report(ref, { ref, agent }),
    agentLeft: (ref: string) => report(ref, { ref, left: true }),
    dispositionReported(ref: string, disposition: Disposition) {
      const taken = report(ref, { ref, disposition });
      return taken.result === 'taken' ? taken : { result: 'late', settled: Promise.resolve(guard.late) };
    },
    freeAgents: createFreeAgents(systemClock, 60_000, () => null),
    agentSources: () => [SOURCE],
    liveCall: (ref) => (ref === CALL_ID || ref === DIALER_CALL_ID ? guard.call : null),
    liveCalls: () => (guard.call === null ? [] : [guard.call]),
    callStates: () => ({ waiting: 1 }),
    waitingCalls: () => (guard.call === null ? [] : [guard.call]),
    health: () => ({
      acceptingCalls: guard.problem === null,
      problem: guard.problem,
      callsLive: 1,
      carriers: [CARRIER],
    }),
  };
  return { guard, view };
}

function fakeStore() {
  const state = {
    outcome: null as Partial<OutcomeRecord> | null,
    corrections: [] as OutcomeCorrection[],
    problem: null as string | null,
    broken: false,
  };
  const store: OutcomeStore & StoryStore & Pick<Store, 'health'> = {
    storyOf: async (ref) => (ref === CALL_ID ? sampleEvidence() : null),
    correctionsOf: async () => state.corrections,
    async findOutcome() {
      if (state.broken) throw new AppError('store.cannot-read', 'disk I/O error');
      return state.outcome as OutcomeRecord | null;
    },
    health: () => ({ writable: state.problem === null, pending: 0, problem: state.problem }),
  };
  return { state, store };
}

const SOURCE: AgentSourceStatus = {
  name: 'pbx',
  kind: 'freeswitch',
  up: false,
  problem: 'connect ECONNREFUSED 127.0.0.1:8021',
  since: null,
  dialers: [],
  events: 0,
  signals: 0,
  unknownCalls: 0,
  malformed: 0,
  reconnects: 0,
};

const CARRIER: CarrierStatus = {
  name: 'primary',
  up: false,
  reachable: true,
  registration: 'failed',
  pausedMs: 0,
  callsLive: 3,
  attempts: 9,
  failures: 1,
  limited: 0,
};

const BOOK: CampaignBook = {
  counts: {
    async campaigns() {
      const firstAt = Date.UTC(2026, 10, 20, 8) as WallMs;
      return [{ campaign: 'luce', controller: 'acme', firstDay: '2026-11-20', firstAt }];
    },
    async campaignDays(campaign, from) {
      const day = {
        campaign: 'luce',
        day: '2026-11-22',
        silent: 1,
        handled: 40,
        machines: 2,
        machinesHeard: 0,
        hungUp: 0,
      };
      return campaign !== 'gas' && from <= day.day ? [day] : [];
    },
  },
  jurisdictionOf: () => italy,
  termsOf: () => ({ endsOn: null, machineFalsePositive: null }),
  clock: { now: () => ({ monotonicMs: 0 as MonotonicMs, wallMs: Date.UTC(2026, 10, 22, 9) as WallMs }) },
};

const numbersAsked: unknown[] = [];
const numbers: NumberDesk = {
  async erase(number, controller) {
    numbersAsked.push({ number, controller });
    return { calls: 2, numbers: 2, webhooks: 1, masked: 0, live: 0 };
  },
  async find(number) {
    numbersAsked.push(number);
    return [];
  },
};

let guard: ReturnType<typeof fakeGuard>;
let store: ReturnType<typeof fakeStore>;
let server: HttpServer;
let base: string;

function build(options: Partial<HttpServerOptions> = {}): HttpServer {
  return createHttpServer({
    listen: { address: '127.0.0.1', port: 0 },
    apiKeys: ['another key', KEY],
    guard: guard.view,
    store: store.store,
    campaigns: BOOK,
    optOuts: {} as HttpServerOptions['optOuts'],
    numbers,
    reports: {} as HttpServerOptions['reports'],
    screening: { screening: {} as Screening, jurisdiction: italy, clock: systemClock },
    metrics: async () => [{ name: 'brusio_calls_live', help: 'Calls now.', type: 'gauge', samples: [{ value: 1 }] }],
    live: sampleLive(),
    version: '0.0.1',
    log: pino({ level: 'silent' }),
    ...options,
  });
}

beforeEach(async () => {
  guard = fakeGuard();
  store = fakeStore();
  server = build();
  const { address, port } = await server.start();
  base = `http://${address}:${port}`;
});
afterEach(() => server.stop());

type Answer = { status: number; type: string | null; headers: Headers; body: Record<string, unknown> };

async function ask(path: string, init: RequestInit & { key?: string | null } = {}): Promise<Answer> {
  const { key = KEY, ...rest } = init;
  const headers = new Headers(rest.headers);
  if (key !== null) headers.set('authorization', `Bearer ${key}`);
  const response = await fetch(base + path, { ...rest, headers });
  const text = await response.text();
  const type = response.headers.get('content-type');
  const body = type?.includes('json') ? (JSON.parse(text) as Record<string, unknown>) : { text };
  return { status: response.status, type, headers: response.headers, body };
}

function post(path: string, body: unknown): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return ask(path, { method: 'POST', body: text, headers: { 'content-type': 'application/json' } });
}

function expectProblem(answer: Answer, status: number): void {
  expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { type: 'about:blank', status } });
  expect(answer.body.title).toEqual(expect.any(String));
  expect(answer.body.detail).toEqual(expect.any(String));
}

describe('by a number', () => {
  beforeEach(() => void numbersAsked.splice(0));

  it.each(['/v1/calls?number=%2B393331234567', '/v1/calls?number=+393331234567'])(
    '%s lists its calls',
    async (path) => {
      expect(await ask(path)).toMatchObject({ status: 200, body: { calls: [] } });
      expect(numbersAsked).toEqual(['+393331234567']);
    },
  );

  it('POST /v1/erasures drops it, of one controller or of all, and says what went', async () => {
    expect(await post('/v1/erasures', { number: '+393331234567', controller: 'enel' })).toMatchObject({
      status: 200,
      body: { calls: 2, numbers: 2, webhooks: 1, masked: 0, live: 0 },
    });
    await post('/v1/erasures', { number: '333 1234567' });
    expect(numbersAsked).toEqual([
      { number: '+393331234567', controller: 'enel' },
      { number: '333 1234567', controller: null },
    ]);
  });

  it('refuses what is no number, without repeating it', async () => {
    const answers = [await ask('/v1/calls?number=33x1234567'), await post('/v1/erasures', { number: '33x1234567' })];
    for (const answer of answers) {
      expectProblem(answer, 422);
      expect(JSON.stringify(answer.body)).not.toContain('33x');
    }
    expect(numbersAsked).toEqual([]);
  });

  it('wants a key', async () => {
    expectProblem(await ask('/v1/calls?number=%2B393331234567', { key: null }), 401);
    expectProblem(await ask('/v1/erasures', { method: 'POST', key: null }), 401);
    expect(numbersAsked).toEqual([]);
  });
});

describe('GET /healthz', () => {
  it('is ok without a key', async () => {
    expect(await ask('/healthz', { key: null })).toMatchObject({
      status: 200,
      body: {
        status: 'ok',
        carriers: [{ name: 'primary', up: false, reachable: true, registration: 'failed', pausedMs: 0 }],
        agentSources: [{ name: 'pbx', kind: 'freeswitch', up: false, problem: 'connect ECONNREFUSED 127.0.0.1:8021' }],
      },
    });
  });

  it('is 503 with the reason when no calls are taken', async () => {
    guard.guard.problem = 'draining';
    const answer = await ask('/healthz', { key: null });
    expectProblem(answer, 503);
    expect(answer.body.detail).toContain('draining');
  });

  it('is 503 with the reason when the store cannot write', async () => {
    store.state.problem = 'database or disk is full';
    const answer = await ask('/healthz', { key: null });
    expectProblem(answer, 503);
    expect(answer.body.detail).toContain('disk is full');
  });
});

describe('/v1/campaigns/{id}/agents', () => {
  const put = (path: string, body: unknown) =>
    ask(path, { method: 'PUT', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

  it('keeps how many agents are free, and answers it', async () => {
    expectProblem(await ask('/v1/campaigns/luce/agents'), 404);
    expect(await put('/v1/campaigns/luce/agents', { free: 7 })).toMatchObject({ status: 200, body: { free: 7 } });
    expect(await put('/v1/campaigns/luce/agents', { free: 2 })).toMatchObject({ status: 200, body: { free: 2 } });
    expect((await ask('/v1/campaigns/luce/agents')).body).toEqual({
      ...{ campaign: 'luce', free: 2, source: 'http' },
      at: expect.stringMatching(/^\d{4}-/),
    });
    expectProblem(await ask('/v1/campaigns/gas/agents'), 404);
    expect((await ask('/v1/campaigns/luce/agents', { method: 'POST', body: '{}' })).headers.get('allow')).toBe(
      'GET, HEAD, PUT',
    );
  });

  it.each([{}, { free: -1 }, { free: 1.5 }, { free: 100_001 }, { free: '3' }, { free: 1, agents: 2 }])(
    'refuses %o',
    async (body) => expectProblem(await put('/v1/campaigns/luce/agents', body), 422),
  );

  it('refuses a campaign with control characters', async () => {
    expectProblem(await put('/v1/campaigns/a%0Ab/agents', { free: 1 }), 422);
  });
});

describe('GET /v1/openapi.json', () => {
  type Operation = { responses: Record<string, { content?: Record<string, { schema: { $ref?: string } }> }> };
  type Description = {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, object> };
  };
  const description = async () => (await ask('/v1/openapi.json')).body as Description;

  it('tells of every route there is, by the method it has', async () => {
    const { openapi, paths } = await description();
    const written = globSync(`${import.meta.dirname}/**/*.ts`)
      .filter((file) => !file.endsWith('.test.ts'))
      .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/method: '(\w+)',\s+path: '([^']+)'/g)]);
    const told = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(openapi).toBe('3.1.0');
    expect(told.sort()).toEqual(
      written.map(([, method = '', path = '']) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`).sort(),
    );
    expect(told).toContain('post /v1/calls/{id}/agent');
  });

  it('names no schema that it does not have, and says which routes want a key', async () => {
    const text = JSON.stringify(await description());
    const { components, paths } = await description();
    for (const [, name = ''] of text.matchAll(/#\/components\/schemas\/(\w+)/g))
      expect(Object.keys(components.schemas)).toContain(name);
    expect(paths['/healthz']?.get).toMatchObject({ security: [] });
    expect(paths['/v1/calls']?.get?.responses).toHaveProperty('401');
    expect(paths['/v1/calls/{id}/agent']?.post).toMatchObject({
      parameters: [{ name: 'id', in: 'path', required: true }],
      requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/AgentReport' } } } },
    });
    expect(paths['/v1/screening/{controller}']?.put).toMatchObject({
      parameters: [{ in: 'path' }, { name: 'checkedAt', in: 'query', required: true }, {}, {}, {}],
      requestBody: { content: { '*/*': {} } },
    });
  });

  it('describes the answers as they are', async () => {
    await ask('/v1/campaigns/luce/agents', {
      ...{ method: 'PUT', body: '{"free":7}', headers: { 'content-type': 'application/json' } },
    });
    for (const [path, { schema }] of [
      ['/healthz', HEALTH],
      ['/v1/calls', CALLS],
      ['/v1/overview', OVERVIEW],
      [`/v1/calls/${CALL_ID}`, CALL],
      ['/v1/campaigns', CAMPAIGNS],
      ['/v1/campaigns/luce', CAMPAIGN_DETAIL],
      ['/v1/campaigns/luce/agents', FREE_AGENTS],
    ] as const) {
      const { status, body } = await ask(path);
      expect(status, path).toBe(200);
      expect(schema.safeParse(body).error, path).toBeUndefined();
    }
    const erased = await post('/v1/erasures', { number: '+393331234567' });
    expect(ERASED.schema.safeParse(erased.body).error).toBeUndefined();
  });

  it('wants a key', async () => expectProblem(await ask('/v1/openapi.json', { key: null }), 401));
});

describe('GET /metrics', () => {
  it('is open on a loopback address', async () => {
    const answer = await ask('/metrics', { key: null });
    expect(answer.type).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.body.text).toContain('\nbrusio_calls_live 1\n');
  });

  it('wants a key on any other address', async () => {
    await server.stop();
    server = build({ listen: { address: '0.0.0.0', port: 0 } });
    base = `http://127.0.0.1:${(await server.start()).port}`;
    expectProblem(await ask('/metrics', { key: null }), 401);
    expect((await ask('/metrics')).status).toBe(200);
  });
});

describe('the API key', () => {
  it('is taken as a bearer token or as X-Api-Key', async () => {
    expect((await ask('/v1/calls')).status).toBe(200);
    expect((await ask('/v1/calls', { key: null, headers: { 'x-api-key': 'another key' } })).status).toBe(200);
  });

  it.each([null, 'wrong', '', `${KEY}x`])('is refused when it is %j', async (key) => {
    const answer = await ask('/v1/calls', { key });
    expectProblem(answer, 401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  it('is wanted before a report is read', async () => {
    const init = { method: 'POST', body: '{"agent":"1","state":"connected"}', key: null };
    expectProblem(await ask(`/v1/calls/${CALL_ID}/agent`, init), 401);
    expect(guard.guard.told).toEqual([]);
  });

  it('lets nobody in when the settings have none', async () => {
    await server.stop();
    server = build({ apiKeys: [] });
    base = `http://127.0.0.1:${(await server.start()).port}`;
    expectProblem(await ask('/v1/calls', { key: '' }), 401);
  });
});

describe('GET /v1/calls/{id}/story', () => {
  it('is the story as JSON that fits its schema, or one page in either language', async () => {
    const { status, body } = await ask(`/v1/calls/${CALL_ID}/story`);
    expect(status).toBe(200);
    expect(callStorySchema.parse(body)).toMatchObject({ language: 'en', verdict: { class: 'A' } });
    const page = await ask(`/v1/calls/${CALL_ID}/story?format=text&language=it`);
    expect(page).toMatchObject({ status: 200, type: 'text/plain; charset=utf-8' });
    expect(page.body.text).toContain('La storia della chiamata');
  });

  it('is a problem for a call that has none, and a query that means nothing', async () => {
    expectProblem(await ask('/v1/calls/other/story'), 404);
    expectProblem(await ask(`/v1/calls/${CALL_ID}/story?language=fr`), 422);
    expectProblem(await ask(`/v1/calls/${CALL_ID}/story`, { key: null }), 401);
  });
});

describe('GET /v1/calls', () => {
  it('lists the live calls', async () => {
    expect((await ask('/v1/calls')).body).toEqual({ calls: [liveCall] });
  });

  it('shows a live call by our id and by its percent-encoded Call-ID', async () => {
    expect((await ask(`/v1/calls/${CALL_ID}`)).body).toEqual(liveCall);
    expect((await ask(`/v1/calls/${encodeURIComponent(DIALER_CALL_ID)}`)).body).toEqual(liveCall);
  });

  it('shows the outcome of a call that is over', async () => {
    guard.guard.call = null;
    store.state.outcome = { callId: CALL_ID, class: 'A' };
    expect((await ask(`/v1/calls/${CALL_ID}`)).body).toEqual({ callId: CALL_ID, class: 'A', corrections: [] });
  });

  it('shows an ended call whose outcome is not stored yet', async () => {
    guard.guard.call = { ...liveCall, state: 'ended', class: 'A' };
    expect((await ask(`/v1/calls/${CALL_ID}`)).body).toMatchObject({ state: 'ended', class: 'A' });
  });

  it('says 404 of a call nobody knows', async () => {
    expectProblem(await ask('/v1/calls/nobody'), 404);
  });

  it('says 503 when the store cannot be read', async () => {
    store.state.broken = true;
    expectProblem(await ask('/v1/calls/nobody'), 503);
  });
});

describe('POST /v1/calls/{id}/agent', () => {
  const path = `/v1/calls/${CALL_ID}/agent`;
  const connected = { agent: '1001', state: 'connected' };

  it('tells the guard that an agent is on the line, and answers with the call, every time', async () => {
    expect(await post(path, connected)).toMatchObject({ status: 200, body: liveCall });
    expect(await post(path, connected)).toMatchObject({ status: 200, body: liveCall });
    expect(guard.guard.told[1]).toEqual({ ref: CALL_ID, agent: { id: '1001', source: 'http' } });
  });

  it("takes the dialer's Call-ID", async () => {
    const answer = await post(`/v1/calls/${encodeURIComponent(DIALER_CALL_ID)}/agent`, connected);
    expect(answer.status).toBe(200);
    expect(guard.guard.told).toMatchObject([{ ref: DIALER_CALL_ID }]);
  });

  it('tells the guard that the agent left, named or not', async () => {
    expect((await post(path, { agent: '1001', state: 'left' })).status).toBe(200);
    expect((await post(path, { state: 'left' })).status).toBe(200);
    expect(guard.guard.told).toEqual([
      { ref: CALL_ID, left: true },
      { ref: CALL_ID, left: true },
    ]);
  });

  it('says 404 of a call nobody knows', async () => {
    expectProblem(await post('/v1/calls/nobody/agent', connected), 404);
  });

  it.each(['A', 'B', null] as const)('says 409 with class %s of a call that has ended', async (callClass) => {
    guard.guard.call = { ...liveCall, state: 'ended', class: callClass };
    const answer = await post(path, connected);
    expectProblem(answer, 409);
    expect(answer.body.class).toBe(callClass);
  });

  it('says 409 with its class of a call that only the store remembers', async () => {
    guard.guard.call = null;
    store.state.outcome = { class: 'B' };
    const answer = await post(path, connected);
    expectProblem(answer, 409);
    expect(answer.body.class).toBe('B');
  });

  it('tells every problem of a body at once', async () => {
    const answer = await post(path, { agent: '', state: 'connected', since: 1 });
    expectProblem(answer, 422);
    const errors = answer.body.errors as { pointer: string }[];
    expect(errors.map((e) => e.pointer).sort()).toEqual(['', '/agent']);
  });

  it.each(['null', '[]', '"1001"', '{"agent":"1001","state":"reserved"}', '{"state":"connected"}'])(
    'refuses the body %s',
    async (body) => {
      expectProblem(await post(path, body), 422);
      expect(guard.guard.told).toEqual([]);
    },
  );

  it.each(['{', '', '{"a":1}}', '{"__proto__":{"x":1}}'])('says 400 of %j, which is no JSON of ours', async (body) => {
    expectProblem(await post(path, body), 400);
  });
});

describe('POST /v1/calls/{id}/disposition', () => {
  const path = `/v1/calls/${CALL_ID}/disposition`;

  it('tells the guard what answered and how the dialer knows', async () => {
    expect(await post(path, { answeredBy: 'machine', method: 'amd' })).toMatchObject({ status: 200, body: liveCall });
    expect((await post(path, { answeredBy: 'fax' })).status).toBe(200);
    expect(guard.guard.told).toEqual([
      { ref: CALL_ID, disposition: { answeredBy: 'machine', method: 'amd', source: 'http' } },
      { ref: CALL_ID, disposition: { answeredBy: 'fax', method: null, source: 'http' } },
    ]);
  });

  describe('of a call that is over', () => {
    const to = { answeredBy: 'machine', answeredByMethod: null, handling: 'machine-dropped', class: 'B' } as const;
    const from = { answeredBy: 'not-classified', answeredByMethod: null, handling: 'silent', class: 'A' } as const;
    const at = '2026-11-20T09:16:00.000Z';
    const correction: OutcomeCorrection = {
      ...{ sequence: 2, at, cause: 'disposition', source: 'http', from, to, recallLock: null },
    };
    const outcome = withCorrections({ callId: CALL_ID, ...from } as OutcomeRecord, [correction]);

    beforeEach(() => {
      guard.guard.call = null;
    });

    it.each(['corrected', 'unchanged'] as const)(
      'answers %s with the outcome as it stands and its history',
      async (result) => {
        guard.guard.late = { result, outcome };
        const answer = await post(path, { answeredBy: 'machine' });
        expect(answer).toMatchObject({ status: 200, body: { class: 'B', sequence: 2, corrections: [correction] } });
      },
    );

    it.each([
      [{ result: 'too-late', outcome }, 409, /10 minutes/],
      [{ result: 'not-answered', outcome }, 409, /Nobody answered/],
      [{ result: 'too-many-corrections', outcome }, 409, /10 times/],
      [{ result: 'unknown-call' }, 404, /no call/],
      [{ result: 'unavailable', problem: 'disk I/O error' }, 503, /at the moment/],
    ] as const)('answers %o with %i and why', async (late, status, words) => {
      guard.guard.late = late as LateDisposition;
      const answer = await post(path, { answeredBy: 'machine' });
      expectProblem(answer, status);
      expect(answer.body.detail).toMatch(words);
      if (status === 409) expect(answer.body.class).toBe('B');
    });

    it('is shown as it stands, with its history, and counts so for an agent who comes too late', async () => {
      store.state.outcome = { callId: CALL_ID, sequence: 1, ...from };
      store.state.corrections = [correction];
      expect((await ask(`/v1/calls/${CALL_ID}`)).body).toEqual({
        callId: CALL_ID,
        ...to,
        recallLock: null,
        sequence: 2,
        corrections: [correction],
      });
      const late = await post(`/v1/calls/${CALL_ID}/agent`, { agent: '1001', state: 'connected' });
      expectProblem(late, 409);
      expect(late.body.class).toBe('B');
    });
  });

  it('refuses what it does not know', async () => {
    const answer = await post(path, { answeredBy: 'parrot', method: 'x'.repeat(65) });
    expectProblem(answer, 422);
    expect(answer.body.errors).toHaveLength(2);
  });
});

describe('what no route takes', () => {
  it('is 404 at an unknown address', async () => {
    expectProblem(await ask('/v2/calls'), 404);
  });

  it('is 405 with another method, and says which are allowed', async () => {
    const answer = await ask('/v1/calls', { method: 'DELETE' });
    expectProblem(answer, 405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    expect((await ask(`/v1/calls/${CALL_ID}/agent`)).headers.get('allow')).toBe('POST');
  });

  it('is 405 with another method also when it has a body', async () => {
    expectProblem(await post('/v1/calls', '{'), 405);
  });

  it('is 413 with a body above 16 KiB', async () => {
    const body = JSON.stringify({ agent: 'a'.repeat(16 * 1024), state: 'connected' });
    expectProblem(await post(`/v1/calls/${CALL_ID}/agent`, body), 413);
  });

  it('is 415 with a body that is not JSON', async () => {
    const init = { method: 'POST', body: '<agent/>', headers: { 'content-type': 'application/xml' } };
    expectProblem(await ask(`/v1/calls/${CALL_ID}/agent`, init), 415);
  });

  it('is 400 with a broken percent-encoding', async () => {
    expectProblem(await ask('/v1/calls/%E0%A4%A'), 400);
  });

  it('is 414 with an id of more than 1024 characters', async () => {
    expectProblem(await ask(`/v1/calls/${'x'.repeat(1025)}`), 414);
  });

  it('is a problem document also when it is no HTTP at all', async () => {
    const { port } = new URL(base);
    const socket = connect(Number(port), '127.0.0.1');
    socket.end('INVITE sip:bob@example.com SIP/2.0\r\n\r\n');
    let text = '';
    socket.on('data', (octets) => {
      text += octets;
    });
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({ status: 400, type: 'about:blank' });
  });

  it('is 500 without a word of the cause when we fail', async () => {
    await server.stop();
    server = build({ metrics: async () => Promise.reject(new Error('secret of the house')) });
    base = `http://127.0.0.1:${(await server.start()).port}`;
    const answer = await ask('/metrics');
    expectProblem(answer, 500);
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });
});

describe('starting', () => {
  it('says in plain words that the port is taken', async () => {
    const port = Number(new URL(base).port);
    await expect(build({ listen: { address: '127.0.0.1', port } }).start()).rejects.toMatchObject({
      code: 'http.address-in-use',
      message: `HTTP cannot listen on 127.0.0.1 port ${port}: another program is using it`,
    });
  });

  it('says that an address is not ours', async () => {
    await expect(build({ listen: { address: '192.0.2.1', port: 0 } }).start()).rejects.toMatchObject({
      code: 'http.cannot-listen',
    });
  });
});

describe('GET /v1/campaigns', () => {
  it('shows how every campaign stands today and in its window', async () => {
    const { status, body } = await ask('/v1/campaigns');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      campaigns: [
        {
          ...{ campaign: 'luce', controller: 'acme', firstDay: '2026-11-20', policy: italy.policy },
          day: { from: '2026-11-22', silent: 1, handled: 40, percent: '2.440', verdict: 'within' },
          window: { from: '2026-11-20', to: '2026-11-29', ratio: { silent: 1, answered: 41 } },
        },
      ],
    });
  });

  it('shows one with all its windows and days', async () => {
    const { status, body } = await ask('/v1/campaigns/luce');
    expect(status).toBe(200);
    expect(body).toMatchObject({ campaign: 'luce', windows: [{ silent: 1 }], days: [{ from: '2026-11-22' }] });
  });

  it('is 404 for one that never had a call, and 401 without the key', async () => {
    expect((await ask('/v1/campaigns/gas')).status).toBe(404);
    expect((await ask('/v1/campaigns', { key: null })).status).toBe(401);
  });
});
