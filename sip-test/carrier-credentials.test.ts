import { beforeAll, describe, expect, it } from 'vitest';
import { type Challenge, challengeLines, credentialsOf, isRight, newNonce } from './digest-challenge.ts';
import { DIALER_ADDRESS, loopback } from './engine-under-test.ts';
import { peersPerTest } from './peers-per-test.ts';
import type { PeerBehaviour, PeerCall } from './sip-peer.ts';
import { cseqNumber, header, tagOf } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

const CARRIER = { address: loopback(41), port: 5060 };
const PASSWORD = 'carrier-password-1';

const SETTINGS = {
  carriers: [
    { name: 'known', uri: `sip:${CARRIER.address}`, username: 'brusio', password: PASSWORD },
    { name: 'other', uri: `sip:${loopback(42)}`, priority: 1, campaigns: ['two'] },
  ],
};

/** A carrier that lets nobody in without credentials: INVITE and BYE, by 401 or 407. */
function demanding(status: 401 | 407, challenge: Challenge, stale: 'once' | 'never' = 'never'): PeerBehaviour {
  const [asks, answers] =
    status === 401 ? ['WWW-Authenticate', 'Authorization'] : ['Proxy-Authenticate', 'Proxy-Authorization'];
  const nonces = new Set<string>();
  let hasBeenStale = stale === 'never';
  return (request, peer) => {
    if (request.method !== 'INVITE' && request.method !== 'BYE') return;
    const given = credentialsOf(request, answers);
    if (given !== null && isRight(given, request, challenge) && nonces.has(given.nonce ?? '') && hasBeenStale) {
      if (request.method === 'INVITE') peer.answer(request);
      return;
    }
    const isStale = given !== null && isRight(given, request, challenge);
    hasBeenStale ||= isStale;
    const nonce = newNonce();
    nonces.add(nonce);
    peer.reply(request, status, 'Who Are You', { headers: challengeLines(asks, challenge, nonce, isStale) });
  };
}

const challenge = (...algorithms: Challenge['algorithms']): Challenge => ({
  username: 'brusio',
  password: PASSWORD,
  realm: 'carrier.example',
  algorithms,
});

describe('a carrier that asks who we are', () => {
  let bed: TestBed;
  const { open } = peersPerTest();
  beforeAll(async () => {
    bed = await TestBed.open({}, SETTINGS);
    return async () => {
      await bed.close();
      expect(bed.brusio.output(), 'the password in the log').not.toContain(PASSWORD);
    };
  });

  const call = async (headers: readonly string[] = []): Promise<PeerCall> =>
    (await open({ address: DIALER_ADDRESS, port: 0 })).invite({ number: bed.newNumber(), headers });

  for (const { what, status, algorithms } of [
    { what: 'in MD5 (401)', status: 401, algorithms: ['MD5'] },
    { what: 'in SHA-256 (407)', status: 407, algorithms: ['SHA-256'] },
    { what: 'in either, MD5 first (401)', status: 401, algorithms: ['MD5', 'SHA-256'] },
  ] as const) {
    it(`${what} is told, for the INVITE and for the BYE`, async () => {
      const carrier = await open(CARRIER, demanding(status, challenge(...algorithms)));
      const placed = await call();
      const answer = await placed.final();
      expect(answer.startLine).toBe('SIP/2.0 200 OK');
      await placed.bye(answer);
      const outcome = await bed.webhooks.outcome(placed.callId);
      expect(outcome.sip).toMatchObject({ status: 200, attempts: [{ carrier: 'known', status: 200 }] });

      const [first, second] = carrier.requests('INVITE');
      if (first === undefined || second === undefined) throw new Error('expected two INVITEs');
      expect(carrier.requests('INVITE')).toHaveLength(2);
      expect(header(second, 'Call-ID'), 'RFC 3261 §8.1.3.5').toBe(header(first, 'Call-ID'));
      expect(tagOf(second, 'From')).toBe(tagOf(first, 'From'));
      expect(cseqNumber(second)).toBe(cseqNumber(first) + 1);
      const answers = status === 401 ? 'Authorization' : 'Proxy-Authorization';
      expect(credentialsOf(second, answers)?.algorithm, 'the strongest one').toBe(algorithms.at(-1));

      const ack = carrier.requests('ACK').find((one) => cseqNumber(one) === cseqNumber(second));
      expect(header(ack ?? expect.fail('no ACK of the 200'), answers), '§13.2.2.4').toBe(header(second, answers));
      const bye = await carrier.message(
        'BYE with credentials',
        (one) => one.method === 'BYE' && header(one, answers) !== null,
      );
      expect(isRight(credentialsOf(bye, answers) ?? {}, bye, challenge(...algorithms))).toBe(true);
    });
  }

  it('and finds the nonce stale is told again', async () => {
    const carrier = await open(CARRIER, demanding(401, challenge('SHA-256'), 'once'));
    const placed = await call();
    const answer = await placed.final();
    expect(answer.startLine).toBe('SIP/2.0 200 OK');
    expect(carrier.requests('INVITE')).toHaveLength(3);
    await placed.bye(answer);
    await bed.webhooks.outcome(placed.callId);
  });

  it('and does not believe it is asked no more: 500 to the dialer, who is never challenged', async () => {
    const carrier = await open(CARRIER, demanding(407, { ...challenge('MD5'), password: 'another' }));
    const placed = await call();
    const final = await placed.final();
    expect(final.startLine).toBe('SIP/2.0 500 Server Internal Error');
    expect(header(final, 'Proxy-Authenticate')).toBeNull();
    expect(header(final, 'Reason')).toBe('SIP;cause=407;text="Who Are You"');
    expect(carrier.requests('INVITE')).toHaveLength(2);
    expect((await bed.webhooks.outcome(placed.callId)).sip.status).toBe(407);
  });

  it('and does not believe it is passed over for the next one', async () => {
    await open(CARRIER, demanding(407, { ...challenge('MD5'), password: 'another' }));
    await open({ address: loopback(42), port: 5060 }, (request, peer) => {
      if (request.method === 'INVITE') peer.answer(request);
    });
    const placed = await call(['X-Brusio-Campaign: two']);
    const answer = await placed.final();
    await placed.bye(answer);
    expect((await bed.webhooks.outcome(placed.callId)).sip.attempts).toEqual([
      { carrier: 'known', status: 407 },
      { carrier: 'other', status: 200 },
    ]);
  });
});
