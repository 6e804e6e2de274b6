import { describe, expect, it } from 'vitest';
import { zip } from './zip.ts';

describe('an archive', () => {
  it('has the octets that APPNOTE 6.3 says, for one file of one octet', () => {
    expect(zip([{ name: 'a', octets: Buffer.from('x') }]).toString('hex')).toBe(
      [
        '504b0304', // local file header (§4.3.7)
        '1400', // version needed 2.0
        '0008', // bit 11: UTF-8
        '0000', // stored
        '00002100', // 0:00, 1 January 1980
        '8316dc8c', // CRC-32 of "x"
        '0100000001000000', // both sizes
        '01000000', // length of the name, no extra field
        '6178', // "a", "x"
        '504b0102', // central directory header (§4.3.12)
        '14001400',
        '0008',
        '0000',
        '00002100',
        '8316dc8c',
        '0100000001000000',
        '01000000',
        '00000000000000000000', // comment, disk, attributes
        '00000000', // where its local header begins
        '61',
        '504b0506', // end of central directory (§4.3.16)
        '00000000',
        '01000100',
        '2f000000', // its length
        '20000000', // where it begins
        '0000',
      ].join(''),
    );
  });
});
