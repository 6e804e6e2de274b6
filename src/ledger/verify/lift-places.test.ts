import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../canonical-json.ts';
import { createLiftPlaces } from './lift-places.ts';

const lift = (...digests: readonly string[]) =>
  canonicalJson({ at: '2026-11-20T09:00:00.000Z', digests, move: 'lift', scope: 'acme', until: null });

describe('the places of lifts', () => {
  it('are found by any digest of the number, in the order of entries', () => {
    const places = createLiftPlaces();
    places.add('guard-1', 9, lift('aa', 'bb'));
    places.add('guard-1', 4, lift('bb'));
    places.add('guard-2', 7, lift('say "d1"\\'));
    places.add('guard-2', 8, lift('cc'));
    expect(places.of(new Set(['bb', 'say "d1"\\', 'dd']))).toEqual([
      { chain: 'guard-1', seqs: [4, 9] },
      { chain: 'guard-2', seqs: [7] },
    ]);
    expect(places.of(new Set())).toEqual([
      { chain: 'guard-1', seqs: [] },
      { chain: 'guard-2', seqs: [] },
    ]);
  });

  it('are kept however many there are', () => {
    const places = createLiftPlaces();
    for (let seq = 1; seq <= 5_000; seq++) places.add('guard-1', seq, lift(seq.toString(16).padStart(32, '0')));
    const numbers = new Set([1, 1_024, 1_025, 5_000].map((seq) => seq.toString(16).padStart(32, '0')));
    expect(places.of(numbers)).toEqual([{ chain: 'guard-1', seqs: [1, 1_024, 1_025, 5_000] }]);
  });
});
