import { beforeAll, describe, expect, it } from 'vitest';
import { metricSum } from './brusio-api.ts';
import { CARRIER, DIALER_ADDRESS, ENGINE, STRANGER_ADDRESS, TARGET } from './engine-under-test.ts';
import { rawInvite } from './raw-invite.ts';
import { SipSocket } from './sip-socket.ts';
import { TestBed } from './test-bed.ts';

/** Twice the first retransmission interval of a caller that hears nothing. */
const NO_ANSWER_WITHIN_MS = 1_000;

/** A source that `BRUSIO_DIALERS` does not list; the dialer of the other calls is listed. */
describe('an INVITE from a source that is not a listed dialer', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open({ BRUSIO_DIALERS: `${DIALER_ADDRESS}/32` });
    return () => bed.close();
  });

  // A drachtio-server hands the INVITE over only after its own 100, so silence is not possible there: 403.
  const answer = ENGINE === 'embedded' ? 'has no answer at all' : 'has 403';

  it(`${answer}, is counted, and nothing is sent to the carrier`, async () => {
    const before = metricSum(await bed.brusio.api.metrics(), UNLISTED);
    const carrier = await SipSocket.open(CARRIER.address, CARRIER.port);
    const stranger = await SipSocket.open(STRANGER_ADDRESS, 5060);
    const number = bed.newNumber();
    await stranger.send(TARGET, Buffer.from(rawInvite({ from: stranger.local, number })));
    if (ENGINE === 'embedded') {
      expect(await stranger.reply(() => true, NO_ANSWER_WITHIN_MS)).toBeNull();
    } else {
      const final = await stranger.reply((text) => /^SIP\/2\.0 [2-6]/.test(text), NO_ANSWER_WITHIN_MS);
      expect(final).toMatch(/^SIP\/2\.0 403 /);
    }
    expect(carrier.received).toEqual([]);
    await carrier.close();
    await stranger.close();
    expect(metricSum(await bed.brusio.api.metrics(), UNLISTED) - before).toBeGreaterThanOrEqual(1);
  });

  it('does not stand in the way of a listed one', async () => {
    const call = await bed.call({
      dialer: 'dialer-is-refused',
      carrier: 'carrier-is-busy',
    });
    expect((await call.ended()).outcome).toMatchObject({ network: 'busy' });
  });
});

/** The counter of datagrams or INVITEs from elsewhere. */
const UNLISTED = /unlisted/;
