import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { formerOutcomeDraft, sampleCallDrafts } from '../../testing/ledger-samples.ts';
import { canonicalJson } from '../canonical-json.ts';
import { ledgerBodies } from '../ledger-body.ts';
import type { LedgerKind } from '../ledger-entry.ts';
import { stamped } from '../stamped.ts';
import { checkBody, placeIn } from './body-check.ts';
import { canonicalPattern, type JsonSchema } from './canonical-pattern.ts';

const PATTERNED = ['decision', 'answer', 'class', 'outcome', 'correction'] as const;
const patternOf = (kind: LedgerKind) => canonicalPattern(z.toJSONSchema(ledgerBodies[kind]) as JsonSchema, []);
const samples = Array.from({ length: 101 }, (_, n) => sampleCallDrafts(n)).flat();

describe('a pattern over canonical JSON', () => {
  it('takes every entry that a call writes', () => {
    const patterns = new Map(PATTERNED.map((kind) => [kind as LedgerKind, patternOf(kind)]));
    for (const { kind, body } of samples) expect(canonicalJson(body)).toMatch(patterns.get(kind) ?? /^never$/);
  });

  it('gives the values of the properties that are asked for, without quotes, and none for null', () => {
    const object = (properties: Record<string, JsonSchema>): JsonSchema => ({ type: 'object', properties });
    const name: JsonSchema = { anyOf: [{ type: 'string' }, { type: 'null' }] };
    const schema = object({ a: name, b: object({ c: { type: 'integer' }, d: { type: 'null' }, e: name }), f: name });
    const pattern = canonicalPattern(schema, ['a', 'b', 'b_d…', 'b_e', 'f']);
    const [, ...groups] = pattern.exec('{"a":"null","b":{"c":1,"d":null,"e":"x"},"f":null}') ?? [];
    expect(groups).toEqual(['null', '{"c":1,"d":null,"e":"x"}', ',"e":"x"}', 'x', undefined]);
    expect(() => canonicalPattern(schema, ['f', 'a'])).toThrow('in the order of the text');
  });

  it.each([
    ['2028-02-29T23:59:59.999Z', true],
    ['2000-02-29T00:00:00.000Z', true],
    ['2026-02-29T00:00:00.000Z', false],
    ['2100-02-29T00:00:00.000Z', false],
    ['2026-04-31T00:00:00.000Z', false],
    ['2026-12-31T24:00:00.000Z', false],
    ['2026-12-31T23:59:60.000Z', false],
  ])('takes the time %s as the schema does: %s', (time, isTime) => {
    const schema = z.strictObject({ at: z.iso.datetime(), day: z.iso.date() });
    const pattern = canonicalPattern(z.toJSONSchema(schema) as JsonSchema, []);
    const body = { at: time, day: time.slice(0, 10) };
    expect(schema.shape.at.safeParse(time).success).toBe(isTime);
    expect(pattern.test(JSON.stringify(body))).toBe(isTime);
    expect(pattern.test(JSON.stringify({ ...body, at: '2026-01-01T00:00:00.000Z' }))).toBe(
      schema.shape.day.safeParse(body.day).success,
    );
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
  const partsOf = (kind: LedgerKind, body: string) => {
    const checked = checkBody(kind, body);
    return 'parts' in checked ? [...checked.parts] : checked.problem;
  };

  it('knows outcomes of version 1, and gives the same parts of them', () => {
    const draft = formerOutcomeDraft(1);
    const body = canonicalJson(draft.body);
    const parts = partsOf('outcome', body);
    expect(parts[placeIn('outcome', 'callId')]).toBe(draft.callId);
    expect(parts[placeIn('outcome', 'record_class')]).toBe('A');
    expect(checkBody('outcome', body.replace('"v":1}', '"v":2}'))).toEqual({
      problem: expect.stringContaining('record'),
    });
    expect(checkBody('outcome', body.replace('"v":1}', '"v":3}'))).toEqual({
      problem: expect.stringContaining(': v:'),
    });
  });

  it('knows decisions of version 1, which say nothing of opt-outs', () => {
    const draft = samples.find(({ kind, body }) => kind === 'decision' && JSON.stringify(body).includes('roc'));
    const body = canonicalJson({ ...draft?.body, v: 1, exception: { basis: 'consent', reference: 'crm-1' } } as never);
    expect(checkBody('decision', body)).toHaveProperty('parts');
    expect(checkBody('decision', body.replace('"rule":"roc"', '"rule":"opt-out"'))).toHaveProperty('problem');
    expect(checkBody('decision', body.replace('"v":1}', '"v":2}'))).toEqual({
      problem: expect.stringContaining('exception.since'),
    });
  });

  it('gives the same parts where the pattern gives up, of texts with escapes', () => {
    for (const { kind, body } of samples) {
      const text = canonicalJson(body);
      // The same body, but with a space that only a parser takes.
      expect(partsOf(kind, ` ${text}`).slice(1)).toEqual(partsOf(kind, text).slice(1));
    }
    const draft = samples.find(({ kind }) => kind === 'decision');
    const parts = partsOf('decision', canonicalJson({ ...draft?.body, campaign: 'say "luce"\n' }));
    expect(parts[placeIn('decision', 'campaign')]).toBe('say "luce"\n');
    expect(parts[placeIn('decision', 'callId')]).toBe(draft?.callId);
  });

  it('finds the place of the position in a record where `stamped` does', () => {
    const position = { chain: 'guard-1', seq: 7, hash: 'ab'.repeat(32) };
    for (const { body } of samples.filter(({ kind }) => kind === 'outcome')) {
      const parts = partsOf('outcome', canonicalJson(body));
      const [record, behind] = [parts[placeIn('outcome', 'record')], parts[placeIn('outcome', 'record_ledger…')]];
      expect(record?.endsWith(`"ledger":null${behind}`)).toBe(true);
      expect(stamped(record ?? '', position).endsWith(`${position.seq}}${behind}`)).toBe(true);
    }
  });

  it.each([
    ['{"v":1', 'no JSON'],
    ['{"v":1}', 'callId'],
    ['[]', 'body'],
  ])('tells what is wrong with %s', (body, words) => {
    expect(checkBody('decision', body)).toEqual({ problem: expect.stringContaining(words) });
  });
});
