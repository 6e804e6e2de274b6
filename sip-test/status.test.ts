import { beforeAll, describe, expect, it } from 'vitest';
import { CARRIER, DIALER_ADDRESS } from './engine-under-test.ts';
import { peersPerTest } from './peers-per-test.ts';
import type { PeerBehaviour } from './sip-peer.ts';
import { firstOf, header, headers } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

/** What a carrier says, what the dialer is told, and the network axis. */
const FINALS = [
  {
    status: 607,
    phrase: 'Unwanted',
    reasons: [],
    told: '603 Decline',
    reason: 'SIP;cause=607;text="Unwanted"',
    network: 'rejected',
  },
  {
    status: 608,
    phrase: 'Rejected',
    reasons: ['Q.850;cause=21'],
    told: '603 Decline',
    reason: 'Q.850;cause=21, SIP;cause=608;text="Rejected"',
    network: 'rejected',
  },
  {
    status: 480,
    phrase: 'Away',
    reasons: ['Q.850;cause=19'],
    told: '480 Away',
    reason: 'Q.850;cause=19',
    network: 'no-answer',
  },
  {
    status: 480,
    phrase: 'Away',
    reasons: ['Q.850;cause=20'],
    told: '480 Away',
    reason: 'Q.850;cause=20',
    network: 'unreachable',
  },
  {
    status: 480,
    phrase: 'Temporarily Unavailable',
    reasons: ['SIP;cause=480;text="x"', 'Q.850;cause=18'],
    told: '480 Temporarily Unavailable',
    reason: 'SIP;cause=480;text="x",Q.850;cause=18',
    network: 'no-answer',
  },
  {
    status: 433,
    phrase: 'Anonymity Disallowed',
    reasons: [],
    told: '433 Anonymity Disallowed',
    reason: null,
    network: 'rejected',
  },
] as const;

describe('a carrier’s final response', () => {
  let bed: TestBed;
  const { open } = peersPerTest();
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  const call = async (behaviour: PeerBehaviour) => {
    const carrier = await open(CARRIER, behaviour);
    const dialer = await open({ address: DIALER_ADDRESS, port: 0 });
    return { carrier, dialer, placed: dialer.invite({ number: bed.newNumber() }) };
  };
  const withoutSpace = (text: string | null) => text?.replace(/,\s+/g, ',') ?? null;

  for (const { status, phrase, reasons, told, reason, network } of FINALS) {
    it(`${status} ${phrase} with Reason ${reasons.join(' and ') || 'none'} is ${told}, and ${network}`, async () => {
      const { placed } = await call((request, peer) => {
        if (request.method === 'INVITE')
          peer.reply(request, status, phrase, { headers: reasons.map((one) => `Reason: ${one}`) });
      });
      const final = await placed.final();
      expect(final.startLine).toBe(`SIP/2.0 ${told}`);
      expect(withoutSpace(headers(final, 'Reason').join(',') || null)).toBe(withoutSpace(reason));
      const outcome = await bed.webhooks.outcome(placed.callId);
      expect(outcome).toMatchObject({ network, class: null, sip: { status } });
    });
  }

  it('RFC 3326: the Reason of a BYE is told to the other side, from either', async () => {
    const { carrier, dialer, placed } = await call((request, peer) => {
      if (request.method === 'INVITE') peer.answer(request);
    });
    await placed.bye(await placed.final(), ['Reason: Q.850;cause=31;text="supervisor"']);
    const bye = await carrier.message('BYE', ({ method }) => method === 'BYE');
    expect(header(bye, 'Reason')).toBe('Q.850;cause=31;text="supervisor"');
    await bed.webhooks.outcome(placed.callId);

    const second = dialer.invite({ number: bed.newNumber() });
    await second.final();
    const invite = carrier.requests('INVITE')[1] ?? expect.fail('no second INVITE');
    carrier.bye(invite, ['Reason: Q.850;cause=102;text="timer"', 'Reason: SIP;cause=200']);
    const told = await dialer.message('BYE', ({ method }) => method === 'BYE');
    expect(withoutSpace(headers(told, 'Reason').join(','))).toBe('Q.850;cause=102;text="timer",SIP;cause=200');
    expect((await bed.webhooks.outcome(second.callId)).sip.q850).toBe(102);
  });

  it('RFC 3326: the Reason of a CANCEL is told to the carrier', async () => {
    const { carrier, placed } = await call((request, peer) => {
      if (request.method === 'INVITE') peer.reply(request, 180, 'Ringing');
      if (request.method === 'CANCEL')
        peer.reply(firstOf(carrier.requests('INVITE'), 'INVITE'), 487, 'Request Terminated');
    });
    await placed.provisional(180);
    placed.cancel(['Reason: SIP;cause=200;text="Call completed elsewhere"']);
    const cancel = await carrier.message('CANCEL', ({ method }) => method === 'CANCEL');
    expect(header(cancel, 'Reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
    expect(await bed.webhooks.outcome(placed.callId)).toMatchObject({ network: 'no-answer' });
  });
});
