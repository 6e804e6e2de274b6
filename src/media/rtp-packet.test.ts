import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rtpFields, rtpOctets } from './rtp-fixture.ts';
import {
  packetTemplate,
  patchHeader,
  patchMarker,
  patchPayloadType,
  payloadTypeOf,
  rtpPayloadOctets,
  sequenceOf,
  ssrcOf,
  timestampOf,
} from './rtp-packet.ts';

/** Version 2, PCMA, then what the case adds. */
function packet(first: number, ...rest: number[]): Buffer {
  return Buffer.from([first, 0x08, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7, ...rest]);
}

describe('RFC 3550 §A.1 header validity checks', () => {
  it.each([
    ['no payload', packet(0x80), 0],
    ['two octets', packet(0x80, 1, 2), 2],
    ['one contributing source', packet(0x81, 0, 0, 0, 9, 1, 2, 3), 3],
    ['an extension of one word', packet(0x90, 0xbe, 0xde, 0, 1, 1, 2, 3, 4, 5), 1],
    ['two octets of padding', packet(0xa0, 1, 2, 0, 2), 2],
    ['padding that fills the payload', packet(0xa0, 0, 2), 0],
  ])('counts the payload of a packet with %s', (_name, octets, expected) => {
    expect(rtpPayloadOctets(octets)).toBe(expected);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['11 octets of 12', packet(0x80).subarray(0, 11)],
    ['version 0, as STUN has', packet(0x00)],
    ['version 1', packet(0x40)],
    ['version 3', packet(0xc0)],
    ['15 contributing sources that are not there', packet(0x8f, 1, 2, 3, 4)],
    ['an extension whose header is cut', packet(0x90, 0xbe, 0xde)],
    ['an extension longer than the packet', packet(0x90, 0xbe, 0xde, 0xff, 0xff, 1)],
    ['padding of zero octets', packet(0xa0, 1, 0)],
    ['padding longer than the payload', packet(0xa0, 1, 200)],
    ['padding and no payload', packet(0xa0)],
    ['an RTCP sender report', Buffer.from([0x80, 200, 0, 6, ...new Array(24).fill(0)])],
  ])('refuses %s', (_name, octets) => {
    expect(rtpPayloadOctets(octets)).toBe(-1);
  });

  it('never throws and never promises more than there is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (octets) => {
        const payload = rtpPayloadOctets(Buffer.from(octets));
        return payload >= -1 && payload <= Math.max(-1, octets.length - 12);
      }),
    );
  });
});

describe('RFC 3550 §5.1 fixed header', () => {
  const word = fc.nat(2 ** 32 - 1);

  it('is read and written as rtp.js reads and writes it', () => {
    fc.assert(
      fc.property(
        fc.nat(127),
        fc.nat(65535),
        word,
        word,
        fc.boolean(),
        (payloadType, sequence, timestamp, ssrc, marker) => {
          const theirs = rtpOctets({ payloadType, sequence, timestamp, ssrc, marker });
          expect(sequenceOf(theirs)).toBe(sequence);
          expect(timestampOf(theirs)).toBe(timestamp);
          expect(ssrcOf(theirs)).toBe(ssrc);
          expect(payloadTypeOf(theirs)).toBe(payloadType);
          const ours = packetTemplate(0, 160);
          patchMarker(ours, marker);
          patchPayloadType(ours, payloadType);
          patchHeader(ours, sequence, timestamp, ssrc);
          expect(ours).toEqual(theirs);
        },
      ),
    );
  });

  it('keeps marker and payload type apart', () => {
    const octets = packetTemplate(8, 160);
    patchMarker(octets, true);
    patchPayloadType(octets, 101);
    expect(rtpFields(octets)).toMatchObject({ marker: true, payloadType: 101 });
    patchMarker(octets, false);
    expect(rtpFields(octets)).toMatchObject({ marker: false, payloadType: 101 });
  });
});
