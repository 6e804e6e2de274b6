/**
 * Datagrams that come to media ports and are no media: RTP and RTCP whose lengths lie, versions that do not exist, STUN, DTLS,
 * and noise. None is a valid packet of a payload type that any test agrees to.
 */

import { seededRandom } from '../src/base/random.ts';
import { rtcpOctets } from '../src/media/rtcp/rtcp-fixture.ts';

const NOISE = 40;
const CUTS = 12;

/** All of them, the same for the same seed. */
export function malformedMedia(seed: number): readonly Buffer[] {
  const random = seededRandom(seed);
  const octets = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
  const report = rtcpOctets({ ssrc: 1, about: 2, lost: 0, jitter: 0, lastSr: 0, delay: 0 });
  return [
    Buffer.alloc(0),
    ...Array.from({ length: 11 }, (_, n) => Buffer.alloc(n + 1, 0x80)),
    // Version 0, 1 and 3.
    ...[0x00, 0x40, 0xc0].map((first) => Buffer.concat([Buffer.of(first, 8), octets(170)])),
    // Fifteen contributing sources, an extension, padding: none of them there.
    Buffer.concat([Buffer.of(0x8f, 8), octets(10)]),
    Buffer.concat([Buffer.of(0x90, 8), octets(10)]),
    Buffer.concat([Buffer.of(0x90, 8), octets(12), Buffer.of(0xff, 0xff)]),
    Buffer.concat([Buffer.of(0xa0, 8), octets(20), Buffer.of(0)]),
    Buffer.concat([Buffer.of(0xa0, 8), octets(20), Buffer.of(255)]),
    // RTCP cut short, with a length too long, of another version, padded inside.
    ...Array.from({ length: CUTS }, (_, n) => report.subarray(0, 2 * n + 1)),
    ...[0x41, 0xa1, 0xc1].map((first) => Buffer.concat([Buffer.of(first), report.subarray(1)])),
    Buffer.concat([Buffer.of(0x81, 200, 0xff, 0xff), octets(40)]),
    Buffer.concat([Buffer.of(0x80, 203, 0, 1), octets(4)]),
    Buffer.concat([report, Buffer.of(0x81, 202, 0, 99)]),
    // STUN binding request and response (RFC 8489 §5), and the start of a DTLS handshake.
    ...[0x0001, 0x0101].map((type) =>
      Buffer.concat([Buffer.of(type >> 8, type & 0xff, 0, 0, 0x21, 0x12, 0xa4, 0x42), octets(12)]),
    ),
    Buffer.concat([Buffer.of(22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40), octets(40)]),
    // Noise in which nobody would find version 2.
    ...Array.from({ length: NOISE }, (_, n) => {
      const noise = octets(1 + ((n * 37) % 1_400));
      noise[0] = (noise[0] as number) & 0x3f;
      return noise;
    }),
  ];
}
