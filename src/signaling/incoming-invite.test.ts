import { describe, expect, it } from 'vitest';
import { CALLER_ID_HEADERS } from '../policy/caller-id.ts';
import type { NumberPlan } from '../policy/telephone-number.ts';
import { instantAt } from '../testing/call-samples.ts';
import type { DialerProfile } from './dialer-profile.ts';
import type { NameAddr, SipRequest } from './drachtio-srf.ts';
import { readInvite, unreadable, unreadableNumber } from './incoming-invite.ts';

const NAMES = {
  campaign: 'X-Brusio-Campaign',
  agent: 'X-Brusio-Agent',
  disposition: 'X-Brusio-Disposition',
  reference: 'X-Brusio-Reference',
  callType: 'X-Brusio-Call-Type',
  consent: 'X-Brusio-Consent',
};

const PROFILE: DialerProfile = {
  name: 'd',
  sources: [],
  users: [],
  algorithms: ['SHA-256', 'MD5'],
  numberFrom: 'request-uri',
  referenceFrom: ['call-code'],
  campaignRules: [],
  stripPrefix: '',
  callerIdFrom: CALLER_ID_HEADERS,
  kind: 'guarded',
  mayDeclare: ['manual'],
  agentFromDisplay: false,
  srtp: 'accept',
};
const DIALER = { type: 'dialer', profile: PROFILE } as const;
const PLAN: NumberPlan = { countryCode: '39', internationalPrefix: '00', trunkPrefix: '' };

/** A request as drachtio-srf hands it over, with these parts. */
function requestOf(uri: string, headers: Record<string, string> = {}, from?: NameAddr | null): SipRequest {
  const all: Record<string, string> = { 'call-id': 'c1', ...headers };
  const parsed =
    from === undefined ? { name: '"Al"', uri: 'sip:+390212345678@127.0.0.11', params: { tag: 't' } } : from;
  if (parsed !== null) all.from = `${parsed.name ?? ''} <${parsed.uri}>;tag=t`;
  return {
    uri,
    method: 'INVITE',
    body: all.body ?? '',
    headers: all,
    source_address: '127.0.0.11',
    source_port: 5060,
    get: (name: string) => all[name.toLowerCase()] ?? all[name],
    has: (name: string) => name in all,
    getParsedHeader: (name: string) => {
      if (name === 'contact') return [{ uri: all.contact ?? 'sip:d@127.0.0.11', params: {} }];
      if (parsed === null) throw new Error('unreadable');
      return parsed;
    },
  } as unknown as SipRequest;
}

describe('an INVITE that cannot be taken', () => {
  it.each([
    ['another scheme', requestOf('http:+39333@127.0.0.1'), 416],
    ['a From that does not parse', requestOf('sip:1@127.0.0.1', {}, null), 400],
    ['a From that parses to nothing', requestOf('sip:1@127.0.0.1', {}, {} as NameAddr), 400],
    ['an empty Call-ID', requestOf('sip:1@127.0.0.1', { 'call-id': ' ' }), 400],
    ['an extension we lack', requestOf('sip:1@127.0.0.1', { require: 'foo, 100rel' }), 420],
    ['no Contact that can be read', requestOf('sip:1@127.0.0.1', { contact: 'José' }), 400],
    [
      'more headers than a server can carry on',
      requestOf('sip:1@127.0.0.1', { 'user-to-user': 'x'.repeat(3000) }),
      513,
    ],
    ['a dialog that nobody has', requestOf('sip:1@127.0.0.1', { to: '<sip:1@h>;tag=x' }), 481],
    [
      'RFC 4475 §3.3.6 invut: a body of an unknown format',
      requestOf('sip:1@127.0.0.1', { 'content-type': 'application/unknownformat', body: '<audio/>' }),
      415,
    ],
    [
      'RFC 4475 §3.3.15 sdp01: an Accept that leaves no room for SDP',
      requestOf('sip:1@127.0.0.1', { accept: 'text/nobodyKnowsThis' }),
      406,
    ],
    ['RFC 4475 §3.3.11 zeromf: no hop left', requestOf('sip:1@127.0.0.1', { 'max-forwards': '0' }), 483],
  ])('%s is refused', (_what, request, status) => {
    expect(unreadable(request, NAMES)).toMatchObject({ sipStatus: status });
  });

  it('is told from a good one', () => {
    expect(unreadable(requestOf('sip:+393331234567@127.0.0.1', { 'max-forwards': '70' }), NAMES)).toBeNull();
    expect(unreadable(requestOf('tel:+393331234567'), NAMES)).toBeNull();
    const sdp = {
      'content-type': 'application/SDP;charset=utf-8',
      accept: 'text/x, application/sdp;q=0.5',
      body: 'v=0',
    };
    expect(unreadable(requestOf('sip:1@127.0.0.1', sdp), NAMES)).toBeNull();
  });
});

describe("a dialer's INVITE", () => {
  it('that offers SRTP has a peer to whom nothing is sent until its keys are agreed', () => {
    const crypto = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${Buffer.alloc(30, 1).toString('base64')}`;
    const sdp = (profile: string) =>
      `v=0\r\no=- 1 1 IN IP4 127.0.0.11\r\ns=-\r\nc=IN IP4 127.0.0.11\r\nt=0 0\r\nm=audio 4000 ${profile} 8\r\n${crypto}\r\n`;
    const offered = (profile: string) =>
      readInvite(requestOf('sip:1@127.0.0.1', { body: sdp(profile) }), NAMES, instantAt(5), DIALER, PLAN).offer;
    expect(offered('RTP/SAVP')).toMatchObject({ kind: 'sdp', media: { direction: 'inactive' } });
    expect(offered('RTP/AVP')).toMatchObject({ kind: 'sdp', media: { direction: 'sendrecv' } });
  });

  it('is read once: number, caller, campaign, reference, agent', () => {
    const invite = readInvite(
      requestOf('sip:+393331234567@127.0.0.1;user=phone', {
        'X-Brusio-Campaign': 'luce',
        'X-Brusio-Reference': 'lead-17',
        'X-Brusio-Agent': '1001;state=connected',
      }),
      NAMES,
      instantAt(5),
      DIALER,
      PLAN,
    );
    expect(invite).toMatchObject({
      dialerCallId: 'c1',
      number: '+393331234567',
      callerId: '+390212345678',
      campaign: 'luce',
      reference: 'lead-17',
      agent: { id: '1001', source: 'invite-header' },
      offer: { kind: 'none' },
    });
  });

  it("takes VICIdial's call code as the reference, and a reserved agent for none", () => {
    const from = { name: '"V1120101507000123456"', uri: 'sip:1@h', params: {} };
    const invite = readInvite(
      requestOf('sip:1@h', { 'X-Brusio-Agent': '1001;state=reserved' }, from),
      NAMES,
      instantAt(0),
      DIALER,
      PLAN,
    );
    expect(invite).toMatchObject({ reference: 'V1120101507000123456', agent: null });
  });
});

describe('RFC 3261 §19.1.6, RFC 3966 the number that is called', () => {
  const numberOf = (uri: string, changed: Partial<DialerProfile> = {}, headers: Record<string, string> = {}) =>
    readInvite(
      requestOf(uri, headers),
      NAMES,
      instantAt(0),
      { type: 'dialer', profile: { ...PROFILE, ...changed } },
      PLAN,
    ).number;

  it.each([
    ['sip:+393331234567@h', '+393331234567'],
    ['sip:%2B39333%31234567@h;user=phone', '+393331234567'],
    ['sip:+39-333-123.45(67)@h;user=phone', '+393331234567'],
    ['sip:3331234567;phone-context=+39@h;user=phone', '+393331234567'],
    ['sip:333-1234567:secret@h', '+393331234567'],
    ['sips:00493012345@h:5061', '+493012345'],
    ['tel:+39-333-1234567', '+393331234567'],
    ['tel:3331234567;phone-context=+39', '+393331234567'],
    ['tel:112;phone-context=+39', '+39112'],
    ['tel:0212345678;phone-context=dialer.example', '+390212345678'],
    ['sip:%ZZ@h', '%ZZ'],
  ])('%s', (uri, number) => {
    expect(numberOf(uri)).toBe(number);
  });

  it('stands in To where the dialer puts it, and without the dialer’s own prefix', () => {
    const to = '"Lead" <sip:93331234567@h>;x=y';
    expect(numberOf('sip:trunk@h', { numberFrom: 'to', stripPrefix: '9' }, { to })).toBe('+393331234567');
    expect(numberOf('sip:9@h', { stripPrefix: '9' }), 'nothing would be left').toBe('9');
  });

  it('is 484 when there is none, or none that a URI can hold', () => {
    expect(unreadableNumber(requestOf('sip:127.0.0.1'), DIALER)).toMatchObject({ sipStatus: 484 });
    expect(unreadableNumber(requestOf('sip:+39333<1234567@h'), DIALER)).toMatchObject({ sipStatus: 484 });
    expect(unreadableNumber(requestOf('tel:+393331234567'), DIALER)).toBeNull();
    const to = { type: 'dialer', profile: { ...PROFILE, numberFrom: 'to' } } as const;
    expect(unreadableNumber(requestOf('sip:h', { to: '<tel:+39333>' }), to)).toBeNull();
    expect(unreadableNumber(requestOf('sip:1@h', { to: '<sip:h>' }), to)).toMatchObject({ sipStatus: 484 });
  });
});

describe('a carrier’s INVITE', () => {
  it('says nothing that only a dialer may say', () => {
    const invite = readInvite(
      requestOf('sip:+390212345678@h', {
        'X-Brusio-Campaign': 'luce',
        'X-Brusio-Agent': '1001;state=connected',
        'X-Brusio-Call-Type': 'manual',
        'X-Brusio-Disposition': 'machine',
      }),
      NAMES,
      instantAt(0),
      { type: 'carrier', name: 'primary' },
      PLAN,
    );
    expect(invite).toMatchObject({
      caller: { type: 'carrier', name: 'primary' },
      campaign: null,
      agent: null,
      declaredKind: null,
      disposition: null,
    });
  });
});

describe('what an INVITE says without a header of Brusio’s', () => {
  const RULE = { callerId: null, number: null, callCode: null, header: null, begins: '', campaign: 'by-rule' };
  const reading = (profile: Partial<DialerProfile>, headers: Record<string, string> = {}, from?: NameAddr) =>
    readInvite(
      requestOf('sip:0212345@127.0.0.1', headers, from),
      NAMES,
      instantAt(0),
      { type: 'dialer', profile: { ...PROFILE, ...profile } },
      PLAN,
    );

  it.each([
    ['+393331234567', '+393331234567'],
    ['3331234567', '+393331234567'],
    ['<sip:00393331234567@dialer.example;user=phone>', '+393331234567'],
    ['"Mario" <tel:+39-333-1234567>', '+393331234567'],
    ['sip:+393331234567@dialer.example', '+393331234567'],
  ])('its number may stand in a header: %s', (value, number) => {
    expect(reading({ numberFrom: 'header:X-Number' }, { 'X-Number': value }).number).toBe(number);
  });

  it('has no number when that header has none', () => {
    const sender = { type: 'dialer', profile: { ...PROFILE, numberFrom: 'header:X-Number' } } as const;
    expect(unreadableNumber(requestOf('sip:0212345@127.0.0.1'), sender)?.sipStatus).toBe(484);
    expect(unreadableNumber(requestOf('sip:0212345@127.0.0.1', { 'X-Number': ' <> ' }), sender)?.sipStatus).toBe(484);
  });

  it('has its reference where the settings say, in their order, and Brusio’s own header before them', () => {
    const places = ['header:X-Lead', 'call-code', 'call-id'] as const;
    const code = { name: '"V1120101507000123456"', uri: 'sip:1@h', params: {} } as NameAddr;
    expect(reading({ referenceFrom: places }, { 'X-Lead': ' 17 ' }, code).reference).toBe('17');
    expect(reading({ referenceFrom: places }, { 'X-Lead': '' }, code).reference).toBe('V1120101507000123456');
    expect(reading({ referenceFrom: places }).reference).toBe('c1');
    expect(reading({ referenceFrom: [] }).reference).toBeNull();
    expect(reading({ referenceFrom: places }, { 'X-Brusio-Reference': 'own', 'X-Lead': '17' }).reference).toBe('own');
  });

  it('is of the campaign of its rules, by numbers as E.164 has them, unless it names one', () => {
    const rules = [{ ...RULE, callerId: '+3902', number: '+390212' }];
    expect(reading({ campaignRules: rules }).campaign).toBe('by-rule');
    expect(reading({ campaignRules: [{ ...RULE, number: '+3906' }] }).campaign).toBeNull();
    expect(reading({ campaignRules: rules }, { 'X-Brusio-Campaign': 'named' }).campaign).toBe('named');
    const byHeader = [{ ...RULE, header: 'X-VICIDIAL-Campaign-Id', campaign: null }];
    expect(reading({ campaignRules: byHeader }, { 'X-VICIDIAL-Campaign-Id': 'GAS' }).campaign).toBe('GAS');
  });
});
