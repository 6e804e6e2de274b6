import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEssentials } from './essentials.ts';
import { HEADER_OCTETS_MAX, HEADERS_MAX } from './message-limits.ts';
import { parseMessage } from './parse-message.ts';
import { serializeMessage, toOctets } from './serialize-message.ts';
import { header, headerValue, headerValues, listValues, type SipMessage } from './sip-message.ts';

function parsed(text: string): SipMessage {
  const result = parseMessage(Buffer.from(text, 'utf8'));
  if (!result.ok) throw new Error(result.problem.sentence);
  return result.value;
}

function problemOf(text: string | Buffer): { status: number; sentence: string } {
  const result = parseMessage(Buffer.from(text));
  if (result.ok) throw new Error('it was read');
  return { status: result.problem.status, sentence: result.problem.sentence };
}

const INVITE = [
  'INVITE sip:+393331234567@127.0.0.1:5090 SIP/2.0',
  'v: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK77ef4c2312983.1, SIP/2.0/UDP 192.0.2.2',
  'Max-Forwards : 70',
  'f: "José"',
  '  <sip:1001@192.0.2.1>',
  '\t;tag=as1',
  't: <sip:+393331234567@127.0.0.1>',
  'i: a84b4c76e66710@192.0.2.1',
  'CSeq: 314159 INVITE',
  'l: 3',
  '',
  'v=0trailing',
].join('\r\n');

describe('RFC 3261 §7 SIP messages', () => {
  it('expands compact names, unfolds lines and cuts the body at Content-Length', () => {
    const message = parsed(INVITE);
    expect(message).toMatchObject({
      kind: 'request',
      method: 'INVITE',
      uri: 'sip:+393331234567@127.0.0.1:5090',
      body: 'v=0',
    });
    expect(headerValue(message, 'from')).toBe('"Jos\u00c3\u00a9" <sip:1001@192.0.2.1> ;tag=as1');
    expect(message.headers.map((field) => field.name)).toEqual([
      'Via',
      'Max-Forwards',
      'From',
      'To',
      'Call-ID',
      'CSeq',
      'Content-Length',
    ]);
    expect(listValues(message, 'via')).toHaveLength(2);
    expect(readEssentials(message)).toMatchObject({
      ok: true,
      value: {
        via: { transport: 'UDP', host: '192.0.2.1', port: 5062, branch: 'z9hG4bK77ef4c2312983.1' },
        callId: 'a84b4c76e66710@192.0.2.1',
        cseq: { number: 314159, method: 'INVITE' },
        fromTag: 'as1',
        toTag: null,
      },
    });
  });

  it('reads lines that end in LF alone', () => {
    const message = parsed('SIP/2.0 180 Ringing\nVia: SIP/2.0/UDP a\nX-A: 1\nX-A: 2\n\nbody');
    expect(message).toMatchObject({ kind: 'response', status: 180, reason: 'Ringing', body: 'body' });
    expect(headerValues(message, 'x-a')).toEqual(['1', '2']);
  });

  it('reads a status line without a reason', () => {
    expect(parsed('SIP/2.0 200 \r\n\r\n')).toMatchObject({ status: 200, reason: '' });
    expect(parsed('SIP/2.0 200\r\n\r\n')).toMatchObject({ status: 200, reason: '' });
  });

  it('counts Content-Length in octets', () => {
    const message = parsed('MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 2\r\n\r\né');
    expect(message.body).toHaveLength(2);
    expect(serializeMessage(message)).toContain('Content-Length: 2\r\n\r\n');
  });

  it('tells what is wrong, and which answer it deserves', () => {
    expect(problemOf('INVITE sip:a@b SIP/3.0\r\n\r\n').status).toBe(505);
    expect(problemOf('INVITE sip:a@b SIP/2.0\r\nContent-Length: 9\r\n\r\nv=0').sentence).toContain('9 octets, 3 came');
    expect(problemOf('INVITE sip:a@b SIP/2.0\r\nno colon\r\n\r\n').sentence).toContain('has no name');
    expect(problemOf('INVITE sip:a@b SIP/2.0\r\nX: a\rVia: smuggled\r\n\r\n').sentence).toContain('control character');
    expect(problemOf('hello\r\n\r\n').status).toBe(400);
    expect(problemOf('').status).toBe(400);
  });

  it('refuses more header lines and longer ones than the limits', () => {
    const lines = (count: number) => `X-A: 1\r\n`.repeat(count);
    expect(parsed(`OPTIONS sip:a SIP/2.0\r\n${lines(HEADERS_MAX)}\r\n`).headers).toHaveLength(HEADERS_MAX);
    expect(problemOf(`OPTIONS sip:a SIP/2.0\r\n${lines(HEADERS_MAX + 1)}\r\n`).sentence).toContain('128');
    expect(problemOf(`OPTIONS sip:a SIP/2.0\r\nX: ${'a'.repeat(HEADER_OCTETS_MAX)}\r\n\r\n`).sentence).toContain(
      '8192',
    );
    expect(problemOf(`OPTIONS sip:a SIP/2.0\r\nX: a${'\r\n a'.repeat(HEADER_OCTETS_MAX)}\r\n\r\n`).sentence).toContain(
      '8192',
    );
  });

  it('reads back what it wrote, whatever the octets', () => {
    const octetText = fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets).toString('latin1'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these cannot stand in a header.
    const value = octetText.map((text) => text.replace(/[\x00-\x1f\x7f]/g, '').trim());
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{1,15}$/).filter((text) => !/^content-length$/i.test(text));
    const headers = fc.array(
      fc.tuple(name, value).map(([n, v]) => header(n, v)),
      { maxLength: 20 },
    );
    const request = fc.record({
      kind: fc.constant('request' as const),
      method: fc.constantFrom('INVITE', 'BYE', 'FOO'),
      uri: fc.constantFrom('sip:a@b', 'tel:+39333', 'sip:[2001:db8::1]:5060;lr'),
      headers,
      body: octetText,
    });
    fc.assert(
      fc.property(request, (message) => {
        const result = parseMessage(toOctets(serializeMessage(message)));
        expect(result.ok && { ...result.value, headers: result.value.headers.slice(0, -1) }).toEqual(message);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, whatever came', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        parseMessage(Buffer.from(octets));
      }),
      { numRuns: 500 },
    );
  });
});
