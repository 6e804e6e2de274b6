import { beforeAll, describe, expect, it } from 'vitest';
import { sdpDirection } from './conversation.ts';
import { DIALER_ADDRESS } from './engine-under-test.ts';
import { cseqNumber } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

/** A dialer that holds with `a=sendonly` and resumes. */
const HOLDS = {
  dialer: 'dialer-holds-and-resumes',
  inviteHeaders: ['X-Brusio-Agent: 1001;state=connected'],
  dialerKeys: ({ port }: { readonly port: number }) => ({
    hold_address: DIALER_ADDRESS,
    hold_port: String(port),
    hold_session: '',
    hold_media: '\r\na=sendonly',
  }),
};

describe('a glare (RFC 3261 §14)', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('that the carrier sees is tried again after 2.1 to 4 s, and the dialer waits for its answer', async () => {
    const call = await bed.call({ ...HOLDS, carrier: 'carrier-glares' });
    const { dialer, carrier, outcome } = await call.ended();
    const [, first, again, resumed] = carrier.received('INVITE');
    if (first === undefined || again === undefined || resumed === undefined) throw new Error('a re-INVITE is missing');
    expect(again.atMs - first.atMs).toBeGreaterThan(2_000);
    expect(again.atMs - first.atMs).toBeLessThan(4_200);
    expect(cseqNumber(again)).toBe(cseqNumber(first) + 1);
    expect([first, again, resumed].map(sdpDirection)).toEqual(['sendonly', 'sendonly', 'sendrecv']);
    expect(dialer.received(491)).toEqual([]);
    expect(sdpDirection(dialer.received(200, 'INVITE')[1])).toBe('recvonly');
    expect(outcome).toMatchObject({ class: 'B', endedBy: 'dialer' });
  });

  it('that Brusio sees gets 491, and the re-INVITE under way goes its way', async () => {
    const call = await bed.call({ ...HOLDS, carrier: 'carrier-meets-a-re-invite' });
    const { dialer, carrier, outcome } = await call.ended();
    expect(carrier.received(491, 'INVITE').length).toBeGreaterThan(0);
    expect(dialer.received('INVITE'), 'the callee’s own hold reached nobody').toEqual([]);
    expect(dialer.received(200, 'INVITE').map(sdpDirection).slice(1)).toEqual(['recvonly', 'sendrecv']);
    expect(outcome).toMatchObject({ class: 'B', endedBy: 'dialer' });
  });
});
