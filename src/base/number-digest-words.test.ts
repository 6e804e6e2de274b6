import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNumberDigests, NUMBER_KEY_OCTETS, numberKeyId } from './number-digest.ts';
import { digestWords } from './number-digest-words.ts';

describe('the digest of a list', () => {
  it('is the first 8 octets of the digest by which a call is looked up, whatever number and key', () => {
    const secrets = fc.uint8Array({ minLength: NUMBER_KEY_OCTETS, maxLength: NUMBER_KEY_OCTETS });
    const numbers = fc.array(fc.stringMatching(/^\+\d{5,15}$/), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(secrets, numbers, (secret, all) => {
        const key = { id: numberKeyId(secret), secret };
        const write = digestWords(key);
        const { current } = createNumberDigests([key]);
        const words = new Uint32Array(2);
        for (const number of all) {
          // Not from the beginning of its buffer, as in a list that is read.
          const octets = Buffer.from(`xx${number}y`, 'latin1');
          write(octets, 2, 2 + number.length, words);
          const [high = 0, low = 0] = words;
          expect(high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')).toBe(
            current(number).slice(0, 16),
          );
        }
      }),
    );
  });
});
