import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { stubClip } from '../testing/stub-clip.ts';
import { ambienceLoop } from './ambience-player.ts';
import { nodeUdp } from './media-worker-dgram.ts';
import { nativeUdp } from './media-worker-native.ts';
import { openLeg } from './media-worker-sockets.ts';
import type { Udp } from './media-worker-udp.ts';
import { PortPool } from './port-pool.ts';
import { rehearsalOf } from './rehearsal.ts';

const native = nativeUdp();
const ways: readonly Udp[] = [nodeUdp(new Int32Array(new SharedArrayBuffer(4))), ...(native.ok ? [native.value] : [])];

describe.each(ways.map((udp) => [udp.name, udp] as const))('the call before the first, by %s sockets', (_, udp) => {
  afterAll(() => udp.stop());

  it.each(['127.0.0.1', '::1'])('sends its packets from %s to itself alone', async (address) => {
    const sentTo = new Set<string>();
    let rtp = 0;
    let rtcp = 0;
    const rehearsal = rehearsalOf(ambienceLoop(stubClip()), address, systemClock.monotonicMs);
    const pool = new PortPool(11_940, 11_941, 0);
    const leg = await openLeg(udp, address, pool, rehearsal.handlers);
    if (!leg.ok) throw new Error(leg.problem.problem);
    await rehearsal.play({
      ...leg.value,
      send(packet, port, to, done) {
        rtp++;
        sentTo.add(`${to} ${port}`);
        leg.value.send(packet, port, to, done);
      },
      sendRtcp(packet, port, to, done) {
        rtcp++;
        sentTo.add(`${to} ${port}`);
        leg.value.sendRtcp(packet, port, to, done);
      },
    });
    leg.value.close();
    expect([...sentTo].sort()).toEqual([`${address} 11940`, `${address} 11941`]);
    expect(rtp).toBeGreaterThan(1);
    expect(rtcp).toBeGreaterThan(0);
  });
});
