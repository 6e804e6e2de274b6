import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MESSAGE_OCTETS_MAX } from '../message/message-limits.ts';
import { createStreamFramer, HEAD_OCTETS_MAX, type StreamFramer } from './stream-framer.ts';

const message = (
  body: string,
  lengthLine = `Content-Length: ${Buffer.byteLength(body)}`,
  start = 'OPTIONS sip:a@b SIP/2.0',
) => `${start}\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\n${lengthLine}\r\n\r\n${body}`;

/** What the framer makes of these segments: messages as text, pings, the first fault. */
function read(framer: StreamFramer, segments: readonly (string | Buffer)[]) {
  const messages: string[] = [];
  let pings = 0;
  let fault: string | null = null;
  for (const segment of segments) {
    const reading = framer.push(Buffer.from(segment as Buffer));
    messages.push(...reading.messages.map((one) => one.toString('latin1')));
    pings += reading.pings;
    fault ??= reading.fault;
  }
  return { messages, pings, fault };
}

const NOTHING = { messages: [], pings: 0, fault: null };

describe('RFC 3261 §18.3: messages on a stream', () => {
  const first = message('v=0\r\no=x\r\n');
  const second = message('', 'l : 0', 'SIP/2.0 200 OK');
  const third = message('a body', 'CONTENT-LENGTH:\r\n  6');
  const all = first + second + third;

  it('are told apart by Content-Length, in its compact form and folded too', () => {
    expect(read(createStreamFramer(), [all])).toEqual({ messages: [first, second, third], pings: 0, fault: null });
  });

  it('come out the same, split in two at every octet', () => {
    for (let at = 0; at <= all.length; at++) {
      const reading = read(createStreamFramer(), [all.slice(0, at), all.slice(at)]);
      expect(reading, `split at ${at}`).toEqual({ messages: [first, second, third], pings: 0, fault: null });
    }
  });

  it('come out the same, octet by octet', () => {
    expect(read(createStreamFramer(), [...all])).toEqual({ messages: [first, second, third], pings: 0, fault: null });
  });

  it('come out the same, however they are cut and merged', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(first, second, third, '\r\n', '\r\n\r\n'), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
        (parts, sizes) => {
          const stream = parts.join('');
          const segments: string[] = [];
          for (let at = 0, index = 0; at < stream.length; index++) {
            const size = sizes[index % sizes.length] as number;
            segments.push(stream.slice(at, at + size));
            at += size;
          }
          const whole = read(createStreamFramer(), [stream]);
          expect(read(createStreamFramer(), segments)).toEqual(whole);
          expect(whole.messages).toEqual(parts.filter((part) => !part.startsWith('\r')));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('may end their lines in LF alone', () => {
    const lenient = message('xy').replaceAll('\r\n', '\n');
    expect(read(createStreamFramer(), [lenient, ...lenient]).messages).toEqual([lenient, lenient]);
  });

  it('keep their octets as they are', () => {
    const octets = Buffer.concat([Buffer.from(message('', 'Content-Length: 4')), Buffer.from([0, 255, 13, 10])]);
    for (let at = 0; at < octets.length; at++) {
      const reading = read(createStreamFramer(), [octets.subarray(0, at), octets.subarray(at)]);
      expect(reading.messages).toEqual([octets.toString('latin1')]);
    }
  });
});

describe('RFC 5626 §4.4.1: keep-alives on a stream', () => {
  it('two CRLFs are a ping, split or not, and one is none', () => {
    expect(read(createStreamFramer(), ['\r\n\r\n'])).toEqual({ ...NOTHING, pings: 1 });
    expect(read(createStreamFramer(), ['\r', '\n', '\r', '\n'])).toEqual({ ...NOTHING, pings: 1 });
    expect(read(createStreamFramer(), ['\r\n'])).toEqual(NOTHING);
    expect(read(createStreamFramer(), ['\r\n\r\n\r\n\r\n\r\n'])).toEqual({ ...NOTHING, pings: 2 });
  });

  it('RFC 3261 §7.5: CRLFs before a start line are no part of the message', () => {
    expect(read(createStreamFramer(), [`\r\n${message('')}\r\n${message('')}`])).toEqual({
      messages: [message(''), message('')],
      pings: 0,
      fault: null,
    });
  });
});

describe('RFC 3261 §18.3: a stream that cannot be read', () => {
  it.each([
    ['an HTTP request', 'GET / HTTP/1.1\r\n', 'not-sip'],
    ['a TLS ClientHello', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]), 'not-sip'],
    ['a start line without end', 'A'.repeat(5_000), 'not-sip'],
    ['binary noise', Buffer.from([0xff, 0xfe, 0x00]), 'not-sip'],
    ['no Content-Length', message('', 'X: y'), 'no-length'],
    ['a negative Content-Length', message('', 'Content-Length: -1'), 'bad-length'],
    ['a Content-Length that is no number', message('', 'Content-Length: abc'), 'bad-length'],
    ['an empty Content-Length', message('', 'Content-Length:'), 'bad-length'],
    ['a Content-Length over any size', message('', 'Content-Length: 99999999999999999999'), 'bad-length'],
    ['two Content-Lengths that disagree', message('', 'Content-Length: 1\r\nl: 2'), 'bad-length'],
    ['a message over the limit', message('', `Content-Length: ${MESSAGE_OCTETS_MAX}`), 'message-too-large'],
    ['a head over the limit', message('', `X: ${'y'.repeat(HEAD_OCTETS_MAX)}`), 'head-too-large'],
  ])('%s', (_name, octets, fault) => {
    expect(read(createStreamFramer(), [octets])).toEqual({ ...NOTHING, fault });
    const pieces = Array.from(Buffer.from(octets as Buffer), (octet) => Buffer.from([octet]));
    expect(read(createStreamFramer(), pieces)).toEqual({ ...NOTHING, fault });
  });

  it('hands over what came before, and reads nothing after', () => {
    const framer = createStreamFramer();
    expect(read(framer, [`${message('')}GET / HTTP/1.1\r\n\r\n`])).toEqual({
      messages: [message('')],
      pings: 0,
      fault: 'not-sip',
    });
    expect(read(framer, [message('')])).toEqual(NOTHING);
  });

  it('holds no more memory than a message may have', () => {
    const framer = createStreamFramer();
    const reading = read(framer, [
      message('', 'X: y').slice(0, -2),
      ...Array.from({ length: 64 }, () => `X: ${'y'.repeat(1_000)}\r\n`),
    ]);
    expect(reading.fault).toBe('head-too-large');
  });

  it('knows when a message has begun and not ended', () => {
    const framer = createStreamFramer();
    expect(framer.isWithinMessage()).toBe(false);
    framer.push(Buffer.from('OPT'));
    expect(framer.isWithinMessage()).toBe(true);
    framer.push(Buffer.from(message('').slice(3)));
    expect(framer.isWithinMessage()).toBe(false);
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 32 }), (segments) => {
        const framer = createStreamFramer();
        for (const segment of segments) framer.push(Buffer.from(segment));
      }),
      { numRuns: 2_000 },
    );
  });
});
