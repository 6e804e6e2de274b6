import { beforeAll, describe, expect, it } from 'vitest';
import { type Challenge, challengeLines, credentialsOf, isRight, newNonce } from './digest-challenge.ts';
import { DIALER_ADDRESS, loopback } from './engine-under-test.ts';
import { peersPerTest } from './peers-per-test.ts';
import { SipPeer } from './sip-peer.ts';
import { cseqNumber, header } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

const WATCHED = { address: loopback(41), port: 5060 };
const SPARE = { address: loopback(42), port: 5060 };
const REGISTRAR = { address: loopback(43), port: 5060 };

const CREDENTIALS: Challenge = {
  username: '390212345678',
  password: 'registrar-password-1',
  realm: 'registrar.example',
  algorithms: ['MD5', 'SHA-256'],
};

const SETTINGS = {
  carriers: [
    {
      name: 'watched',
      uri: `sip:${WATCHED.address}`,
      campaigns: ['watched'],
      noResponseMs: 5_000,
      optionsIntervalMs: 1_000,
      optionsTimeoutMs: 900,
    },
    { name: 'spare', uri: `sip:${SPARE.address}`, priority: 1, campaigns: ['watched'] },
    {
      name: 'registered',
      uri: `sip:${REGISTRAR.address}`,
      campaigns: ['registered'],
      registrar: `sip:${REGISTRAR.address}`,
      registerExpiresS: 30,
      username: CREDENTIALS.username,
      password: CREDENTIALS.password,
    },
  ],
};

/** A carrier's line of `/healthz`. */
type Health = { readonly name: string; readonly up: boolean; readonly registration: string };

describe('between calls', () => {
  let bed: TestBed;
  let registrar: SipPeer;
  const nonces = new Set<string>();
  let minExpires: number | null = 2;
  const { open } = peersPerTest();
  beforeAll(async () => {
    // A registrar with a lifetime of its own, which asks for 4 s at least where 30 are offered as too few.
    registrar = await SipPeer.open(REGISTRAR, (request, peer) => {
      if (request.method !== 'REGISTER') return;
      const given = credentialsOf(request, 'Authorization');
      if (given === null || !nonces.has(given.nonce ?? '') || !isRight(given, request, CREDENTIALS)) {
        const nonce = newNonce();
        nonces.add(nonce);
        peer.reply(request, 401, 'Unauthorized', { headers: challengeLines('WWW-Authenticate', CREDENTIALS, nonce) });
      } else if (minExpires !== null && Number(header(request, 'Expires')) > 0) {
        minExpires = null;
        peer.reply(request, 423, 'Interval Too Brief', { headers: ['Min-Expires: 40'] });
      } else {
        const contact = header(request, 'Contact');
        const isEnd = header(request, 'Expires') === '0';
        peer.reply(request, 200, 'OK', { headers: isEnd ? [] : [`Contact: ${contact};expires=2`] });
      }
    });
    bed = await TestBed.open({}, SETTINGS);
    return async () => {
      await bed.close();
      const last = registrar.requests('REGISTER').at(-1);
      expect(header(last ?? expect.fail('no REGISTER'), 'Expires'), 'taken back at the end').toBe('0');
      await registrar.close();
    };
  });

  const health = async (name: string): Promise<Health | undefined> => {
    const { body } = await bed.brusio.api.healthz();
    return (body as { carriers: Health[] }).carriers.find((one) => one.name === name);
  };
  const becomes = (name: string, up: boolean) =>
    expect.poll(async () => (await health(name))?.up, { timeout: 20_000, interval: 50 }).toBe(up);

  it('a registration is kept: challenged, 423 honoured, refreshed, and calls come in under its Contact', async () => {
    await expect.poll(async () => (await health('registered'))?.registration, { timeout: 20_000 }).toBe('registered');
    const sent = registrar.requests('REGISTER');
    expect(header(sent.at(-1) ?? expect.fail(), 'Expires')).toBe('40');
    expect(sent.map((one) => header(one, 'Expires'))).toContain('30');
    const before = sent.length;
    await expect.poll(() => registrar.requests('REGISTER').length, { timeout: 20_000 }).toBeGreaterThan(before + 1);
    const all = registrar.requests('REGISTER');
    expect(new Set(all.map((one) => header(one, 'Call-ID'))).size, 'RFC 3261 §10.2.4: one Call-ID').toBe(1);
    const numbers = all.map(cseqNumber);
    expect(numbers, 'and a rising CSeq').toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(header(all.at(-1) ?? expect.fail(), 'Contact')).toMatch(/^<sip:390212345678@[\d.]+:\d+>$/);
  });

  it('a carrier that answers no OPTIONS is tried last, and first again when it answers', async () => {
    await becomes('watched', false);
    await open(SPARE, (request, peer) => {
      if (request.method === 'INVITE') peer.answer(request);
    });
    const dialer = await open({ address: DIALER_ADDRESS, port: 0 });
    const call = async () => {
      const placed = dialer.invite({ number: bed.newNumber(), headers: ['X-Brusio-Campaign: watched'] });
      await placed.bye(await placed.final());
      return (await bed.webhooks.outcome(placed.callId)).sip.attempts;
    };
    expect(await call()).toEqual([{ carrier: 'spare', status: 200 }]);

    // Any final answer is a sign of life (RFC 3261 §11.2).
    await open(WATCHED, (request, peer) => {
      if (request.method === 'OPTIONS') peer.reply(request, 404, 'Not Found');
      if (request.method === 'INVITE') peer.answer(request);
    });
    await becomes('watched', true);
    expect(await call()).toEqual([{ carrier: 'watched', status: 200 }]);
    expect(await bed.brusio.api.metrics()).toMatch(/^brusio_carrier_up\{carrier="watched"\} 1$/m);
  });
});
