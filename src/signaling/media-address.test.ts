import { describe, expect, it } from 'vitest';
import { readMediaAddress } from './media-address.ts';

describe('an address in SDP', () => {
  it.each([
    ['IPv6 in its shortest spelling', '2001:DB8:0:0::0:1', 6, '2001:db8::1'],
    ['one group of zeros as it is (RFC 5952 §4.2.2)', '2001:0db8:0:1:2:3:4:5', 6, '2001:db8:0:1:2:3:4:5'],
    ['a link-local one without the zone of its writer (RFC 4007 §11.2)', 'FE80::1%eth1', 6, 'fe80::1'],
    ['IPv4 within IPv6 as IPv4', '::ffff:127.0.0.11', 4, '127.0.0.11'],
    ['a hold written in IPv4 on an IPv6 leg (RFC 3264 §8.4)', '0.0.0.0', 6, '::'],
    ['a hold written in IPv6 on an IPv4 leg', '0:0:0:0:0:0:0:0', 4, '0.0.0.0'],
  ] as const)('is read as sockets name it: %s', (_what, text, family, address) => {
    expect(readMediaAddress(text, family)).toEqual({ ok: true, value: address });
  });

  it.each([
    ['192.0.2.1', 6],
    ['::ffff:192.0.2.1', 6],
    ['2001:db8::1', 4],
  ] as const)('%s is told apart from an address of IPv%i', (text, family) => {
    expect(readMediaAddress(text, family)).toMatchObject({ ok: false, problem: { kind: 'unsupported', warning: 301 } });
  });

  it.each([undefined, 'dialer.example', ''])('%s is none', (text) => {
    expect(readMediaAddress(text, 4)).toMatchObject({ ok: false, problem: { kind: 'malformed' } });
  });
});
