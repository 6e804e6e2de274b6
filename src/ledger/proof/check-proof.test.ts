import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { sampleCallDrafts } from '../../testing/ledger-samples.ts';
import { sampleCallId } from '../../testing/stored-calls.ts';
import { appendTo, emptyChain } from '../hash-chain.ts';
import { rootDraft, rootHash } from '../system-drafts.ts';
import { createEntryRun, writtenTree } from '../tree/chain-tree.ts';
import { createLeafFinder } from '../tree/leaf-finder.ts';
import type { ChainProof } from './chain-proof.ts';
import { checkProof } from './check-proof.ts';
import { hashFrom } from './sha256-blocks.ts';
import { type TreeProof, writtenLeaf } from './tree-proof.ts';

const AT = Date.UTC(2026, 10, 20, 9) as WallMs;

/** The proof of call 3 in a chain of sixteen, under a root in the same chain. */
function treeProof(): TreeProof {
  const drafts = Array.from({ length: 16 }, (_, index) => sampleCallDrafts(index + 1)).flat();
  const { entries, head } = appendTo(emptyChain('guard "é"'), drafts, AT);
  const own = entries.filter(({ callId }) => callId === sampleCallId(3));
  const run = createEntryRun([], 0);
  const finder = createLeafFinder(
    [],
    own.map(({ seq }) => seq),
    head.seq,
  );
  for (const { hash } of entries) {
    run.addHex(hash);
    finder.add(Buffer.from(hash, 'hex'));
  }
  const draft = rootDraft('2026-11-20', [{ ...head, ...writtenTree(run.subtrees(), run.tail()) }]);
  const [root] = appendTo(head, [draft], AT).entries;
  if (root === undefined) throw new Error('there is a root');
  return {
    format: 'brusio-tree-proof@1',
    callId: sampleCallId(3),
    root: {
      ...{ chain: root.chain, seq: root.seq, at: '2026-11-20T09:00:00.000Z', body: root.body },
      ...{ prevHash: head.hash, hash: root.hash },
    },
    entries: own.map(({ chain, seq, kind, at, body }) => ({
      ...{ chain, seq, kind, at: new Date(at).toISOString(), body },
      prevHash: entries[seq - 2]?.hash ?? '0'.repeat(64),
    })),
    leaves: finder.leaves().map((leaf) => writtenLeaf(head.chain, leaf)),
  };
}

/** One that was given out before roots named trees, of call 3 in a chain of four. */
const formerProof = (): ChainProof =>
  JSON.parse(readFileSync(new URL('../../testing/chain-proof.json', import.meta.url), 'utf8')) as ChainProof;

function only<T>(one: T | undefined): T {
  if (one === undefined) throw new Error('it has one');
  return one;
}

const check = (proof: unknown) => checkProof(Buffer.from(JSON.stringify(proof)));
const kindsIn = (found: ReturnType<typeof check>) => ('entries' in found ? found.entries.map(({ kind }) => kind) : []);

describe.each([
  ['of audit paths', treeProof, [1, 2, 4, 5, 6, 7]],
  ['of links, as it was given out before', formerProof, [4]],
])('the proof of a call %s', (_, proofOf, others) => {
  it('shows its entries under the root, and nothing of others', () => {
    const found = check(proofOf());
    expect(found).toMatchObject({ callId: sampleCallId(3), root: { day: '2026-11-20' } });
    expect(kindsIn(found)).toEqual(['decision', 'answer', 'outcome']);
    const text = JSON.stringify(proofOf());
    for (const n of others) expect(text).not.toContain(sampleCallId(n));
  });

  it('shows nothing when any one character of it was changed', () => {
    const text = JSON.stringify(proofOf());
    const original = check(proofOf());
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'0123456789abcdefABC{}",:+/='), (at, character) => {
        const found = checkProof(Buffer.from(text.slice(0, at) + character + text.slice(at + 1)));
        // Base64 and JSON may say the same in other octets.
        if (!('problem' in found)) expect(found).toEqual(original);
      }),
      { numRuns: 500 },
    );
  });

  it('shows nothing of another call', () => {
    expect(check({ ...proofOf(), callId: sampleCallId(2) })).toHaveProperty('problem');
  });
});

describe('a proof of audit paths', () => {
  const entry = (proof: TreeProof) => only(proof.entries[0]);
  const leaf = (proof: TreeProof) => only(proof.leaves[0]);

  it.each<[string, (proof: TreeProof) => void]>([
    ['a step of a path is left out', (proof) => void leaf(proof).path.pop()],
    ['a path has one step more', (proof) => void leaf(proof).path.push('ab'.repeat(32))],
    ['a leaf is left out', (proof) => void proof.leaves.splice(0)],
    ['a leaf is said to stand elsewhere', (proof) => void Object.assign(leaf(proof), { leaf: 2 })],
    ['a leaf holds one hash less', (proof) => void leaf(proof).hashes.pop()],
    ['there is a leaf that holds none of its entries', (proof) => void proof.leaves.push({ ...leaf(proof), leaf: 2 })],
    ['an entry is said to stand elsewhere', (proof) => void Object.assign(entry(proof), { seq: 2 })],
    ['an entry is said to be of another chain', (proof) => void Object.assign(entry(proof), { chain: 'guard-2' })],
    ['it has no entry', (proof) => void proof.entries.splice(0)],
  ])('shows nothing when %s', (_, change) => {
    const proof = treeProof();
    change(proof);
    expect(check(proof)).toHaveProperty('problem');
  });

  it('shows nothing under a root of version 1, which names no tree', () => {
    const proof = treeProof();
    const { day, heads } = JSON.parse(proof.root.body);
    const former = heads.map(({ chain, seq, hash }: { chain: string; seq: number; hash: string }) => ({
      ...{ chain, seq, hash },
    }));
    const body = { v: 1, day, heads: former, root: rootHash(day, former) };
    const { chain, prevHash } = proof.root;
    const [root] = appendTo(
      { chain, seq: proof.root.seq - 1, hash: prevHash },
      [{ kind: 'root', callId: null, body }],
      AT,
    ).entries;
    expect(check({ ...proof, root: { ...proof.root, body: root?.body, hash: root?.hash } })).toEqual({
      problem: expect.stringContaining('names no tree'),
    });
  });
});

describe('a proof of links', () => {
  it.each<[string, (proof: ChainProof) => void]>([
    ['an entry is left out', (proof) => void proof.segments[0]?.entries.splice(1, 1)],
    ['two have changed places', (proof) => void proof.segments[0]?.entries.reverse()],
    ['it ends before the head', (proof) => void proof.segments[0]?.entries.pop()],
  ])('shows nothing when %s', (_, change) => {
    const proof = formerProof();
    change(proof);
    expect(check(proof)).toHaveProperty('problem');
  });
});

describe('SHA-256 from a state on', () => {
  it('comes to what Node makes of the whole, with no block before', () => {
    // FIPS 180-4 §5.3.3: the state before the first block.
    const initial = Buffer.from('6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19', 'hex');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
        expect(hashFrom(initial, 0, octets)).toBe(createHash('sha256').update(octets).digest('hex'));
      }),
    );
  });
});
