import { describe, expect, it } from 'vitest';
import { LAWS } from '../audio/codec.ts';
import type { MonotonicMs } from '../base/clock.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import { MediaLeg } from './media-leg.ts';
import { payloadRoutes, Relay } from './relay.ts';
import { type RtpFields, rtpFields, rtpOctets } from './rtp-fixture.ts';
import { RtpStream } from './rtp-stream.ts';

const both: RemoteMedia = {
  rtp: { address: '192.0.2.1', port: 4000 },
  codecs: [
    { name: 'PCMA', payloadType: 8 },
    { name: 'PCMU', payloadType: 0 },
  ],
  telephoneEventPayloadType: 101,
  direction: 'sendrecv',
};

describe('payload types between two legs', () => {
  it('are translated by codec name, telephone-event too', () => {
    const odd: RemoteMedia = { ...both, codecs: [{ name: 'PCMU', payloadType: 97 }], telephoneEventPayloadType: 96 };
    const routes = payloadRoutes(both, odd);
    expect(routes[0]).toMatchObject({ payloadType: 97, ticksPerOctet: 1, isEvent: false, table: null, law: LAWS.PCMU });
    expect(routes[101]).toMatchObject({ payloadType: 96, isEvent: true, law: null });
    expect(payloadRoutes(odd, both)[97]).toMatchObject({ payloadType: 0, ticksPerOctet: 1, law: LAWS.PCMU });
  });

  it('change the law, octet by octet, where the other leg has only the other one (G.711 §3)', () => {
    const alaw: RemoteMedia = { ...both, codecs: [{ name: 'PCMA', payloadType: 8 }] };
    const mulaw: RemoteMedia = { ...both, codecs: [{ name: 'PCMU', payloadType: 0 }] };
    const toMulaw = payloadRoutes(alaw, mulaw)[8];
    const toAlaw = payloadRoutes(mulaw, alaw)[0];
    expect(toMulaw).toMatchObject({ payloadType: 0, ticksPerOctet: 1 });
    // Positive full scale and the smallest positive value: 0xaa and 0xd5 in A-law, 0x80 and 0xff in µ-law.
    expect([toMulaw?.table?.[0xaa], toAlaw?.table?.[0x80]]).toEqual([0x80, 0xaa]);
    expect([toMulaw?.table?.[0xd5], toAlaw?.table?.[0xff]]).toEqual([0xfe, 0xd5]);
  });

  it('have no route for a codec that the other leg did not agree to and that no table makes another', () => {
    const wide: RemoteMedia = {
      ...both,
      codecs: [
        { name: 'G722', payloadType: 9 },
        { name: 'PCMU', payloadType: 0 },
        { name: 'opus', payloadType: 111 },
        { name: 'G729', payloadType: 18 },
      ],
    };
    const alaw: RemoteMedia = { ...both, codecs: [{ name: 'PCMA', payloadType: 8 }] };
    expect([9, 111, 18].map((payloadType) => payloadRoutes(wide, alaw)[payloadType])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    // Both laws: the one that the other leg has, though it is not what that leg prefers.
    expect(payloadRoutes(alaw, wide)[8]).toMatchObject({ payloadType: 0, ticksPerOctet: 1 });
    const opusOnly: RemoteMedia = { ...both, codecs: [{ name: 'opus', payloadType: 96 }] };
    expect(payloadRoutes(alaw, opusOnly)[8]).toBeUndefined();
    expect(payloadRoutes(wide, opusOnly)[111]).toMatchObject({
      payloadType: 96,
      clockRateHz: 48_000,
      table: null,
      law: null,
    });
  });

  it('are those of our own description, under which a peer sends, and its own where these are free (RFC 3264 §6.1)', () => {
    // We offered 101 and 96; the peer answered that it wants 97 and 100.
    const peer: RemoteMedia = {
      ...both,
      codecs: [{ name: 'opus', payloadType: 100 }],
      telephoneEventPayloadType: 97,
      sendsAs: { codecs: [{ name: 'opus', payloadType: 96 }], telephoneEventPayloadType: 101 },
    };
    const other: RemoteMedia = { ...both, codecs: [{ name: 'opus', payloadType: 97 }], telephoneEventPayloadType: 110 };
    const heard = payloadRoutes(peer, other);
    expect([96, 100, 101, 97].map((number) => heard[number]?.payloadType)).toEqual([97, 97, 110, 110]);
    const told = payloadRoutes(other, peer);
    expect([97, 110].map((number) => told[number]?.payloadType)).toEqual([100, 97]);
    // A number that means one thing in ours and another in the peer's is what ours says.
    const clash: RemoteMedia = { ...peer, telephoneEventPayloadType: 96 };
    expect(payloadRoutes(clash, other)[96]).toMatchObject({ payloadType: 97, isEvent: false });
  });

  it('of events stay with their clock (RFC 4733 §2.1)', () => {
    const opus: RemoteMedia = { ...both, telephoneEvent48kPayloadType: 110 };
    const other: RemoteMedia = { ...both, telephoneEventPayloadType: null, telephoneEvent48kPayloadType: 99 };
    expect([101, 110].map((number) => payloadRoutes(opus, other)[number]?.payloadType)).toEqual([undefined, 99]);
  });

  it('have no route for telephone-event when one leg did not agree to it', () => {
    expect(payloadRoutes(both, { ...both, telephoneEventPayloadType: null })[101]).toBeUndefined();
  });
});

describe('a relay', () => {
  function relayTo(to: RemoteMedia) {
    const sent: RtpFields[] = [];
    const start = { ssrc: 1, sequence: 0, timestamp: 0 };
    const from = new MediaLeg(new RtpStream(start, 8000), () => {});
    const target = new MediaLeg(new RtpStream(start, 8000), (packet) => sent.push(rtpFields(packet)));
    const relay = new Relay(from, target);
    from.describe(both);
    target.describe(to);
    relay.reroute();
    return { relay, sent };
  }
  const at = 0 as MonotonicMs;

  it('drops and counts what was never agreed to, comfort noise included', () => {
    const { relay, sent } = relayTo({ ...both, codecs: [{ name: 'PCMA', payloadType: 8 }] });
    for (const payloadType of [13, 99, 127]) {
      expect(relay.forward(rtpOctets({ payloadType }), 160, at)).toBe(false);
    }
    expect(relay.forward(rtpOctets({ payloadType: 8 }), 160, at)).toBe(true);
    expect([sent.length, relay.packetsUnroutable]).toEqual([1, 3]);
  });

  it('gives the other leg its own law, and the header as it should be', () => {
    const { relay, sent } = relayTo({ ...both, codecs: [{ name: 'PCMA', payloadType: 8 }] });
    relay.forward(rtpOctets({ payloadType: 0, fill: 0x80 }), 160, at);
    expect(sent).toMatchObject([{ payloadType: 8, fill: 0xaa, sequence: 0, ssrc: 1 }]);
  });

  it.each([
    ['only sends', { direction: 'sendonly' }],
    ['is inactive', { direction: 'inactive' }],
    ['refused the stream with port 0', { rtp: { address: '192.0.2.1', port: 0 } }],
    ['holds with address 0.0.0.0', { rtp: { address: '0.0.0.0', port: 4000 } }],
  ] as const)('sends nothing to a peer that %s', (_name, change) => {
    const { relay, sent } = relayTo({ ...both, ...change });
    expect(relay.forward(rtpOctets(), 160, at)).toBe(false);
    expect(sent).toEqual([]);
  });

  it('sends to a peer that only receives', () => {
    const { relay, sent } = relayTo({ ...both, direction: 'recvonly' });
    relay.forward(rtpOctets({ sequence: 5, marker: true }), 160, at);
    expect(sent).toMatchObject([{ sequence: 0, ssrc: 1, payloadType: 8 }]);
  });
});
