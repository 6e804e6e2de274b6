import { describe, expect, it } from 'vitest';
import { passedHeaders, readAgent, readDisposition, readText, readVicidialCallCode } from './brusio-headers.ts';

const NAMES = {
  campaign: 'X-Brusio-Campaign',
  agent: 'X-Brusio-Agent',
  disposition: 'X-Brusio-Disposition',
  reference: 'X-Brusio-Reference',
  callType: 'X-Brusio-Call-Type',
  consent: 'X-Brusio-Consent',
};

describe('the agent header', () => {
  it.each([
    ['1001;state=connected', 'reserved', { agent: { id: '1001', source: 'invite-header' }, state: 'connected' }],
    ['1001', 'reserved', { agent: { id: '1001', source: 'invite-header' }, state: 'reserved' }],
    [' 1001 ; State="left"', 'connected', { agent: { id: '1001', source: 'invite-header' }, state: 'left' }],
    ['1001;state=dancing', 'connected', null],
    [';state=connected', 'connected', null],
    [undefined, 'connected', null],
  ] as const)('%s reads as %s says', (value, unsaid, expected) => {
    expect(readAgent(value, 'invite-header', unsaid)).toEqual(expected);
  });
});

describe('the disposition header', () => {
  it('reads machine, fax and human with their method, and nothing else', () => {
    expect(readDisposition('Machine;method=amd', 'bye-header')).toEqual({
      answeredBy: 'machine',
      method: 'amd',
      source: 'bye-header',
    });
    expect(readDisposition('fax', 'bye-header')).toMatchObject({ answeredBy: 'fax', method: null });
    expect(readDisposition('busy', 'bye-header')).toBeNull();
    expect(readDisposition(undefined, 'bye-header')).toBeNull();
  });
});

describe('text headers', () => {
  it('are trimmed, cut, and null when empty', () => {
    expect(readText('  luce-autunno ')).toBe('luce-autunno');
    expect(readText('x'.repeat(500))).toHaveLength(128);
    expect(readText('  ')).toBeNull();
  });
});

describe("VICIdial's call code", () => {
  it('is read from the display name', () => {
    expect(readVicidialCallCode('"V1120101507000123456"')).toBe('V1120101507000123456');
    expect(readVicidialCallCode('V11201015070001234567')).toBe('V11201015070001234567');
    expect(readVicidialCallCode('Vittoria')).toBeNull();
    expect(readVicidialCallCode(undefined)).toBeNull();
  });
});

describe('what passes to the carrier', () => {
  it("is everything but the hop's own, ours, and X- headers that the carrier does not want", () => {
    const headers = {
      via: 'SIP/2.0/UDP 127.0.0.11',
      'Call-ID': 'a',
      contact: '<sip:d@127.0.0.11>',
      supported: '100rel',
      'p-asserted-identity': '<sip:+390212345678@dialer>',
      privacy: 'none',
      diversion: '<sip:x@y>',
      'X-Brusio-Campaign': 'luce',
      'x-brusio-agent': '1001',
      'X-Secret': 'lead 17',
      'X-Carrier-Trunk': '7',
    };
    expect(passedHeaders(headers, NAMES, ['x-carrier-trunk'])).toEqual({
      'p-asserted-identity': '<sip:+390212345678@dialer>',
      privacy: 'none',
      diversion: '<sip:x@y>',
      'X-Carrier-Trunk': '7',
    });
  });
});
