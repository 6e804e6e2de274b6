import { describe, expect, it } from 'vitest';
import { checkSettings, loadSettings } from './load-settings.ts';
import { addressOfPlace, readListener, sipListeners } from './sip-listeners.ts';

const listenersOf = (sip: object) => {
  const checked = checkSettings({ sip });
  if (!checked.ok) return checked.problem.map(({ path, message }) => `${path}: ${message}`);
  return sipListeners(checked.value.sip.listen, checked.value.sip.externalAddress).map(
    (one) => `${one.protocols.join('+')} ${one.address} ${one.port} ${one.externalAddress}`,
  );
};

describe('sip.listen', () => {
  it('is UDP and TCP where no protocol is said, and that one alone where one is', () => {
    expect(listenersOf({})).toEqual(['udp+tcp 127.0.0.1 5060 null']);
    expect(listenersOf({ listen: ['udp/192.0.2.1:5060', 'tcp/[::1]:5070', '[::]:0'] })).toEqual([
      'udp 192.0.2.1 5060 null',
      'tcp ::1 5070 null',
      'udp+tcp :: 0 null',
    ]);
  });

  it('gives each listener its own external address, or the one for all', () => {
    const listen = [{ address: 'udp/10.0.0.5:5060', externalAddress: '203.0.113.9' }, '10.0.0.6:5060'];
    expect(listenersOf({ listen, externalAddress: '198.51.100.7' })).toEqual([
      'udp 10.0.0.5 5060 203.0.113.9',
      'udp+tcp 10.0.0.6 5060 198.51.100.7',
    ]);
  });

  it('is known by the external address for all where that is of its family', () => {
    expect(listenersOf({ listen: ['udp/10.0.0.5:5060', 'udp/[::1]:5060'], externalAddress: '198.51.100.7' })).toEqual([
      'udp 10.0.0.5 5060 198.51.100.7',
      'udp ::1 5060 null',
    ]);
  });

  it.each([
    ['a link without its zone', '[fe80::1]:5060', /^sip\.listen: fe80::1: .*fe80::1%eth0/],
    ['IPv4 as IPv6', '[::ffff:192.0.2.1]:5060', /write it as the IPv4 address/],
    ['another family', { address: '10.0.0.5:5060', externalAddress: '2001:db8::1' }, /known by an address in IPv4/],
  ])('is refused with %s', (_what, place, problem) => {
    expect(listenersOf({ listen: [place] })).toEqual([expect.stringMatching(problem)]);
  });

  it('comes from the environment as a list', () => {
    const loaded = loadSettings(null, { BRUSIO_SIP_LISTEN: 'udp/127.0.0.1:5060, tcp/[::1]:5060' });
    expect(loaded.ok && loaded.value.sip.listen).toEqual(['udp/127.0.0.1:5060', 'tcp/[::1]:5060']);
  });

  it.each([
    '127.0.0.1',
    'sctp/127.0.0.1:5060',
    '::1:5060',
    '[127.0.0.1]:5060',
    '127.0.0.1:70000',
    'localhost:5060',
    '',
  ])('is not %s', (text) => {
    expect(readListener(text)).toBeNull();
    expect(listenersOf({ listen: text })[0]).toMatch(/^sip\.listen: expected udp\/, tcp\/ or tls\//);
    expect(listenersOf({ listen: [text] })[0]).toMatch(/^sip\.listen\S*: expected udp\/, tcp\/ or tls\//);
  });

  it('stands beside names with their places', () => {
    expect(
      checkSettings({ sip: { hosts: { 'carrier.example': ['192.0.2.1', 'tcp/[::1]:5070'], b: '2001:db8::1' } } }).ok,
    ).toBe(true);
    expect(['192.0.2.1', 'tcp/[::1]:5070', '2001:db8::1', '[::1]', 'udp/10.0.0.1:1'].map(addressOfPlace)).toEqual([
      '192.0.2.1',
      '::1',
      '2001:db8::1',
      '::1',
      '10.0.0.1',
    ]);
    for (const place of ['192.0.2.1:0', 'sctp/192.0.2.1', 'example.org', '[192.0.2.1]:5060']) {
      expect(listenersOf({ hosts: { a: place } })[0]).toMatch(/^sip\.hosts\.a: expected an address/);
    }
    expect(listenersOf({ nameServers: ['dns.example'] })[0]).toMatch(/^sip\.nameServers\[0\]: expected/);
  });

  it('asks for certificate and key where it has TLS, and for one with the other', () => {
    expect(listenersOf({ listen: 'tls/127.0.0.1:5061' })).toEqual([
      'sip.tls.certificate: a tls/ listener needs it',
      'sip.tls.key: a tls/ listener needs it',
    ]);
    expect(listenersOf({ tls: { certificate: 'a.pem' } })).toEqual(['sip.tls.key: certificate and key go together']);
    expect(listenersOf({ tls: { ca: 'a.pem' } })).toEqual(['udp+tcp 127.0.0.1 5060 null']);
  });
});
