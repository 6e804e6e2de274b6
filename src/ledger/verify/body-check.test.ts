import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { formerOutcomeDraft, sampleCallDrafts } from '../../testing/ledger-samples.ts';
import { canonicalJson } from '../canonical-json.ts';
import { ledgerBodies } from '../ledger-body.ts';
import type { LedgerKind } from '../ledger-entry.ts';
import { checkBody } from './body-check.ts';
import { canonicalPattern, type JsonSchema } from './canonical-pattern.ts';

const PATTERNED = ['decision', 'answer', 'class', 'outcome', 'correction'] as const;
const patternOf = (kind: LedgerKind) => canonicalPattern(z.toJSONSchema(ledgerBodies[kind]) as JsonSchema, []);
const samples = Array.from({ length: 101 }, (_, n) => sampleCallDrafts(n)).flat();

describe('a pattern over canonical JSON', () => {
  it('takes every entry that a call writes', () => {
    const patterns = new Map(PATTERNED.map((kind) => [kind as LedgerKind, patternOf(kind)]));
    for (const { kind, body } of samples) expect(canonicalJson(body)).toMatch(patterns.get(kind) ?? /^never$/);
  });

  it.each(PATTERNED)('takes no %s that the schema refuses, whatever is changed in it', (kind) => {
    const texts = samples.filter((sample) => sample.kind === kind).map(({ body }) => canonicalJson(body));
    const pattern = patternOf(kind);
    const character = fc.constantFrom(...'{}[]",:0123456789.-+eEtrufalsn\\ \u0000\u00e9AZ');
    const change = fc.tuple(fc.nat(1_000_000), fc.nat(3), fc.string({ unit: character, maxLength: 3 }));
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(change, { minLength: 1, maxLength: 3 }), (text, changes) => {
        let changed = text;
        for (const [at, removed, added] of changes) {
          const place = at % changed.length;
          changed = changed.slice(0, place) + added + changed.slice(place + removed);
        }
        if (pattern.test(changed)) expect(ledgerBodies[kind].safeParse(JSON.parse(changed)).success).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the check of a body', () => {
  it('knows outcomes of version 1, and gives the same parts of them', () => {
    const draft = formerOutcomeDraft(1);
    const body = canonicalJson(draft.body);
    expect(checkBody('outcome', body)).toEqual({
      parts: expect.objectContaining({ callId: JSON.stringify(draft.callId), record_class: '"A"' }),
    });
    expect(checkBody('outcome', body.replace('"v":1}', '"v":2}'))).toEqual({
      problem: expect.stringContaining('record'),
    });
    expect(checkBody('outcome', body.replace('"v":1}', '"v":3}'))).toEqual({
      problem: expect.stringContaining(': v:'),
    });
  });

  it('gives the parts as they stand in the text, also where the pattern gives up', () => {
    const draft = samples.find(({ kind }) => kind === 'decision');
    const body = { ...draft?.body, v: 1, campaign: 'say "luce"\n' };
    expect(checkBody('decision', canonicalJson(body))).toEqual({
      parts: expect.objectContaining({ callId: JSON.stringify(draft?.callId), campaign: '"say \\"luce\\"\\n"' }),
    });
  });

  it.each([
    ['{"v":1', 'no JSON'],
    ['{"v":1}', 'callId'],
    ['[]', 'body'],
  ])('tells what is wrong with %s', (body, words) => {
    expect(checkBody('decision', body)).toEqual({ problem: expect.stringContaining(words) });
  });
});
