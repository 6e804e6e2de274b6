import { describe, expect, it } from 'vitest';
import { createNumberDigests, numberKeyId } from './number-digest.ts';

const keyOf = (octet: number) => {
  const secret = new Uint8Array(32).fill(octet);
  return { id: numberKeyId(secret), secret };
};

describe('a digest of a number', () => {
  it('is the first 16 octets of HMAC-SHA256 (RFC 4231 §4.7: a key longer than the block)', () => {
    const secret = new Uint8Array(131).fill(0xaa);
    const digests = createNumberDigests([{ id: numberKeyId(secret), secret }]);
    expect(digests.current('Test Using Larger Than Block-Size Key - Hash Key First')).toBe(
      '60e431591ee0b67f0d8a26aacbf5b77f',
    );
  });

  it('is another one for another number, and under another key', () => {
    const [one, other] = [createNumberDigests([keyOf(1)]), createNumberDigests([keyOf(2)])];
    const seen = [one.current('+390255500001'), one.current('+390255500002'), other.current('+390255500001')];
    expect(new Set(seen).size).toBe(3);
  });

  it('is found under every key after a rotation, the newest first', () => {
    const before = createNumberDigests([keyOf(1)]);
    const after = createNumberDigests([keyOf(2), keyOf(1)]);
    const number = '+390255500001';
    expect(after.all(number)).toEqual([after.current(number), before.current(number)]);
    expect(after.keyId).toBe(keyOf(2).id);
  });

  it('cannot be made without a key', () => {
    expect(() => createNumberDigests([])).toThrow('at least one key');
  });
});

describe("a key's id", () => {
  it('is the beginning of its SHA-256 (FIPS 180-4: 32 octets of zero)', () => {
    expect(numberKeyId(new Uint8Array(32))).toBe('66687aadf862bd77');
  });
});
