import { describe, expect, it } from 'vitest';
import { instantAt } from '../testing/call-samples.ts';
import type { NameAddr, SipRequest } from './drachtio-srf.ts';
import { readInvite, unreadable } from './incoming-invite.ts';

const NAMES = {
  campaign: 'X-Brusio-Campaign',
  agent: 'X-Brusio-Agent',
  disposition: 'X-Brusio-Disposition',
  reference: 'X-Brusio-Reference',
};

/** A request as drachtio-srf hands it over, with these parts. */
function requestOf(uri: string, headers: Record<string, string> = {}, from?: NameAddr | null): SipRequest {
  const all: Record<string, string> = { 'call-id': 'c1', ...headers };
  const parsed =
    from === undefined ? { name: '"Al"', uri: 'sip:+390212345678@127.0.0.11', params: { tag: 't' } } : from;
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
    ['no number', requestOf('sip:127.0.0.1'), 484],
    ['a From that does not parse', requestOf('sip:1@127.0.0.1', {}, null), 400],
    ['a From that parses to nothing', requestOf('sip:1@127.0.0.1', {}, {} as NameAddr), 400],
    ['an empty Call-ID', requestOf('sip:1@127.0.0.1', { 'call-id': ' ' }), 400],
    ['an extension we lack', requestOf('sip:1@127.0.0.1', { require: 'foo, 100rel' }), 420],
    ['no Contact that can be read', requestOf('sip:1@127.0.0.1', { contact: 'José' }), 400],
    ['a number that no URI can hold', requestOf('sip:+39333<1234567@127.0.0.1'), 484],
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
  it('is read once: number, caller, campaign, reference, agent', () => {
    const invite = readInvite(
      requestOf('sip:+393331234567@127.0.0.1;user=phone', {
        'X-Brusio-Campaign': 'luce',
        'X-Brusio-Reference': 'lead-17',
        'X-Brusio-Agent': '1001;state=connected',
      }),
      NAMES,
      instantAt(5),
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
    );
    expect(invite).toMatchObject({ reference: 'V1120101507000123456', agent: null });
  });
});
