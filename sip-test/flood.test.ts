import { beforeAll, describe, expect, it } from 'vitest';
import { metricSum } from './brusio-api.ts';
import { DIALER_ADDRESS, STRANGER_ADDRESS, TARGET } from './engine-under-test.ts';
import { rawInvite } from './raw-invite.ts';
import { SipSocket } from './sip-socket.ts';
import { TestBed } from './test-bed.ts';

/** Some thousands a second, which a loaded machine can send beside SIPp; `npm run bench -- --only flood` sends more. */
const BURST = 25;
const BURST_EVERY_MS = 5;

describe('a flood from an unlisted address', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open({ BRUSIO_DIALERS: `${DIALER_ADDRESS}/32` });
    return () => bed.close();
  });

  it('has no answer, and no listed call fails or waits for it', async () => {
    const stranger = await SipSocket.open(STRANGER_ADDRESS, 0);
    const before = metricSum(await bed.brusio.api.metrics(), /brusio_sip_unlisted/);
    const invite = rawInvite({ from: stranger.local, number: '+393335550000' });
    const junk = [
      invite,
      invite.replaceAll('INVITE', 'REGISTER'),
      invite.replaceAll('INVITE', 'OPTIONS'),
      invite.replace(/^INVITE \S+ SIP\/2\.0/, 'SIP/2.0 200 OK'),
      invite.replace(/^INVITE \S+ SIP\/2\.0/, 'SIP/2.0 200 OK').replace(STRANGER_ADDRESS, TARGET.address),
      'x'.repeat(1_200),
    ].map((text) => Buffer.from(text, 'latin1'));
    let sent = 0;
    const timer = setInterval(() => {
      for (let left = BURST; left > 0; left--) void stranger.send(TARGET, junk[sent++ % junk.length] as Buffer);
    }, BURST_EVERY_MS);
    try {
      for (let round = 0; round < 3; round++) {
        const call = await bed.call({ dialer: 'dialer-hangs-up', carrier: 'carrier-answers' });
        const { outcome } = await call.ended();
        expect(outcome).toMatchObject({ class: 'A', endedBy: 'dialer' });
      }
    } finally {
      clearInterval(timer);
    }
    expect(stranger.received, 'answers to the stranger').toEqual([]);
    const counted = metricSum(await bed.brusio.api.metrics(), /brusio_sip_unlisted/) - before;
    // What a machine out of breath did not read in time the kernel dropped.
    expect(counted).toBeGreaterThan(sent / 10);
    expect(sent).toBeGreaterThan(1_000);
    await stranger.close();
  });
});
