import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BENCODE_DEPTH_MAX, type Bencoded, encodeBencode, readBencode } from './bencode.ts';

const read = (text: string) => readBencode(Buffer.from(text));

describe('writing', () => {
  it('counts the octets of a string, not its characters', () => {
    expect(encodeBencode('però').toString()).toBe('5:però');
  });

  it('writes what rtpengine’s documentation shows', () => {
    expect(encodeBencode({ command: 'ping' }).toString()).toBe('d7:command4:pinge');
    expect(encodeBencode({ flags: ['a', 'bc'], n: -3 }).toString()).toBe('d5:flagsl1:a2:bce1:ni-3ee');
  });
});

describe('reading', () => {
  const value: fc.Arbitrary<Bencoded> = fc.letrec<{ value: Bencoded }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'grapheme' }),
      fc.maxSafeInteger(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: false }),
    ),
  })).value;

  it('gives back what was written, and where it ends', () => {
    fc.assert(
      fc.property(value, (written) => {
        const octets = encodeBencode(written);
        const result = readBencode(Buffer.concat([octets, Buffer.from('rest')]));
        expect(result).toMatchObject({ type: 'value', endsAt: octets.length });
        expect(result.type === 'value' && encodeBencode(result.value).equals(octets)).toBe(true);
      }),
    );
  });

  it('takes no part of a message for the whole, wherever it was cut', () => {
    const octets = encodeBencode({ result: 'ok', sdp: 'v=0\r\n', n: 17, tags: ['a', { b: 1 }] });
    for (let length = 0; length < octets.length; length += 1) {
      expect(readBencode(octets.subarray(0, length)), `${length} octets`).toEqual({ type: 'incomplete' });
    }
  });

  it.each([
    ['a word', 'hello'],
    ['a string of negative length', '-1:a'],
    ['a length with a leading zero', '01:a'],
    ['an integer with a fraction', 'i1.5e'],
    ['an integer past the safe ones', 'i9007199254740993e'],
    ['an integer without digits', 'ie'],
    ['an integer that never ends', `i${'1'.repeat(40)}`],
    ['a length that never ends', '1'.repeat(40)],
    ['a number as a key', 'di1ei2ee'],
    ['a list as a key', 'dlei2ee'],
  ])('refuses %s', (_what, text) => {
    expect(read(text)).toEqual({ type: 'malformed' });
  });

  it('goes no deeper than its limit, and so cannot be made to overflow the stack', () => {
    const nested = (depth: number) => read('l'.repeat(depth) + 'e'.repeat(depth)).type;
    expect(nested(BENCODE_DEPTH_MAX + 1)).toBe('value');
    expect(nested(BENCODE_DEPTH_MAX + 2)).toBe('malformed');
    expect(nested(100_000)).toBe('malformed');
  });

  it('keeps a key named __proto__ as a key', () => {
    const result = read('d9:__proto__d1:ai1eee');
    expect(result.type === 'value' && Object.keys(result.value)).toEqual(['__proto__']);
  });

  it('survives every octet', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
        expect(['value', 'incomplete', 'malformed']).toContain(readBencode(Buffer.from(octets)).type);
      }),
    );
  });
});
