import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { sampleCallDrafts } from '../../testing/ledger-samples.ts';
import { sampleCallId } from '../../testing/stored-calls.ts';
import { appendTo, emptyChain } from '../hash-chain.ts';
import { rootDraft } from '../system-drafts.ts';
import { type ChainProof, checkProof, linked, shown } from './chain-proof.ts';
import { BLOCK_OCTETS, hashFrom, stateAfter } from './sha256-blocks.ts';

const AT = Date.UTC(2026, 10, 20, 9) as WallMs;

describe('SHA-256 in two steps', () => {
  it('comes to what it is in one, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(6), (octets, cut) => {
        const before = Math.min(cut, Math.floor(octets.length / BLOCK_OCTETS)) * BLOCK_OCTETS;
        const state = stateAfter(octets.subarray(0, before));
        expect(hashFrom(state, before, octets.subarray(before))).toBe(
          createHash('sha256').update(octets).digest('hex'),
        );
      }),
    );
  });
});

/** The proof of call 3 in a chain of six, up to a root in the same chain. */
function sampleProof(): ChainProof {
  const drafts = Array.from({ length: 6 }, (_, index) => sampleCallDrafts(index + 1)).flat();
  const { entries, head } = appendTo(emptyChain('guard "é"'), drafts, AT);
  const { entries: roots } = appendTo(head, [rootDraft('2026-11-20', [head])], AT);
  const [root] = roots;
  const first = entries.findIndex(({ callId }) => callId === sampleCallId(3));
  if (root === undefined) throw new Error('there is a root');
  return {
    format: 'brusio-chain-proof@1',
    callId: sampleCallId(3),
    root: {
      ...{ chain: root.chain, seq: root.seq, at: '2026-11-20T09:00:00.000Z', body: root.body },
      ...{ prevHash: head.hash, hash: root.hash },
    },
    segments: [
      {
        chain: head.chain,
        from: first + 1,
        prevHash: entries[first - 1]?.hash ?? '',
        entries: entries.slice(first).map((entry) => (entry.callId === sampleCallId(3) ? shown(entry) : linked(entry))),
      },
    ],
  };
}

const check = (proof: unknown) => checkProof(Buffer.from(JSON.stringify(proof)));

describe('the proof of a call', () => {
  it('leads from its entries to the root, over others of which it shows nothing', () => {
    const proof = sampleProof();
    const found = check(proof);
    expect(found).toMatchObject({ callId: sampleCallId(3), root: { day: '2026-11-20' } });
    expect('entries' in found ? found.entries.map(({ kind }) => kind) : []).toEqual(['decision', 'answer', 'outcome']);
    expect('links' in found ? found.links : 0).toBe((proof.segments[0]?.entries.length ?? 0) - 3);
    const text = JSON.stringify(proof);
    for (const n of [2, 4, 5, 6]) expect(text).not.toContain(sampleCallId(n));
  });

  it('shows nothing when any one character of it was changed', () => {
    const text = JSON.stringify(sampleProof());
    const original = check(sampleProof());
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'0123456789abcdefABC{}",:+/='), (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        const found = checkProof(Buffer.from(changed));
        // Base64 and JSON may say the same in other octets.
        if (!('problem' in found)) expect(found).toEqual(original);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['an entry is left out', (proof: ChainProof) => void proof.segments[0]?.entries.splice(4, 1)],
    ['two have changed places', (proof: ChainProof) => void proof.segments[0]?.entries.reverse()],
    ['it is said to be of another call', (proof: ChainProof) => Object.assign(proof, { callId: sampleCallId(2) })],
    ['it ends before the head', (proof: ChainProof) => void proof.segments[0]?.entries.pop()],
  ])('shows nothing when %s', (_, change) => {
    const proof = sampleProof();
    change(proof);
    expect(check(proof)).toHaveProperty('problem');
  });
});
