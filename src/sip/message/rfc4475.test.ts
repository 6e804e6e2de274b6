import { describe, expect, it } from 'vitest';
import { expandTortureNotation, tortureMessage } from '../testing/torture-message.ts';
import { readEssentials } from './essentials.ts';
import { addressParameter, displayNameOf, tagOf, uriOf } from './name-addr.ts';
import { parameter } from './parameters.ts';
import { parseMessage } from './parse-message.ts';
import { serializeMessage, toOctets } from './serialize-message.ts';
import { headerValue, headerValues, listValues, type SipMessage } from './sip-message.ts';
import { parseSipUri } from './uri.ts';
import { parseVia } from './via.ts';

/** The message, which must be one that the parser and the ingress take; it must read the same when written again. */
function accepted(name: string): SipMessage {
  const parsed = parseMessage(tortureMessage(`rfc4475/${name}`));
  if (!parsed.ok) throw new Error(parsed.problem.sentence);
  const essentials = readEssentials(parsed.value);
  if (!essentials.ok) throw new Error(essentials.problem);
  const again = parseMessage(toOctets(serializeMessage(parsed.value)));
  const withoutLength = (message: SipMessage) => ({
    ...message,
    headers: message.headers.filter((field) => field.key !== 'content-length'),
  });
  expect(again.ok && withoutLength(again.value)).toEqual(withoutLength(parsed.value));
  return parsed.value;
}

function refusal(name: string): { readonly status: number; readonly sentence: string } {
  const parsed = parseMessage(tortureMessage(`rfc4475/${name}`));
  if (!parsed.ok) return { status: parsed.problem.status, sentence: parsed.problem.sentence };
  const essentials = readEssentials(parsed.value);
  if (essentials.ok) throw new Error(`${name} was accepted`);
  return { status: 400, sentence: essentials.problem };
}

const utf8 = (octetText: string | undefined) => Buffer.from(octetText ?? '', 'latin1').toString('utf8');

describe('the notation of RFC 4475 §2', () => {
  it('joins lines, repeats and writes octets', () => {
    const text = 'A: 1\n<allOneLine>\nB: a\n b\n</allOneLine>\nC: <repeat count=3>xy</repeat><hex>00\n0a</hex>é\n\n';
    expect(expandTortureNotation(text).toString('latin1')).toBe(
      'A: 1\r\nB: a b\r\nC: xyxyxy\x00\n\u00c3\u00a9\r\n\r\n',
    );
  });
});

describe('RFC 4475 §3.1.1 valid messages', () => {
  it('RFC 4475 §3.1.1.1 wsinv: a short tortuous INVITE', () => {
    const message = accepted('wsinv');
    expect(message).toMatchObject({ method: 'INVITE', uri: 'sip:vivekg@chair-dnrc.example.com;unknownparam' });
    expect(readEssentials(message)).toMatchObject({
      ok: true,
      value: {
        via: { transport: 'UDP', host: '192.0.2.2', port: null, branch: '390skdjuw' },
        callId: 'wsinv.ndaksdj@192.0.2.1',
        cseq: { number: 9, method: 'INVITE' },
        fromTag: '98asjd8',
        toTag: '1918181833n',
      },
    });
    const from = headerValue(message, 'from') ?? '';
    expect([displayNameOf(from), uriOf(from)]).toEqual([String.raw`"J Rosenberg \\\""`, 'sip:jdrosen@example.com']);
    expect(uriOf(headerValue(message, 'to') ?? '')).toBe('sip:vivekg@chair-dnrc.example.com');
    expect(Number(headerValue(message, 'max-forwards'))).toBe(68);
    expect(headerValue(message, 'subject')).toBe('');
    expect(headerValue(message, 'newfangledheader')).toBe('newfangled value continued newfangled value');
    expect(headerValue(message, 'unknownheaderwithunusualvalue')).toBe(';;,,;;,;');
    expect(headerValue(message, 'content-type')).toBe('application/sdp');
    expect(listValues(message, 'route')).toEqual(['<sip:services.example.com;lr;unknownwith=value;unknown-no-value>']);
    expect(listValues(message, 'via').map(parseVia)).toMatchObject([
      { transport: 'UDP', host: '192.0.2.2', branch: '390skdjuw' },
      { transport: 'TCP', host: 'spindle.example.com', branch: 'z9hG4bK9ikj8' },
      { transport: 'UDP', host: '192.168.255.111', branch: 'z9hG4bK30239' },
    ]);
    const contact = headerValue(message, 'contact') ?? '';
    expect([displayNameOf(contact), uriOf(contact)]).toEqual([
      String.raw`"Quoted string \"\""`,
      'sip:jdrosen@example.com',
    ]);
    expect(['newparam', 'secondparam', 'q'].map((name) => addressParameter(contact, name))).toEqual([
      'newvalue',
      '',
      '0.33',
    ]);
    expect(message.body).toHaveLength(150);
  });

  it('RFC 4475 §3.1.1.2 intmeth: wide range of valid characters', () => {
    const message = accepted('intmeth');
    const method = "!interesting-Method0123456789_*+`.%indeed'~";
    const user = "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)";
    expect(message).toMatchObject({ method, uri: `sip:${user}@example.com` });
    expect(message.kind === 'request' && parseSipUri(message.uri)).toMatchObject({ user, host: 'example.com' });
    expect(readEssentials(message)).toMatchObject({
      value: {
        via: { transport: 'TCP', branch: "z9hG4bK-.!%66*_+`'~" },
        callId: 'intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{',
        cseq: { number: 139_122_385, method },
        fromTag: "_token~1'+`*%!-.",
      },
    });
    const to = headerValue(message, 'to') ?? '';
    expect(displayNameOf(to)).toBe('"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f"');
    expect(uriOf(to)).toBe("sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com");
    const from = headerValue(message, 'from') ?? '';
    expect(displayNameOf(from)).toBe("token1~` token2'+_ token3*%!.-");
    expect(utf8(addressParameter(from, "fromparam''~+*_!.-%"))).toBe('"работающий"');
    expect(headerValue(message, 'max-forwards')).toBe('255');
    expect(utf8(headerValue(message, "extensionheader-!.%*+_`'~"))).toBe('\ufeff大停電');
  });

  it('RFC 4475 §3.1.1.3 esc01: valid use of the % escaping mechanism', () => {
    const message = accepted('esc01');
    expect(message.kind === 'request' && parseSipUri(message.uri)).toMatchObject({
      scheme: 'sip',
      user: 'sips%3Auser%40example.com',
      host: 'example.net',
    });
    expect(uriOf(headerValue(message, 'to') ?? '')).toBe('sip:%75se%72@example.com');
    expect(uriOf(headerValue(message, 'from') ?? '')).toBe('sip:I%20have%20spaces@example.net');
    const contact = parseSipUri(uriOf(headerValue(message, 'contact') ?? ''));
    expect(contact).toMatchObject({ user: 'cal%6Cer', parameters: ';%6C%72;n%61me=v%61lue%25%34%31' });
    // An escaped `lr` is not lr for anybody who compares octets; it is a parameter of no known name.
    expect(parameter(contact?.parameters ?? '', '%6c%72')).toBe('');
  });

  it('RFC 4475 §3.1.1.4 escnull: escaped nulls in URIs', () => {
    const message = accepted('escnull');
    expect(uriOf(headerValue(message, 'to') ?? '')).toBe('sip:null-%00-null@example.com');
    expect(listValues(message, 'contact').map((value) => parseSipUri(uriOf(value))?.user)).toEqual(['%00', '%00%00']);
  });

  it('RFC 4475 §3.1.1.5 esc02: use of % when it is not an escape', () => {
    const message = accepted('esc02');
    expect(message).toMatchObject({ method: 'RE%47IST%45R' });
    expect(displayNameOf(headerValue(message, 'to') ?? '')).toBe('"%Z%45"');
    expect(headerValues(message, 'contact')).toEqual([
      '<sip:alias1@host1.example.com>',
      '<sip:alias3@host3.example.com>',
    ]);
    expect(headerValue(message, 'c%6fntact')).toBe('<sip:alias2@host2.example.com>');
    expect(readEssentials(message)).toMatchObject({ value: { via: { branch: 'z9hG4bK209%fzsnel234' } } });
  });

  it('RFC 4475 §3.1.1.6 lwsdisp: no white space between display name and <', () => {
    const from = headerValue(accepted('lwsdisp'), 'from') ?? '';
    expect([displayNameOf(from), uriOf(from), tagOf(from)]).toEqual(['caller', 'sip:caller@example.com', '323']);
  });

  it('RFC 4475 §3.1.1.7 longreq: long values in header fields', () => {
    const message = accepted('longreq');
    const to = headerValue(message, 'to') ?? '';
    expect(displayNameOf(to)).toBe(`"I have a user name of ${'extreme'.repeat(10)} proportion"`);
    expect(parseSipUri(uriOf(to))).toMatchObject({ user: 'user', host: 'example.com', port: 6000 });
    const from = headerValue(message, 'from') ?? '';
    expect(parseSipUri(uriOf(from))?.user).toBe('amazinglylongcallername'.repeat(5));
    expect(tagOf(from)).toBe(`12${'982'.repeat(50)}424`);
    expect(addressParameter(from, `unknownheaderparam${'name'.repeat(20)}`)).toBe(
      `unknowheaderparam${'value'.repeat(15)}`,
    );
    expect(addressParameter(from, `unknownvalueless${'paramname'.repeat(10)}`)).toBe('');
    const vias = listValues(message, 'via').map(parseVia);
    expect(vias).toHaveLength(34);
    expect([vias[0]?.host, vias[11]?.host, vias[33]?.host]).toEqual([
      'sip33.example.com',
      'sip22.example.com',
      'host.example.com',
    ]);
    expect(vias[33]?.branch).toBe(`very${'long'.repeat(50)}branchvalue`);
    expect(message.body).toHaveLength(150);
  });

  it('RFC 4475 §3.1.1.8 dblreq: extra trailing octets in a UDP datagram', () => {
    expect(accepted('dblreq')).toMatchObject({ method: 'REGISTER', body: '' });
  });

  it('RFC 4475 §3.1.1.9 semiuri: semicolon-separated parameters in the user part', () => {
    const message = accepted('semiuri');
    expect(message.kind === 'request' && parseSipUri(message.uri)).toMatchObject({
      user: 'user;par=u%40example.net',
      host: 'example.com',
      parameters: '',
    });
    expect(listValues(message, 'accept')).toEqual([
      'application/sdp',
      'application/pkcs7-mime',
      'multipart/mixed',
      'multipart/signed',
      'message/sip',
      'message/sipfrag',
    ]);
  });

  it('RFC 4475 §3.1.1.10 transports: varied and unknown transport types', () => {
    const vias = listValues(accepted('transports'), 'via').map(parseVia);
    expect(vias.map((via) => via?.transport)).toEqual(['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']);
  });

  it('RFC 4475 §3.1.1.11 mpart01: a multipart MIME message', () => {
    const message = accepted('mpart01');
    expect(message.body).toHaveLength(553);
    expect(parameter(headerValue(message, 'content-type') ?? '', 'boundary')).toBe('7a9cbec02ceef655');
    const parts = message.body.split('--7a9cbec02ceef655');
    expect(parts[1]).toContain('\r\n\r\nHello\r\n');
    expect(parts[2]?.split('\r\n\r\n')[1]?.slice(0, 4)).toBe('\x30\x82\x01\x52');
    expect(parts[3]).toBe('--\r\n');
  });

  it('RFC 4475 §3.1.1.12 unreason: an unusual reason phrase', () => {
    const message = accepted('unreason');
    expect(message).toMatchObject({ kind: 'response', status: 200 });
    expect(message.kind === 'response' && utf8(message.reason)).toBe('= 2**3 * 5**2 но сто девяносто девять - простое');
  });

  it('RFC 4475 §3.1.1.13 noreason: an empty reason phrase', () => {
    expect(accepted('noreason')).toMatchObject({ kind: 'response', status: 100, reason: '' });
  });
});

describe('RFC 4475 §3.1.2 invalid messages, what is found wrong with them', () => {
  it.each([
    ['§3.1.2.1 badinv01', 'extraneous separators in header values', 400, /Via/],
    ['§3.1.2.2 clerr', 'a Content-Length larger than the message', 400, /9999 octets, 154 came/],
    ['§3.1.2.3 ncl', 'a negative Content-Length', 400, /Content-Length/],
    ['§3.1.2.4 scalar02', 'request scalar fields with overlarge values', 400, /CSeq/],
    ['§3.1.2.5 scalarlg', 'response scalar fields with overlarge values', 400, /CSeq/],
    ['§3.1.2.6 quotbal', 'an unterminated quoted string in a display name', 400, /To/],
    ['§3.1.2.7 ltgtruri', '<> enclosing the request URI', 400, /request URI/],
    ['§3.1.2.8 lwsruri', 'white space in the request URI', 400, /request URI/],
    ['§3.1.2.9 lwsstart', 'multiple spaces in the request line', 400, /request URI/],
    ['§3.1.2.10 trws', 'spaces at the end of the request line', 400, /request line|request URI/],
    ['§3.1.2.11 escruri', 'escaped headers in the request URI', 400, /request URI/],
    ['§3.1.2.14 badaspec', 'spaces within an addr-spec', 400, /To/],
    ['§3.1.2.16 badvers', 'an unknown protocol version', 505, /SIP\/2\.0/],
    ['§3.1.2.17 mismatch01', 'a start line and a CSeq that disagree', 400, /disagree/],
    ['§3.1.2.18 mismatch02', 'an unknown method and a CSeq that disagree', 400, /disagree/],
    ['§3.1.2.19 bigcode', 'an overlarge response code', 400, /status line/],
    ['§3.3.8 multi01', 'multiple values in single-value header fields', 400, /more than one/],
    ['§3.3.9 mcl01', 'multiple Content-Length values', 400, /more than one content-length/],
  ] as const)('RFC 4475 %s: %s', (name, _what, status, sentence) => {
    const problem = refusal(name.split(' ')[1] as string);
    expect(problem.status).toBe(status);
    expect(problem.sentence).toMatch(sentence);
  });
});
