import { beforeAll, describe, expect, it } from 'vitest';
import { metricSum } from './brusio-api.ts';
import { calleeTalks } from './conversation.ts';
import { DIALER_ADDRESS, loopback } from './engine-under-test.ts';
import { soundsOf } from './rtp-stream.ts';
import { audioAddress } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';
import { AGENT_FRAME } from './tone.ts';

const PCMA = 8;
const AGENT_FIRST = ['X-Brusio-Agent: 1001;state=connected'];
/** The dialer that the settings say is behind a NAT; it sends RTP from MAPPED. */
const INSIDE = loopback(34);
const MAPPED = loopback(35);

describe('RFC 4961 symmetric RTP', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open(
      {},
      { dialers: { sources: [DIALER_ADDRESS], named: [{ name: 'inside', sources: [INSIDE], nat: true }] } },
    );
    return () => bed.close();
  });

  it.each([
    ['is refused and counted', DIALER_ADDRESS, false],
    ['is heard when the dialer is said to be behind NAT, and gets what the dialer is to hear', INSIDE, true],
  ] as const)('from an address that the SDP does not name %s', async (_what, local, isHeard) => {
    const before = metricSum(await bed.brusio.api.metrics(), /^brusio_media_dropped_total\{reason="foreign"\}/);
    const mapped = await bed.rtpEnd(MAPPED);
    const call = await bed.call({
      dialer: 'dialer-talks-and-hangs-up',
      carrier: 'carrier-answers',
      inviteHeaders: AGENT_FIRST,
      dialerSide: { local: { address: local, port: 5070 } },
    });
    const answer = await call.dialer.message('200', (one) => one.status === 200 && one.direction === 'received');
    const to = audioAddress(answer);
    if (to === null) throw new Error('Brusio sent no SDP');
    mapped.talk(to, AGENT_FRAME, PCMA);
    await calleeTalks(call, call.calleeRtp);
    const { outcome } = await call.ended();
    mapped.hush();

    expect(soundsOf(call.calleeRtp.packets).includes('agent'), 'the callee hears it').toBe(isHeard);
    expect(soundsOf(mapped.packets), 'what is sent to it').toEqual(isHeard ? ['callee'] : []);
    const after = metricSum(await bed.brusio.api.metrics(), /^brusio_media_dropped_total\{reason="foreign"\}/);
    expect(after - before > 0, 'counted as foreign').toBe(!isHeard);
    expect(outcome).toMatchObject({ handling: 'agent', class: 'B' });
  });
});
