import { describe, expect, it } from 'vitest';
import { CALLER_ID_HEADERS } from '../policy/caller-id.ts';
import type { DialerProfile } from './dialer-profile.ts';
import { createSourceList, type Origin } from './source-list.ts';

function dialer(name: string, sources: string[], users: DialerProfile['users'] = []): DialerProfile {
  return {
    name,
    sources,
    users,
    algorithms: ['SHA-256', 'MD5'],
    numberFrom: 'request-uri',
    referenceFrom: [],
    campaignRules: [],
    stripPrefix: '',
    callerIdFrom: CALLER_ID_HEADERS,
    kind: 'guarded',
    mayDeclare: [],
    agentFromDisplay: false,
    srtp: 'accept',
  };
}

/** `carrier x`, `dialers a b` or `nobody`. */
function told(origin: Origin | null): string {
  if (origin === null) return 'nobody';
  if (origin.type === 'carrier') return `carrier ${origin.name}`;
  return `dialers ${origin.dialers.map(({ name }) => name).join(' ')}`;
}

const USER = [{ username: 'u', password: 'p' }];

describe('who an address belongs to', () => {
  const look = createSourceList(
    [
      dialer('wide', ['10.0.0.0/8', '2001:db8::/32']),
      dialer('one', ['10.1.1.1']),
      dialer('digest', ['0.0.0.0/0'], USER),
      dialer('digest-net', ['10.1.0.0/16'], USER),
    ],
    [
      { name: 'literal', uri: 'sip:192.0.2.1:5070', sources: [] },
      { name: 'named', uri: 'sip:carrier.example', sources: ['198.51.100.0/24', '10.9.9.0/24'] },
      { name: 'v6', uri: 'sip:[2001:db8::1]:5060', sources: ['2001:db8::1'] },
    ],
  );

  it.each([
    ['198.51.100.7', 5060, 'carrier named'],
    ['192.0.2.1', 5070, 'carrier literal'],
    ['10.9.9.9', 5060, 'carrier named'], // longer than the dialer's /8
    ['10.2.3.4', 5060, 'dialers wide digest'], // whoever needs no user comes first
    ['10.1.1.1', 5060, 'dialers one wide digest-net digest'],
    ['203.0.113.5', 5060, 'dialers digest'],
    ['2001:db8::1', 1, 'carrier v6'],
    ['2001:db8::2', 1, 'dialers wide'],
    ['2001:db9::2', 1, 'nobody'],
    ['', 0, 'nobody'],
    ['not-an-address', 0, 'nobody'],
  ])('%s:%i is %s', (address, port, expected) => {
    expect(told(look(address, port))).toBe(expected);
    expect(told(look(address, port)), 'remembered').toBe(expected);
  });

  it('everybody on one machine: the carrier is known by its port, all others are dialers', () => {
    const local = createSourceList(
      [dialer('default', ['127.0.0.0/8'])],
      [{ name: 'primary', uri: 'sip:127.0.0.1:5070', sources: [] }],
    );
    expect(told(local('127.0.0.1', 5070))).toBe('carrier primary');
    expect(told(local('127.0.0.1', 5080))).toBe('dialers default');
  });

  it('an address that both list alike is the carrier’s: its calls never go to a carrier', () => {
    const both = createSourceList(
      [dialer('d', ['192.0.2.9'])],
      [{ name: 'c', uri: 'sip:carrier.example', sources: ['192.0.2.9'] }],
    );
    expect(told(both('192.0.2.9', 5060))).toBe('carrier c');
  });
});
