import { describe, expect, it } from 'vitest';
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
    expect(routes[0]).toEqual({ payloadType: 97, ticksPerOctet: 1 });
    expect(routes[101]).toEqual({ payloadType: 96, ticksPerOctet: 0 });
    expect(routes[8]).toBeUndefined();
    expect(payloadRoutes(odd, both)[97]).toEqual({ payloadType: 0, ticksPerOctet: 1 });
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

  it('drops and counts what the other leg did not agree to, comfort noise included', () => {
    const { relay, sent } = relayTo({ ...both, codecs: [{ name: 'PCMA', payloadType: 8 }] });
    for (const payloadType of [0, 13, 99, 127]) {
      expect(relay.forward(rtpOctets({ payloadType }), 160, at)).toBe(false);
    }
    expect(relay.forward(rtpOctets({ payloadType: 8 }), 160, at)).toBe(true);
    expect([sent.length, relay.packetsUnroutable]).toEqual([1, 4]);
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
