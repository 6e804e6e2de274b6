import { beforeAll, describe, expect, it } from 'vitest';
import { metricSum } from './brusio-api.ts';
import { type Challenge, credentialsOf } from './digest-challenge.ts';
import { BRUSIO_ADDRESS, CARRIER, DIALER_ADDRESS, loopback, TARGET } from './engine-under-test.ts';
import { answerTo } from './peer-credentials.ts';
import { peersPerTest } from './peers-per-test.ts';
import type { PeerCall, PeerInvite } from './sip-peer.ts';
import { firstOf, header, headers } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

const USER: Challenge = { username: 'vicidial', password: 'dialer-password-1', realm: 'brusio', algorithms: [] };
const ASKED = loopback(33);
/** A dialer that knows MD5 alone. */
const OLD = loopback(37);
const PARTICULAR = loopback(34);
const LIMITED = loopback(35);
const NARROW = loopback(36);

const SETTINGS = {
  numbers: { countryCode: '39' },
  carriers: [
    { name: 'primary', uri: `sip:${CARRIER.address}:${CARRIER.port}`, campaigns: ['default'] },
    {
      name: 'formats',
      uri: `sip:${CARRIER.address}:${CARRIER.port}`,
      campaigns: ['formats'],
      calledFormat: 'international-prefix',
      calledPrefix: '77#',
      callerFormat: 'digits',
    },
  ],
  dialers: {
    sources: [DIALER_ADDRESS],
    named: [
      { name: 'asked', sources: [ASKED], users: [{ username: USER.username, password: USER.password }] },
      {
        name: 'old',
        sources: [OLD],
        users: [{ username: 'sipp', password: 'dialer-password-2' }],
        algorithms: ['MD5'],
      },
      { name: 'particular', sources: [PARTICULAR], numberFrom: 'to', stripPrefix: '9', callerIdFrom: ['from'] },
      { name: 'limited', sources: [LIMITED], callsPerSecondMax: 0.1 },
      { name: 'narrow', sources: [NARROW], callsMax: 1 },
    ],
  },
};

describe('a dialer', () => {
  let bed: TestBed;
  const { open } = peersPerTest();
  beforeAll(async () => {
    bed = await TestBed.open({}, SETTINGS);
    return async () => {
      await bed.close();
      expect(bed.brusio.output(), 'the password in the log').not.toContain(USER.password);
    };
  });

  /** A carrier at which everybody is busy. */
  const busyCarrier = () =>
    open(CARRIER, (request, peer) => {
      if (request.method === 'INVITE') peer.reply(request, 486, 'Busy Here');
    });
  const call = async (address: string, invite: Partial<PeerInvite> = {}): Promise<PeerCall> =>
    (await open({ address, port: 0 })).invite({ number: bed.newNumber(), ...invite });
  /** What the carrier was asked in a busy call. */
  const asked = async (address: string, invite: Partial<PeerInvite> = {}) => {
    const carrier = await busyCarrier();
    const placed = await call(address, invite);
    expect((await placed.final()).startLine).toBe('SIP/2.0 486 Busy Here');
    return {
      invite: firstOf(carrier.requests('INVITE'), 'INVITE at the carrier'),
      outcome: await bed.webhooks.outcome(placed.callId),
    };
  };

  describe('that must say who it is', () => {
    it('is challenged in SHA-256 and MD5, each in a header of its own, and let in with either', async () => {
      const carrier = await busyCarrier();
      for (const algorithm of ['SHA-256', 'MD5'] as const) {
        const placed = await call(ASKED);
        const challenged = await placed.final();
        expect(challenged.startLine).toBe('SIP/2.0 401 Unauthorized');
        const challenges = headers(challenged, 'WWW-Authenticate');
        expect(challenges.map((one) => /algorithm=([\w-]+)/.exec(one)?.[1])).toEqual(['SHA-256', 'MD5']);
        expect(carrier.requests('INVITE'), 'before it said who it is').toEqual([]);
        const again = placed.again([answerTo(challenged, algorithm, USER, placed.requestUri())]);
        expect((await again.final()).startLine).toBe('SIP/2.0 486 Busy Here');
        expect(await bed.webhooks.outcome(placed.callId)).toMatchObject({ dialer: 'asked', network: 'busy' });
        expect(
          credentialsOf(firstOf(carrier.requests('INVITE'), 'INVITE'), 'Authorization'),
          'at the carrier',
        ).toBeNull();
        carrier.messages.length = 0;
      }
    });

    it('is let in by MD5 as SIPp does it, and its BYE is taken without', async () => {
      const rtp = await bed.rtpEnd(OLD);
      const carrier = await bed.carrier('carrier-answers', await bed.rtpEnd(CARRIER.address));
      const dialer = bed.dialer('dialer-authenticates', rtp, bed.newNumber(), { address: OLD });
      await Promise.all([dialer.finished(), carrier.finished()]);
      const [callId = ''] = dialer.callIds;
      expect(await bed.webhooks.outcome(callId)).toMatchObject({ dialer: 'old', network: 'answered', class: 'A' });
    });

    it('with a wrong password, or as nobody, is told the same, and no call is placed', async () => {
      const carrier = await busyCarrier();
      for (const user of [
        { ...USER, password: 'guessed-1' },
        { ...USER, username: 'nobody' },
      ]) {
        const placed = await call(ASKED);
        const challenged = await placed.final();
        const refused = await placed.again([answerTo(challenged, 'SHA-256', user, placed.requestUri())]).final();
        expect(refused.startLine).toBe('SIP/2.0 401 Unauthorized');
        expect(header(refused, 'WWW-Authenticate')).not.toContain('stale');
      }
      expect(carrier.messages).toEqual([]);
      expect(metricSum(await bed.brusio.api.metrics(), /authentications_total\{result="wrong"\}/)).toBe(2);
    });

    it('cannot be played back: the same credentials a second time are stale', async () => {
      await busyCarrier();
      const number = bed.newNumber();
      const placed = await call(ASKED, { number });
      const credentials = answerTo(await placed.final(), 'SHA-256', USER, placed.requestUri());
      expect((await placed.again([credentials]).final()).startLine).toBe('SIP/2.0 486 Busy Here');
      const replayed = await (await call(ASKED, { number, headers: [credentials] })).final();
      expect(replayed.startLine).toBe('SIP/2.0 401 Unauthorized');
      expect(header(replayed, 'WWW-Authenticate')).toContain('stale=true');
    });
  });

  it('within its calls a second is served, beyond has 503 with Retry-After, and no outcome', async () => {
    await busyCarrier();
    expect((await (await call(LIMITED)).final()).startLine).toBe('SIP/2.0 486 Busy Here');
    const placed = await call(LIMITED);
    const refused = await placed.final();
    expect(refused.startLine).toBe('SIP/2.0 503 Service Unavailable');
    expect(Number(header(refused, 'Retry-After')) / 10, 'until the next may come').toBeCloseTo(1, 0);
    expect(header(refused, 'X-Brusio-Decision')).toContain('dialer-rate');
    expect((await (await call(DIALER_ADDRESS)).final()).startLine, 'another dialer').toBe('SIP/2.0 486 Busy Here');
    expect(bed.webhooks.outcomesOf(placed.callId)).toBe(0);
  });

  it('with its calls at once has 503, until one of them is over', async () => {
    const carrier = await open(CARRIER, (request, peer) => {
      if (request.method === 'INVITE') peer.answer(request);
    });
    const first = await call(NARROW);
    const answer = await first.final();
    expect(header(await (await call(NARROW)).final(), 'X-Brusio-Decision')).toContain('dialer-calls');
    await first.bye(answer);
    await bed.webhooks.outcome(first.callId);
    const next = await call(NARROW);
    await next.bye(await next.final());
    await bed.webhooks.outcome(next.callId);
    expect(carrier.requests('INVITE')).toHaveLength(2);
  });

  describe('says whom it calls', () => {
    it('in a tel: URI with separators', async () => {
      const number = bed.newNumber();
      const { invite, outcome } = await asked(DIALER_ADDRESS, {
        number,
        requestUri: `tel:${number.slice(0, 3)}-${number.slice(3, 6)}.${number.slice(6)}`,
      });
      expect(invite.startLine).toContain(`INVITE sip:${number}@${CARRIER.address}`);
      expect(outcome.number.slice(-4)).toBe(number.slice(-4));
    });

    it('by a local number with phone-context', async () => {
      const number = bed.newNumber();
      const local = number.slice(3);
      const { invite } = await asked(DIALER_ADDRESS, {
        number,
        headers: ['X-Brusio-Campaign: formats'],
        requestUri: `sip:${local};phone-context=+39@${TARGET.address}:${TARGET.port};user=phone`,
      });
      expect(invite.startLine).toContain(`INVITE sip:77%230039${local}@`);
    });

    it('in To, with a prefix of its own', async () => {
      const number = bed.newNumber();
      const { invite } = await asked(PARTICULAR, {
        number,
        requestUri: `sip:trunk@${TARGET.address}:${TARGET.port}`,
        to: `<sip:9${number.slice(3)}@${BRUSIO_ADDRESS}>`,
      });
      expect(invite.startLine).toContain(`INVITE sip:${number.slice(3)}@`);
    });
  });

  describe('says who calls', () => {
    it('by P-Asserted-Identity before From, passed on unchanged', async () => {
      const { invite, outcome } = await asked(DIALER_ADDRESS, {
        from: '<sip:+390211111111@dialer.example>',
        headers: ['P-Asserted-Identity: "Shop" <sip:+390222222222@dialer.example>'],
      });
      expect(header(invite, 'From')).toContain('sip:+390222222222@');
      expect(header(invite, 'P-Asserted-Identity')).toBe('"Shop" <sip:+390222222222@dialer.example>');
      expect(outcome.callerId).toBe('+390222222222');
    });

    it('by Remote-Party-ID before From', async () => {
      const { outcome } = await asked(DIALER_ADDRESS, {
        headers: ['Remote-Party-ID: "Shop" <sip:+390233333333@h>;party=calling;privacy=off;screen=yes'],
      });
      expect(outcome.callerId).toBe('+390233333333');
    });

    it('by From alone, where its settings say so', async () => {
      const number = bed.newNumber();
      const { outcome } = await asked(PARTICULAR, {
        number,
        headers: ['P-Asserted-Identity: <sip:+390222222222@h>'],
      });
      expect(outcome.callerId).toBe('+390212345678');
    });

    it('in the carrier’s format, in From and P-Asserted-Identity', async () => {
      const { invite, outcome } = await asked(DIALER_ADDRESS, {
        headers: ['X-Brusio-Campaign: formats', 'P-Asserted-Identity: <sip:+390222222222@h>'],
      });
      expect(header(invite, 'From')).toContain('sip:390222222222@');
      expect(header(invite, 'P-Asserted-Identity')).toBe('<sip:390222222222@h>');
      expect(outcome.callerId).toBe('+390222222222');
    });

    for (const { what, invite } of [
      { what: 'with Privacy: id', invite: { headers: ['Privacy: id', 'P-Asserted-Identity: <sip:+390222222222@h>'] } },
      { what: 'with an anonymous From', invite: { from: '"Anonymous" <sip:anonymous@anonymous.invalid>' } },
    ]) {
      it(`and hides it ${what}: 433, since the law wants it shown, recorded as blocked`, async () => {
        const carrier = await busyCarrier();
        const placed = await call(DIALER_ADDRESS, invite);
        const final = await placed.final();
        expect(final.startLine).toBe('SIP/2.0 433 Anonymity Disallowed');
        expect(header(final, 'X-Brusio-Decision')).toContain('L. 5/2018');
        expect(await bed.webhooks.outcome(placed.callId)).toMatchObject({ network: 'blocked', class: null });
        expect(carrier.messages).toEqual([]);
      });
    }
  });
});
