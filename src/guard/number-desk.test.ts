import { describe, expect, it } from 'vitest';
import { createNumberDigests, numberKeyId } from '../base/number-digest.ts';
import { isTelephoneNumber } from '../policy/telephone-number.ts';
import { createNumberDesk } from './number-desk.ts';
import type { NumberErasure } from './privacy-port.ts';

const keys = [1, 2]
  .map((octet) => new Uint8Array(32).fill(octet))
  .map((secret) => ({ id: numberKeyId(secret), secret }));
const digests = createNumberDigests(keys);
const plan = { countryCode: '39', internationalPrefix: '00', trunkPrefix: '' };

function desk() {
  const asked: unknown[] = [];
  const store = {
    async eraseNumber(erasure: NumberErasure) {
      asked.push(erasure);
      return { calls: 0, numbers: 0, webhooks: 0, masked: 0, live: 0 };
    },
    async callsByDigest(of: readonly string[]) {
      asked.push(of);
      return [];
    },
  };
  return { asked, ...createNumberDesk(store, digests, plan) };
}

describe('a number that is asked for', () => {
  it.each(['+393331234567', '333 1234567', '0039 333-1234567'])(
    'is the same however it is written: %s',
    async (written) => {
      const { asked, find, erase } = desk();
      await find(written);
      await erase(written, 'enel');
      const all = digests.all('+393331234567');
      expect(asked).toEqual([
        all,
        {
          digests: all,
          spellings: ['+393331234567', '3331234567', '393331234567', '00393331234567'],
          controller: 'enel',
        },
      ]);
    },
  );

  it.each([
    ['+39 333 1234567', true],
    ['(02) 5550-0001', true],
    ['33', false],
    ['333123456x', false],
    ["1234567'; DROP", false],
    ['', false],
  ])('can be a telephone number: %s %s', (written, is) => {
    expect(isTelephoneNumber(written)).toBe(is);
  });
});
