import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAW_NAMES, LAWS } from '../audio/codec.ts';
import { CROSS_FADE_MS, CrossFade, FADE_IN_MS, fadeIn } from './fade.ts';

const HEADER = 12;
const law = LAWS.PCMA;

function packetOf(samples: Int16Array): Buffer {
  return Buffer.concat([Buffer.alloc(HEADER, 0x55), law.encode(samples)]);
}

const soundOf = (packet: Uint8Array) => law.decode(packet.subarray(HEADER));
const flat = (value: number, length: number) => new Int16Array(length).fill(value);

describe('a fade-in of 5 ms', () => {
  it('lets the payload rise from nothing without a step, and leaves what follows', () => {
    const packet = packetOf(flat(8000, 160));
    const before = soundOf(packet);
    fadeIn(packet, HEADER, law);
    const after = soundOf(packet);
    const samples = FADE_IN_MS * 8;
    expect(Math.abs(after[0] ?? 0)).toBeLessThan(40);
    for (let i = 1; i < samples; i++) expect(after[i]).toBeGreaterThanOrEqual(after[i - 1] ?? 0);
    expect(after[samples / 2]).toBeGreaterThan(3500);
    expect(after[samples / 2]).toBeLessThan(4600);
    expect(after.subarray(samples)).toEqual(before.subarray(samples));
    expect(packet.subarray(0, HEADER)).toEqual(Buffer.alloc(HEADER, 0x55));
  });

  it('ends with a packet that is shorter', () => {
    const packet = packetOf(flat(8000, 10));
    fadeIn(packet, HEADER, law);
    expect(packet).toHaveLength(HEADER + 10);
  });
});

describe('a cross-fade of 60 ms', () => {
  const AMBIENCE = flat(1000, 800);
  const samples = CROSS_FADE_MS * 8;

  function armed(from = 0, loop = law.encode(AMBIENCE)): CrossFade {
    const fade = new CrossFade();
    fade.arm(law, loop, from);
    return fade;
  }

  function mixed(fade: CrossFade, timestamp: number, sound: Int16Array): Int16Array {
    const packet = packetOf(sound);
    fade.mix(packet, HEADER, sound.length, law, timestamp >>> 0);
    return soundOf(packet);
  }

  it('lets the ambience die away under the other audio, which keeps its own strength', () => {
    const fade = armed();
    const heard = [0, 1, 2, 3].flatMap((n) => [...mixed(fade, 5000 + 160 * n, flat(-4032, 160))]);
    expect(heard[0]).toBeGreaterThan(-3200);
    expect(heard[0]).toBeLessThan(-2900);
    for (let i = 1; i < samples; i++) expect(heard[i]).toBeLessThanOrEqual(heard[i - 1] ?? 0);
    expect(heard.slice(samples)).toEqual([...soundOf(packetOf(flat(-4032, 160)))]);
  });

  it.each([80, 160, 240, 480])('has the same length in packets of %i samples', (length) => {
    const fade = armed();
    const heard: number[] = [];
    for (let at = 0; at < 960; at += length) heard.push(...mixed(fade, at, flat(0, length)));
    const quiet = soundOf(packetOf(flat(0, 1)))[0] ?? 0;
    const last = heard.findLastIndex((sample) => sample !== quiet);
    expect(last).toBeGreaterThan(samples - 60);
    expect(last).toBeLessThan(samples);
  });

  it('goes on in the loop from where the ambience stood, over its end into its beginning', () => {
    const loop = law.encode(Int16Array.from({ length: 800 }, (_, i) => (i < 100 ? 4000 : 0)));
    const heard = mixed(armed(750, loop), 0, flat(0, 160));
    expect(Math.abs(heard[49] ?? 0)).toBeLessThan(10);
    expect(heard[50]).toBeGreaterThan(3500);
    expect(Math.abs(heard[150] ?? 0)).toBeLessThan(10);
  });

  it('takes its part along with a lost packet, and gives it to a late one', () => {
    const fade = armed();
    const first = mixed(fade, 0xffff_ffb0, flat(0, 160));
    const third = mixed(fade, 0xffff_ffb0 + 320, flat(0, 160));
    const second = mixed(fade, 0xffff_ffb0 + 160, flat(0, 160));
    expect(first[80]).toBeGreaterThan(second[0] ?? 0);
    expect(second[80]).toBeGreaterThan(third[0] ?? 0);
    expect(third[0]).toBeGreaterThan(third[100] ?? 0);
  });

  it('saturates where the two together are too loud', () => {
    const loud = armed(0, law.encode(flat(32000, 800)));
    const heard = mixed(loud, 0, flat(32000, 160));
    for (const sample of heard) expect(sample).toBeGreaterThan(31000);
  });

  it('is a cut where the packet is of another codec', () => {
    const fade = armed();
    const packet = packetOf(flat(0, 160));
    const before = Buffer.from(packet);
    fade.mix(packet, HEADER, 160, null, 0);
    fade.mix(packet, HEADER, 160, law, 160);
    expect(packet).toEqual(before);
  });

  it('never touches an octet outside the payload, whatever the timestamps and lengths', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LAW_NAMES),
        fc.array(fc.tuple(fc.nat(0xffff_ffff), fc.nat(600)), { minLength: 1, maxLength: 8 }),
        fc.nat(799),
        (name, packets, from) => {
          const fade = new CrossFade();
          fade.arm(LAWS[name], LAWS[name].encode(AMBIENCE), from);
          for (const [timestamp, octets] of packets) {
            const packet = Buffer.alloc(HEADER + octets + 4, 0x33);
            fade.mix(packet, HEADER, octets, LAWS[name], timestamp);
            expect(packet.subarray(0, HEADER)).toEqual(Buffer.alloc(HEADER, 0x33));
            expect(packet.subarray(HEADER + octets)).toEqual(Buffer.alloc(4, 0x33));
          }
        },
      ),
    );
  });
});
