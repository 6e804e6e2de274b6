import { describe, expect, it } from 'vitest';
import { CALLER_ID_HEADERS } from '../policy/caller-id.ts';
import { callerIdentityOf, formattedCaller, formattedIdentities } from './caller-identity.ts';
import type { SipRequest } from './drachtio-srf.ts';

const request = (headers: Record<string, string>): SipRequest =>
  ({ get: (name: string) => headers[name.toLowerCase()] }) as unknown as SipRequest;

const FROM = '"A, B" <sip:+390211111111@h>;tag=t';

describe('RFC 3325 §9.1 who calls', () => {
  it.each([
    ['From alone', { from: FROM }, '+390211111111'],
    [
      'an asserted identity before From',
      { from: FROM, 'p-asserted-identity': '<sip:+390222222222@h>' },
      '+390222222222',
    ],
    [
      'a tel identity beside one without number',
      { from: FROM, 'p-asserted-identity': '"X" <sip:h>, <tel:+39-02-3333>' },
      '+39-02-3333',
    ],
    [
      'Remote-Party-ID before From',
      { from: FROM, 'remote-party-id': '"X" <sip:+390244444444@h>;party=calling;privacy=off' },
      '+390244444444',
    ],
    ['an addr-spec without brackets', { from: 'sip:+390255555555@h;tag=t' }, '+390255555555'],
  ])('%s', (_what, headers, number) => {
    expect(callerIdentityOf(request(headers), CALLER_ID_HEADERS)).toEqual({ number, isAnonymous: false });
  });

  it('is read in the order that the dialer’s settings give', () => {
    const headers = { from: FROM, 'p-asserted-identity': '<sip:+390222222222@h>' };
    expect(callerIdentityOf(request(headers), ['from']).number).toBe('+390211111111');
  });
});

describe('RFC 3323 a caller who hides', () => {
  it.each([
    ['Privacy: id', { from: FROM, privacy: 'id' }],
    ['Privacy: user;critical', { from: FROM, privacy: 'user;critical' }],
    [
      'an anonymous From, with an asserted identity',
      {
        from: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=t',
        'p-asserted-identity': '<sip:+390222222222@h>',
      },
    ],
    ['From without a number', { from: '<sip:h>;tag=t' }],
    ['privacy=full in Remote-Party-ID', { from: FROM, 'remote-party-id': '<sip:+39@h>;privacy=full' }],
  ])('%s', (_what, headers) => {
    expect(callerIdentityOf(request(headers), CALLER_ID_HEADERS).isAnonymous).toBe(true);
  });

  it('is not one who says that nothing is hidden', () => {
    expect(callerIdentityOf(request({ from: FROM, privacy: 'none' }), CALLER_ID_HEADERS).isAnonymous).toBe(false);
    expect(callerIdentityOf(request({ from: FROM, privacy: 'session' }), CALLER_ID_HEADERS).isAnonymous).toBe(false);
  });
});

describe('the caller’s number for a carrier', () => {
  const plan = { countryCode: '39', internationalPrefix: '00', trunkPrefix: '' };

  it('is the same number, written its way', () => {
    expect(formattedCaller('0212345678', 'unchanged', plan)).toBe('0212345678');
    expect(formattedCaller('0212345678', 'digits', plan)).toBe('390212345678');
    expect(formattedCaller('+390212345678', 'national', plan)).toBe('0212345678');
  });

  it('in identity headers too, and nothing else of them changes', () => {
    const value = '"Sip Co" <sip:+390212345678@h;user=phone>, <tel:+39-02-12345678>';
    expect(formattedIdentities(value, 'digits', plan)).toBe(
      '"Sip Co" <sip:390212345678@h;user=phone>, <tel:390212345678>',
    );
    expect(formattedIdentities(value, 'unchanged', plan)).toBe(value);
  });
});
