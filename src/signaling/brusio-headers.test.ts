import { describe, expect, it } from 'vitest';
import { passedHeaders, readAgent, readDisposition, readException, readText } from './brusio-headers.ts';

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

describe('the consent header', () => {
  it('reads consent and contract with a reference, and since when', () => {
    expect(readException('consent;ref=crm-1')).toEqual({ basis: 'consent', reference: 'crm-1', since: null });
    expect(readException('Contract; ref="pod 1"; since=2026-11-20T10:30:00+01:00')).toEqual({
      ...{ basis: 'contract', reference: 'pod 1', since: '2026-11-20T09:30:00.000Z' },
    });
    expect(readException('consent;since=2026-11-20;ref=crm-1')?.since).toBe('2026-11-20T00:00:00.000Z');
    expect([readException('consent'), readException('yes;ref=crm-1'), readException(undefined)]).toEqual([
      ...[null, null, null],
    ]);
  });

  it.each(['20 Nov 2026', '2026-11-20T10:30:00', '2026-13-01', '1', ''])('does not take %s for a time', (since) => {
    expect(readException(`consent;ref=crm-1;since=${since}`)).toMatchObject({ reference: 'crm-1', since: null });
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

  it("keeps VICIdial's call code from the carrier in every header that repeats From", () => {
    const headers = { 'Remote-Party-ID': '"M7152249180000855319 101" <sip:39021@pbx>;party=calling' };
    expect(passedHeaders(headers, NAMES, [])).toEqual({ 'Remote-Party-ID': '<sip:39021@pbx>;party=calling' });
  });
});
