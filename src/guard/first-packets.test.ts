import { describe, expect, it } from 'vitest';
import { createFirstPackets, FIRST_PACKET_BOUNDS_MS, FIRST_PACKETS_KEPT } from './first-packets.ts';

describe('the delays of first packets', () => {
  it('are unknown before the first', () => expect(createFirstPackets().recent()).toBeNull());

  it('are told as delays that occurred', () => {
    const packets = createFirstPackets();
    for (let ms = 200; ms > 0; ms--) packets.record(ms / 100);
    expect(packets.recent()).toEqual({ calls: 200, p50Ms: 1, p99Ms: 1.98, maxMs: 2 });
  });

  it('are those of the latest calls, and counted for good', () => {
    const packets = createFirstPackets();
    packets.record(900);
    for (let n = 0; n < FIRST_PACKETS_KEPT; n++) packets.record(0.8);
    expect(packets.recent()).toEqual({ calls: FIRST_PACKETS_KEPT, p50Ms: 0.8, p99Ms: 0.8, maxMs: 0.8 });
    const counts = packets.all.counts();
    expect(counts).toHaveLength(FIRST_PACKET_BOUNDS_MS.length + 1);
    expect(counts[1]).toBe(FIRST_PACKETS_KEPT);
    expect(counts.at(-1)).toBe(1);
  });
});
