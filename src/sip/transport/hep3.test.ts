import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { type Capture, encodeHep3, HEP_OCTETS_MAX } from './hep3.ts';

const AT = (Date.UTC(2026, 10, 22, 6, 30) + 1.25) as WallMs;
const MESSAGE = 'OPTIONS sip:x SIP/2.0\r\nCall-ID: a1@h\r\n\r\n';
const capture: Capture = {
  protocol: 'udp',
  source: { address: '192.0.2.1', port: 5060 },
  destination: { address: '198.51.100.2', port: 5070 },
  atMs: AT,
  payload: Buffer.from(MESSAGE),
};

/** Every chunk of a datagram by its type. */
function chunksOf(datagram: Buffer | null): Map<number, Buffer> {
  const chunks = new Map<number, Buffer>();
  if (datagram === null) return chunks;
  for (let at = 6; at < datagram.length; at += datagram.readUInt16BE(at + 4))
    chunks.set(datagram.readUInt16BE(at + 2), datagram.subarray(at + 6, at + datagram.readUInt16BE(at + 4)));
  return chunks;
}

describe('HEP3', () => {
  it('is these octets', () => {
    const octets = [
      ...[0x48, 0x45, 0x50, 0x33, 0x00, 0x9e], // "HEP3", 158 octets in all
      ...[0, 0, 0, 1, 0, 7, 2], // family: IPv4
      ...[0, 0, 0, 2, 0, 7, 17], // protocol: UDP
      ...[0, 0, 0, 3, 0, 10, 192, 0, 2, 1], // source address
      ...[0, 0, 0, 4, 0, 10, 198, 51, 100, 2], // destination address
      ...[0, 0, 0, 7, 0, 8, 0x13, 0xc4], // source port 5060
      ...[0, 0, 0, 8, 0, 8, 0x13, 0xce], // destination port 5070
      ...[0, 0, 0, 9, 0, 10, 0x6b, 0x02, 0x8b, 0xe8], // 2026-11-22T06:30:00Z
      ...[0, 0, 0, 10, 0, 10, 0, 0, 0x04, 0xe2], // 1,250 µs
      ...[0, 0, 0, 11, 0, 7, 1], // SIP
      ...[0, 0, 0, 12, 0, 10, 0, 0, 0x07, 0xd1], // capture agent 2001
      ...[0, 0, 0, 14, 0, 9, ...Buffer.from('key')], // password
      ...[0, 0, 0, 17, 0, 10, ...Buffer.from('a1@h')], // correlation: the Call-ID
      ...[0, 0, 0, 15, 0, 6 + MESSAGE.length, ...Buffer.from(MESSAGE)],
    ];
    expect([...(encodeHep3(capture, { id: 2001, password: 'key' }) ?? [])]).toEqual(octets);
  });

  it.each([
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['::1', '00000000000000000000000000000001'],
    ['fe80::2%eth0', 'fe800000000000000000000000000002'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ])('writes the IPv6 address %s in sixteen octets', (address, hex) => {
    const place = { address, port: 5060 };
    const chunks = chunksOf(encodeHep3({ ...capture, source: place, destination: place }, { id: 1, password: null }));
    expect(chunks.get(1)).toEqual(Buffer.from([10]));
    expect(chunks.get(5)?.toString('hex')).toBe(hex);
    expect(chunks.get(6)?.toString('hex')).toBe(hex);
    expect(chunks.has(3)).toBe(false);
  });

  it('tells TCP and TLS as TCP', () => {
    for (const protocol of ['tcp', 'tls'] as const)
      expect(chunksOf(encodeHep3({ ...capture, protocol }, { id: 1, password: null })).get(2)).toEqual(
        Buffer.from([6]),
      );
  });

  it('finds the Call-ID in its short form, and does without one', () => {
    const correlation = (text: string) =>
      chunksOf(encodeHep3({ ...capture, payload: Buffer.from(text) }, { id: 1, password: null }))
        .get(17)
        ?.toString();
    expect(correlation('BYE sip:x SIP/2.0\r\ni:b2\r\n\r\n')).toBe('b2');
    expect(correlation('BYE sip:x SIP/2.0\r\n\r\n')).toBeUndefined();
  });

  it('is not made of more than a datagram holds', () => {
    const payload = (octets: number) => ({ ...capture, payload: Buffer.alloc(octets, 'x') });
    const overhead = (encodeHep3(payload(0), { id: 1, password: null }) ?? Buffer.alloc(0)).length;
    const most = HEP_OCTETS_MAX - overhead;
    expect(encodeHep3(payload(most), { id: 1, password: null })).toHaveLength(HEP_OCTETS_MAX);
    expect(encodeHep3(payload(most + 1), { id: 1, password: null })).toBeNull();
  });
});
