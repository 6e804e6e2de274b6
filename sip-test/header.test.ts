import { beforeAll, describe, expect, it } from 'vitest';
import { CARRIER, DIALER_ADDRESS, TARGET } from './engine-under-test.ts';
import { rawAck, rawInvite } from './raw-invite.ts';
import { SipSocket } from './sip-socket.ts';
import { firstOf, header, headers } from './sip-trace.ts';
import { CALLER_ID, TestBed } from './test-bed.ts';

describe('the headers of an INVITE', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('reach the carrier without what is Brusio’s or the dialer’s own, the caller id unchanged', async () => {
    const call = await bed.call({
      dialer: 'dialer-is-refused',
      carrier: 'carrier-is-busy',
      inviteHeaders: [
        'X-Brusio-Campaign: luce-autunno',
        'X-Brusio-Reference: V1120101507000123456',
        'X-Brusio-Disposition: human',
        'x-leadid: 4711',
        `P-Asserted-Identity: <sip:${CALLER_ID}@dialer.example>`,
        'Subject: passes',
      ],
    });
    const { dialer, carrier, outcome } = await call.ended();

    const sent = firstOf(dialer.sent('INVITE'), 'INVITE sent');
    const invite = firstOf(carrier.received('INVITE'), 'INVITE received');
    expect(invite.headers.map(([name]) => name).filter((name) => /^x-/i.test(name))).toEqual([]);
    expect(header(invite, 'From')).toContain(`sip:${CALLER_ID}@`);
    expect(header(invite, 'P-Asserted-Identity')).toContain(`sip:${CALLER_ID}@`);
    expect(header(invite, 'Subject')).toBe('passes');
    expect(invite.startLine).toMatch(new RegExp(`^INVITE sip:\\${call.number}@`));
    expect(header(invite, 'Call-ID'), 'another dialog').not.toBe(call.dialerCallId);
    expect(headers(invite, 'Via'), 'the dialer’s Via stays hidden').toHaveLength(1);
    expect(Number(header(invite, 'Max-Forwards')), 'one hop less').toBe(Number(header(sent, 'Max-Forwards')) - 1);
    expect(outcome).toMatchObject({ campaign: 'luce-autunno', dialerReference: 'V1120101507000123456' });
  });

  it('with a VICIdial call code as display name keep it from the carrier, as the dialer’s reference', async () => {
    const code = 'V1120101507000123456';
    const call = await bed.call({
      dialer: 'dialer-is-refused',
      carrier: 'carrier-is-busy',
      dialerKeys: { display_name: code },
    });
    const { dialer, carrier, outcome } = await call.ended();

    expect(header(firstOf(dialer.sent('INVITE'), 'INVITE sent'), 'From')).toContain(code);
    const invite = firstOf(carrier.received('INVITE'), 'INVITE received');
    expect(JSON.stringify(invite)).not.toContain(code);
    expect(header(invite, 'From')).toContain(`sip:${CALLER_ID}@`);
    expect(outcome.dialerReference).toBe(code);
  });

  for (const { what, status, change } of REFUSED) {
    it(`${what} have ${status}, and nothing is sent to the carrier`, async () => {
      const carrier = await SipSocket.open(CARRIER.address, CARRIER.port);
      const dialer = await SipSocket.open(DIALER_ADDRESS, 0);
      const invite = change(rawInvite({ from: dialer.local, number: bed.newNumber() }));
      await dialer.send(TARGET, Buffer.from(invite));
      const final = await dialer.reply((text) => /^SIP\/2\.0 [2-6]/.test(text), 10_000);
      expect(final?.split(' ')[1]).toBe(String(status));
      await dialer.send(TARGET, Buffer.from(rawAck(invite, final ?? '')));
      expect(carrier.received).toEqual([]);
      await carrier.close();
      await dialer.close();
    });
  }
});

/** What makes an INVITE unfit before its callee is asked (RFC 3261 §8.2.2, §16.3), and how it is told. */
const REFUSED: readonly { what: string; status: number; change: (invite: string) => string }[] = [
  { what: 'with no hop left', status: 483, change: (invite) => invite.replace('Max-Forwards: 70', 'Max-Forwards: 0') },
  {
    what: 'that require an extension nobody knows',
    status: 420,
    change: (invite) => invite.replace('Max-Forwards: 70', 'Max-Forwards: 70\r\nRequire: foo'),
  },
  {
    what: 'under a request-URI of another scheme',
    status: 416,
    change: (invite) => invite.replace('INVITE sip:', 'INVITE http:'),
  },
  {
    what: 'under a request-URI without a number',
    status: 484,
    change: (invite) => invite.replace(/^INVITE sip:[^@]*@/, 'INVITE sip:'),
  },
];
