import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type WallMs } from '../base/clock.ts';
import type { GuardView } from '../guard/guard-view.ts';
import type { OptOutDesk } from '../guard/opt-out-port.ts';
import type { OptOutRow } from '../ledger/opt-out.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import type { CampaignBook } from './campaign-count-routes.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';
import { sampleLive } from './testing/live-samples.ts';

const KEY = 'k3y';
const AT = Date.parse('2026-11-22T12:00:00Z') as WallMs;
const ROW: OptOutRow = {
  ...{ chain: 'guard.1', seq: 7, scope: 'acme', digest: 'd1', at: AT, source: 'http', callId: null, reference: 'l 7' },
};
const SHOWN = {
  ...{ controller: 'acme', digest: 'd1', at: '2026-11-22T12:00:00.000Z', source: 'http', callId: null },
  ...{ reference: 'l 7', ledger: { chain: 'guard.1', seq: 7 } },
};

let asked: unknown[];
let server: HttpServer;
let base: string;

const desk: OptOutDesk = {
  async add(...said) {
    asked = said;
    return { ...ROW, scope: said[1] ?? '*' };
  },
  async addOfCall(...said) {
    asked = said;
    return said[0] === 'unknown' ? null : ROW;
  },
  async remove(...said) {
    asked = said;
    return said[1] === 'acme' ? [ROW] : [];
  },
  async of(...said) {
    asked = said;
    return [ROW];
  },
  async page(page) {
    asked = [page];
    return [ROW, ROW].slice(0, page.most);
  },
};

beforeEach(async () => {
  asked = [];
  server = createHttpServer({
    listen: { address: '127.0.0.1', port: 0 },
    apiKeys: [KEY],
    guard: {} as GuardView,
    store: {} as HttpServerOptions['store'],
    campaigns: {} as CampaignBook,
    numbers: {} as HttpServerOptions['numbers'],
    optOuts: desk,
    reports: {} as HttpServerOptions['reports'],
    screening: { screening: {} as never, jurisdiction: italy, clock: systemClock },
    metrics: async () => [],
    live: sampleLive(),
    version: '0.0.1',
    log: pino({ level: 'silent' }),
  });
  const { address, port } = await server.start();
  base = `http://${address}:${port}/v1/opt-outs`;
});
afterEach(() => server.stop());

async function ask(path: string, body?: object) {
  const answer = await fetch(`${base}${path}`, {
    headers: { authorization: `Bearer ${KEY}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describe('opt-outs over HTTP', () => {
  it('are told by a number, for a controller or for all', async () => {
    const said = { number: '+393331234567', controller: 'acme', reference: 'l 7' };
    expect(await ask('', said)).toEqual({ status: 200, body: SHOWN });
    expect(asked).toEqual(['+393331234567', 'acme', 'l 7']);
    expect((await ask('', { number: '3331234567' })).body).toMatchObject({ controller: null });
    expect(asked).toEqual(['3331234567', null, null]);
  });

  it('are told by a call, by its id or its Call-ID', async () => {
    expect((await ask('', { call: 'd@10.0.0.1' })).body).toEqual(SHOWN);
    expect(asked).toEqual(['d@10.0.0.1', null]);
    expect((await ask('', { call: 'unknown' })).status).toBe(404);
  });

  it.each([
    {},
    { number: '+393331234567', call: 'c' },
    { call: 'c', controller: 'acme' },
    { number: '33' },
    { number: '+393331234567', controller: '*' },
    { number: '+393331234567', reference: 'a\nb' },
  ])('are not told by %j', async (said) => {
    expect((await ask('', said)).status).toBe(422);
    expect(asked).toEqual([]);
  });

  it('are taken back with a reason', async () => {
    const said = { number: '+393331234567', controller: 'acme', reference: 'wrong' };
    expect(await ask('/removals', said)).toEqual({ status: 200, body: { removed: [SHOWN] } });
    expect((await ask('/removals', { ...said, controller: 'other' })).status).toBe(404);
    expect((await ask('/removals', { number: '+393331234567', controller: 'acme' })).status).toBe(422);
  });

  it('of a number are all told, its plus encoded or not', async () => {
    for (const number of ['%2B393331234567', '+393331234567']) {
      expect(await ask(`?number=${number}`)).toEqual({ status: 200, body: { optOuts: [SHOWN], next: null } });
      expect(asked).toEqual(['+393331234567']);
    }
    expect((await ask('?number=x')).status).toBe(422);
  });

  it('are told a page at a time, and what comes next', async () => {
    const { body } = await ask('?limit=1');
    expect(body).toEqual({ optOuts: [SHOWN], next: `${AT}.7.guard.1` });
    expect(asked).toEqual([{ before: null, most: 1 }]);
    expect((await ask(`?before=${String(body.next)}`)).body).toMatchObject({ next: null });
    expect(asked).toEqual([{ before: { at: AT, seq: 7, chain: 'guard.1' }, most: 100 }]);
    for (const wrong of ['?limit=0', '?limit=1001', '?before=x', '?other=1'])
      expect((await ask(wrong)).status).toBe(422);
  });
});
