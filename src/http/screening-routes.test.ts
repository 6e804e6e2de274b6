import { connect } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock, type WallMs } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { ok, refused } from '../base/result.ts';
import type { GuardView } from '../guard/guard-view.ts';
import type { ImportRequest, Screening, ScreeningList } from '../guard/screening-port.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import type { CampaignBook } from './campaign-count-routes.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';
import { sampleLive } from './testing/live-samples.ts';

const KEY = 'k3y';
const NOW = Date.parse('2026-11-22T12:00:00Z') as WallMs;
const clock: Pick<Clock, 'now'> = { now: () => ({ ...systemClock.now(), wallMs: NOW }) };

const LIST: ScreeningList = {
  list: 'list-1',
  controller: 'acme',
  checkedAt: (NOW - 1000) as WallMs,
  expiresAt: (NOW + 1000) as WallMs,
  importedAt: NOW,
  numbers: 2,
  sha256: 'ab',
  fileName: 'list.csv',
  keyId: 'key',
};
const FINDINGS = {
  lines: 3,
  numbers: 2,
  duplicates: { count: 0, first: [] },
  malformed: { count: 1, first: [{ line: 2, problem: 'no-number' as const }] },
  layout: { separator: null, column: 0, skippedLines: 0, heading: null, withCountryCode: false },
};

let asked: ImportRequest | null;
let removed: object | null;
let octetsRead: number;
/** What the fake does with a list: reads it whole, or refuses it at its first piece. */
let refusesAtOnce: boolean;
let busy: boolean;
let importing: Promise<unknown>;
let server: HttpServer;
let address: { address: string; port: number };

const screening: Screening = {
  async import(request, octets) {
    if (busy) throw new AppError('store.import-busy', 'busy');
    asked = request;
    const reading = (async () => {
      for await (const piece of octets) {
        octetsRead += piece.length;
        if (refusesAtOnce) return refused({ reason: 'no list', findings: null });
      }
      return ok({ ...LIST, findings: FINDINGS, replaced: { list: 'list-0', numbers: 9, checkedAt: NOW } });
    })();
    importing = reading;
    return reading;
  },
  remove: async (controller, reference) => {
    removed = { controller, reference };
    return controller === 'acme' ? LIST : null;
  },
  lists: async () => [LIST],
  check: async () => null,
};

beforeEach(async () => {
  [asked, removed, octetsRead, refusesAtOnce, busy] = [null, null, 0, false, false];
  server = createHttpServer({
    listen: { address: '127.0.0.1', port: 0 },
    apiKeys: [KEY],
    guard: {} as GuardView,
    store: {} as HttpServerOptions['store'],
    campaigns: {} as CampaignBook,
    numbers: {} as HttpServerOptions['numbers'],
    optOuts: {} as HttpServerOptions['optOuts'],
    reports: {} as HttpServerOptions['reports'],
    screening: { screening, jurisdiction: italy, clock },
    metrics: async () => [],
    live: sampleLive(),
    version: '0.0.1',
    log: pino({ level: 'silent' }),
  });
  address = await server.start();
});

afterEach(() => server.stop());

async function ask(path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${KEY}`, ...(init.headers as Record<string, string>) };
  const response = await fetch(`http://127.0.0.1:${address.port}${path}`, { ...init, headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const put = (query: string, body: string, type = 'text/csv') =>
  ask(`/v1/screening/acme${query}`, { method: 'PUT', body, headers: { 'content-type': type } });

describe('PUT /v1/screening/{controller}', () => {
  it('imports the body as it comes, of whatever type and length, and tells what was found', async () => {
    const body = 'x'.repeat(3_000_000);
    const query = '?checkedAt=2026-11-20T10:00&fileName=list.csv&column=numero&numbers=national';
    for (const type of ['text/csv', 'application/gzip', 'application/json', 'application/octet-stream']) {
      octetsRead = 0;
      expect(await put(query, body, type)).toMatchObject({
        status: 200,
        body: {
          list: 'list-1',
          controller: 'acme',
          numbers: 2,
          checkedAt: new Date(LIST.checkedAt).toISOString(),
          expiresAt: new Date(LIST.expiresAt).toISOString(),
          findings: FINDINGS,
          replaced: { list: 'list-0', numbers: 9 },
        },
      });
      expect(octetsRead).toBe(body.length);
    }
    expect(asked).toEqual({
      controller: 'acme',
      checkedAt: Date.parse('2026-11-20T09:00:00Z'),
      fileName: 'list.csv',
      form: 'national',
      column: 'numero',
    });
  });

  it('refuses a query that says too little, what lies ahead, and what cannot be used any more', async () => {
    for (const query of ['', '?checkedAt=yesterday', '?checkedAt=2026-11-23', '?checkedAt=2026-11-01']) {
      expect(await put(query, 'x')).toMatchObject({ status: 422, body: { errors: [{ pointer: '/checkedAt' }] } });
    }
    expect(await put('?checkedAt=2026-11-20&number=1', 'x')).toMatchObject({ status: 422 });
    expect(asked).toBeNull();
  });

  it('answers a refusal before the list has come whole, and throws the rest away', async () => {
    refusesAtOnce = true;
    const answer = await put('?checkedAt=2026-11-20', 'x'.repeat(3_000_000));
    expect(answer).toMatchObject({
      status: 422,
      body: { title: 'List refused', detail: 'The list was not imported, and the earlier one stays: no list.' },
    });
    expect(await ask('/v1/screening')).toMatchObject({ status: 200 });
  });

  it('is one at a time', async () => {
    busy = true;
    expect(await put('?checkedAt=2026-11-20', 'x')).toMatchObject({ status: 409 });
  });

  it('does not take an upload that broke off for a whole list', async () => {
    const socket = connect(address.port, '127.0.0.1');
    socket.write(
      `PUT /v1/screening/acme?checkedAt=2026-11-20 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n` +
        'Content-Type: text/csv\r\nContent-Length: 1000\r\n\r\n3331234567\n',
    );
    while (octetsRead === 0) await new Promise(setImmediate);
    socket.destroy();
    await expect(importing).rejects.toMatchObject({ code: 'http.upload-broken' });
  });

  it('wants an API key, and lets other paths take JSON alone', async () => {
    expect(
      await ask('/v1/screening/acme?checkedAt=2026-11-20', {
        method: 'PUT',
        body: 'x',
        headers: { authorization: '' },
      }),
    ).toMatchObject({ status: 401 });
    const csv = { method: 'PUT', body: 'x', headers: { 'content-type': 'text/csv' } };
    expect(await ask('/v1/campaigns/luce/agents', csv)).toMatchObject({ status: 415 });
    expect(await ask('/v1/screening/acme', { method: 'POST' })).toMatchObject({ status: 405 });
    expect(asked).toBeNull();
  });
});

describe('DELETE /v1/screening/{controller}', () => {
  const remove = (path: string) => ask(`/v1/screening/${path}`, { method: 'DELETE' });

  it('takes the list out of force once its name is said twice, and says which it was', async () => {
    expect(await remove('acme?confirm=acme&reference=wrong%20controller')).toMatchObject({
      ...{ status: 200, body: { list: 'list-1', controller: 'acme' } },
    });
    expect(removed).toEqual({ controller: 'acme', reference: 'wrong controller' });
    expect((await remove('other?confirm=other')).status).toBe(404);
  });

  it.each(['acme', 'acme?confirm=other', 'acme?confirm=acme&all=1'])('does nothing for %s', async (path) => {
    expect((await remove(path)).status).toBe(422);
    expect(removed).toBeNull();
  });
});

describe('GET /v1/screening', () => {
  it('tells the lists in force', async () => {
    expect(await ask('/v1/screening')).toMatchObject({
      status: 200,
      body: { lists: [{ list: 'list-1', controller: 'acme', numbers: 2, importedAt: '2026-11-22T12:00:00.000Z' }] },
    });
  });
});
