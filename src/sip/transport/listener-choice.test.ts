import { describe, expect, it } from 'vitest';
import type { Hop, Listener, TransportProtocol } from '../transaction/hop.ts';
import { createFaces } from './listener-choice.ts';

const listener = (protocol: TransportProtocol, address: string, host = address): Listener => ({
  protocol,
  address,
  port: 5060,
  host,
});
const hop = (address: string, protocol: TransportProtocol = 'udp'): Hop => ({ protocol, address, port: 5060 });

describe('RFC 3261 §18.1.1: the listener that faces a peer', () => {
  const private10 = listener('udp', '10.0.0.5');
  const public203 = listener('udp', '203.0.113.5');
  const loopback = listener('udp', '127.0.0.1');
  const v6 = listener('udp', '2001:db8::5');
  const tcp = listener('tcp', '203.0.113.5');
  const faces = createFaces([private10, public203, loopback, v6, tcp]);

  it.each([
    ['a public peer', '52.1.2.3', public203],
    ['a peer in the private network', '10.9.9.9', private10],
    ['a private peer of another network', '192.168.1.1', private10],
    ['a peer on this machine', '127.0.0.9', loopback],
    ['an IPv6 peer', '2001:db8:ffff::1', v6],
  ])('%s', (_name, address, expected) => {
    expect(faces.facing(hop(address))).toBe(expected);
  });

  it('is of the protocol asked for, and the first one when none is', () => {
    expect(faces.facing(hop('10.9.9.9', 'tcp'))).toBe(tcp);
    expect(faces.facing(hop('10.9.9.9', 'tls'))).toBe(private10);
  });

  it('is the one the peer came to', () => {
    expect(faces.facing({ ...hop('52.1.2.3'), listener: private10 })).toBe(private10);
  });

  it('is the one with an external address for public peers, the one without for private ones', () => {
    const outside = listener('udp', '10.0.0.5', '203.0.113.9');
    const inside = listener('udp', '10.0.0.6');
    const both = createFaces([outside, inside]);
    expect(both.facing(hop('52.1.2.3'))).toBe(outside);
    expect(both.facing(hop('10.3.3.3'))).toBe(inside);
  });

  it('is in the nearest of several private networks', () => {
    const a = listener('udp', '10.1.0.5');
    const b = listener('udp', '10.2.0.5');
    expect(createFaces([a, b]).facing(hop('10.2.200.1'))).toBe(b);
  });
});
