import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type WallMs } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { GuardView } from '../guard/guard-view.ts';
import type { KeptReport, ReportFiles, ReportRequest, Reports } from '../guard/report-port.ts';
import type { Screening } from '../guard/screening-port.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import type { CampaignBook } from './campaign-count-routes.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';
import { sampleLive } from './testing/live-samples.ts';

const KEY = 'a-key-of-these-tests';
const ID = '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10';
const FILES: ReportFiles = {
  id: ID,
  files: [
    ...['report.json', 'report.csv', 'report.pdf', 'manifest.json'].map((name) => ({
      name,
      octets: Buffer.from(name),
    })),
  ],
};
const KEPT: KeptReport = {
  ...{ id: ID, campaign: 'luce', period: 'day', from: '2026-11-20', to: '2026-11-20', revision: 1, language: 'it' },
  ...{ madeAt: Date.UTC(2026, 10, 20, 23, 12) as WallMs, madeBy: 'guard-1', keepUntil: '2028-11-21', policy: 'p' },
  ...{ fingerprint: 'ab', silent: 1, handled: 40, sha256: 'cd' },
};

let server: HttpServer;
let base: string;
let asked: ReportRequest[];
let refusal: AppError | null;

const reports: Reports = {
  async make(request) {
    if (refusal !== null) throw refusal;
    asked.push(request);
    return FILES;
  },
  makeDue: async () => ({ made: 0, more: false }),
  kept: async (campaign) => (campaign === null || campaign === 'luce' ? [KEPT] : []),
  find: async (id) => (id === ID ? FILES : null),
};

beforeEach(async () => {
  [asked, refusal] = [[], null];
  server = createHttpServer({
    listen: { address: '127.0.0.1', port: 0 },
    apiKeys: [KEY],
    guard: {} as GuardView,
    store: {} as HttpServerOptions['store'],
    campaigns: {} as CampaignBook,
    numbers: {} as HttpServerOptions['numbers'],
    optOuts: {} as HttpServerOptions['optOuts'],
    reports,
    screening: { screening: {} as Screening, jurisdiction: italy, clock: systemClock },
    metrics: async () => [],
    live: sampleLive(),
    version: '0.0.1',
    log: pino({ level: 'silent' }),
  });
  const { address, port } = await server.start();
  base = `http://${address}:${port}`;
});

afterEach(() => server.stop());

async function get(path: string, key: string | null = KEY) {
  const answer = await fetch(`${base}${path}`, key === null ? {} : { headers: { authorization: `Bearer ${key}` } });
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    octets: Buffer.from(await answer.arrayBuffer()),
  };
}

describe('GET /v1/campaigns/{id}/report', () => {
  it('makes the period that is asked for, and gives its files alone or together', async () => {
    expect((await get('/v1/campaigns/luce/report?window=3&language=en')).octets.subarray(0, 4).toString('latin1')).toBe(
      'PK\u0003\u0004',
    );
    expect(await get('/v1/campaigns/luce/report?day=2026-11-20&format=csv')).toMatchObject({
      ...{ status: 200, type: 'text/csv; charset=utf-8; header=present', octets: Buffer.from('report.csv') },
    });
    expect((await get('/v1/campaigns/luce/report?from=2026-11-01&to=2026-11-07&format=pdf')).type).toBe(
      'application/pdf',
    );
    await get('/v1/campaigns/luce/report?last-week=true');
    await get('/v1/campaigns/luce/report?format=manifest');
    expect(asked.map(({ wanted, language }) => [wanted, language])).toEqual([
      [{ kind: 'window', number: 3 }, 'en'],
      [{ kind: 'day', day: '2026-11-20' }, null],
      [{ kind: 'range', from: '2026-11-01', to: '2026-11-07' }, null],
      [{ kind: 'last-week' }, null],
      [{ kind: 'last-window' }, null],
    ]);
  });

  it('wants a key, one period, and days that there are', async () => {
    expect((await get('/v1/campaigns/luce/report', null)).status).toBe(401);
    for (const query of ['window=1&day=2026-11-20', 'from=2026-11-01', 'day=2026-02-30', 'window=0', 'format=doc'])
      expect((await get(`/v1/campaigns/luce/report?${query}`)).status, query).toBe(422);
    expect(asked).toEqual([]);
  });

  it.each([
    ['report.no-campaign', 404],
    ['report.no-period', 422],
    ['report.busy', 429],
    ['store.cannot-read', 503],
  ])('answers %s with %i', async (code, status) => {
    refusal = new AppError(code, 'why');
    expect((await get('/v1/campaigns/luce/report')).status).toBe(status);
  });
});

describe('GET /v1/reports', () => {
  it('shows those that are kept, and one of them as it was made', async () => {
    const all = JSON.parse((await get('/v1/reports?campaign=luce')).octets.toString());
    expect(all.reports).toEqual([{ ...KEPT, madeAt: '2026-11-20T23:12:00.000Z' }]);
    expect(JSON.parse((await get('/v1/reports?campaign=gas')).octets.toString())).toEqual({ reports: [] });
    expect((await get(`/v1/reports/${ID}?format=json`)).octets.toString()).toBe('report.json');
    expect((await get('/v1/reports/none')).status).toBe(404);
  });
});
