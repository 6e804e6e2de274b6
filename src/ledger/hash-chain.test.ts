import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import { canonicalJson } from './canonical-json.ts';
import { appendTo, emptyChain, entryHash } from './hash-chain.ts';
import type { Json, LedgerDraft } from './ledger-entry.ts';

const AT = Date.UTC(2026, 10, 20, 9, 15, 7, 214) as WallMs;

const draft = (n: number): LedgerDraft => ({ kind: 'stop', callId: null, body: { v: 1, n } });

describe('RFC 8785: canonical JSON', () => {
  it('sorts keys by UTF-16 code units and writes numbers as ECMAScript does (§3.2.2, §3.2.3)', () => {
    const value = {
      '€': 1,
      '\r': 2,
      '\ufb33': 3,
      '1': 4,
      '😀': 5,
      '\u0080': 6,
      ö: [1 / 3, 1e30, 4.5, 2e-3, 1e-27],
    };
    expect(canonicalJson(value)).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"ö":[0.3333333333333333,1e+30,4.5,0.002,1e-27],"€":1,"😀":5,"\ufb33":3}',
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '\uD800'])('refuses %j, which has no JSON', (value) => {
    expect(() => canonicalJson({ value })).toThrow();
  });

  it('says the same whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const shuffled = JSON.parse(JSON.stringify(value), (_, part) =>
          part !== null && typeof part === 'object' && !Array.isArray(part)
            ? Object.fromEntries(Object.entries(part).reverse())
            : part,
        );
        expect(canonicalJson(shuffled)).toBe(canonicalJson(JSON.parse(JSON.stringify(value)) as Json));
      }),
    );
  });
});

describe('a chain', () => {
  it('hashes the canonical JSON of the entry with the hash before it, from 64 zeros on', () => {
    const body = { v: 1, z: 'b', a: [1, null] };
    const { entries, head } = appendTo(emptyChain('guard-1'), [{ kind: 'start', callId: null, body }, draft(2)], AT);
    const first = canonicalJson({
      ...{ at: '2026-11-20T09:15:07.214Z', body, chain: 'guard-1', kind: 'start' },
      ...{ prevHash: '0'.repeat(64), seq: 1 },
    });
    expect(entries[0]).toEqual({
      ...{ chain: 'guard-1', seq: 1, at: AT, kind: 'start', callId: null, body: '{"a":[1,null],"v":1,"z":"b"}' },
      hash: createHash('sha256').update(first).digest('hex'),
    });
    expect(entries[1]?.hash).toBe(
      entryHash({ chain: 'guard-1', seq: 2, at: AT, kind: 'stop', body: '{"n":2,"v":1}' }, entries[0]?.hash ?? ''),
    );
    expect(head).toEqual({ chain: 'guard-1', seq: 2, hash: entries[1]?.hash });
  });

  it('is the same however its entries were grouped', () => {
    const whole = appendTo(emptyChain('a "b"'), [draft(1), draft(2), draft(3)], AT);
    const first = appendTo(emptyChain('a "b"'), [draft(1)], AT);
    const rest = appendTo(first.head, [draft(2), draft(3)], AT);
    expect([...first.entries, ...rest.entries]).toEqual(whole.entries);
    expect(appendTo(whole.head, [], AT)).toEqual({ entries: [], head: whole.head });
  });

  it('takes no entry whose column names another call than its body', () => {
    const wrong: LedgerDraft = { kind: 'answer', callId: 'one', body: { v: 1, callId: 'other' } };
    expect(() => appendTo(emptyChain('a'), [wrong], AT)).toThrow('names');
  });
});
