import { describe, expect, it } from 'vitest';
import { readEssentials } from './essentials.ts';
import { header, type SipRequest } from './sip-message.ts';

/** An OPTIONS with these header lines after the usual ones. */
function optionsWith(...more: readonly (readonly [string, string])[]): SipRequest {
  const usual: readonly (readonly [string, string])[] = [
    ['Via', 'SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1'],
    ['From', '<sip:a@h>;tag=1'],
    ['To', '<sip:b@h>'],
    ['Call-ID', 'c1'],
    ['CSeq', '1 OPTIONS'],
    ['Max-Forwards', '70'],
  ];
  const headers = [...usual, ...more].map(([name, value]) => header(name, value));
  return { kind: 'request', method: 'OPTIONS', uri: 'sip:b@h', headers, body: '' };
}

describe('RFC 3261 §8.1.1 what every message has', () => {
  it('is read once', () => {
    expect(readEssentials(optionsWith())).toMatchObject({
      ok: true,
      value: { callId: 'c1', cseq: { number: 1, method: 'OPTIONS' }, fromTag: '1', toTag: null },
    });
  });

  it.each([
    ['CSeq', '2 BYE'],
    ['i', 'c2'],
    ['f', '<sip:x@h>;tag=2'],
    ['To', '<sip:x@h>'],
    ['Max-Forwards', '3'],
  ])('RFC 4475 §3.3.8: a second %s is refused', (name, value) => {
    expect(readEssentials(optionsWith([name, value]))).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/^more than one/),
    });
  });

  it('may hold other headers several times', () => {
    expect(
      readEssentials(
        optionsWith(['Via', 'SIP/2.0/UDP h;branch=z9hG4bK2'], ['Route', '<sip:a;lr>'], ['Route', '<sip:b;lr>']),
      ).ok,
    ).toBe(true);
  });
});
