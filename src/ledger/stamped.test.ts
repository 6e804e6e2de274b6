import { describe, expect, it } from 'vitest';
import { stamped } from './stamped.ts';

const POSITION = { chain: 'guard-1', seq: 7, hash: 'ab'.repeat(32) };

describe('a position', () => {
  it('stands where the record said null, and only there', () => {
    const record = { note: 'he said "ledger":null', ledger: null, after: { ledger: null } };
    expect(JSON.parse(stamped(JSON.stringify(record), POSITION))).toEqual({ ...record, ledger: POSITION });
  });

  it('is put in as it is, whatever a name may mean to a replacement', () => {
    const position = { ...POSITION, chain: '$& $1' };
    expect(JSON.parse(stamped('{"ledger":null}', position))).toEqual({ ledger: position });
  });

  it('changes no text that has one already', () => {
    const text = JSON.stringify({ ledger: POSITION });
    expect(stamped(text, { ...POSITION, seq: 8 })).toBe(text);
  });
});
