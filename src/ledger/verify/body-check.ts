/** Whether a body fits the schema of its kind, and the parts of it that are looked at further. */
import { z } from 'zod';
import { canonicalJson } from '../canonical-json.ts';
import { bodySchemaOf } from '../ledger-body.ts';
import type { Json, LedgerKind } from '../ledger-entry.ts';
import { canonicalPattern, type JsonSchema } from './canonical-pattern.ts';
import { OUTCOME_COLUMNS, OUTCOME_TIMES } from './outcome-check.ts';

/**
 * Texts of values of a body, as they stand in it; by their names, those deeper within by their path (`record_times_ended`).
 */
export type BodyParts = { readonly [key: string]: string | undefined };

/** The parts, or in words what is wrong with the body. */
export type BodyCheck = { readonly parts: BodyParts } | { readonly problem: string };

/** Kinds of which there are as many as calls, and what of them is looked at. */
const FREQUENT: Readonly<Partial<Record<LedgerKind, readonly string[]>>> = {
  decision: ['callId', 'allowed', 'campaign', 'controller', 'day', 'invitedAt'],
  answer: ['callId'],
  class: ['callId', 'count', 'lock'],
  outcome: [
    'callId',
    'count',
    'lock',
    'counted',
    'record',
    ...Object.values(OUTCOME_COLUMNS),
    ...Object.values(OUTCOME_TIMES),
  ],
  correction: ['callId', 'count', 'lock'],
};

/** By kind and version, compiled at first use, once a thread. */
const patterns = new Map<string, RegExp>();

function patternOf(kind: LedgerKind, version: number, captured: readonly string[]): RegExp {
  const key = `${kind} ${version}`;
  const known = patterns.get(key);
  if (known !== undefined) return known;
  const pattern = canonicalPattern(z.toJSONSchema(bodySchemaOf(kind, version)) as JsonSchema, captured);
  patterns.set(key, pattern);
  return pattern;
}

/** Of a frequent kind: there `v` is the last of all keys in their canonical order. 1 where it is none of a digit. */
function versionIn(body: string): number {
  return /"v":([1-9])\}$/.test(body) ? Number(body.at(-2)) : 1;
}

/** See {@link BodyCheck}. */
export function checkBody(kind: LedgerKind, body: string): BodyCheck {
  const captured = FREQUENT[kind];
  const groups = captured === undefined ? undefined : patternOf(kind, versionIn(body), captured).exec(body)?.groups;
  return groups === undefined ? parsedCheck(kind, body) : { parts: groups };
}

function parsedCheck(kind: LedgerKind, body: string): BodyCheck {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { problem: 'its body is no JSON' };
  }
  const { v } = (parsed ?? {}) as { readonly v?: unknown };
  // Where it is none the schema says what is wrong.
  const fit = bodySchemaOf(kind, typeof v === 'number' ? v : 1).safeParse(parsed);
  if (!fit.success) {
    const [issue] = fit.error.issues;
    return { problem: `its body is none of a ${kind} entry: ${issue?.path.join('.') || 'body'}: ${issue?.message}` };
  }
  const captured = FREQUENT[kind] ?? [];
  return { parts: Object.fromEntries(captured.map((path) => [path, partAt(parsed, path)])) };
}

function partAt(body: unknown, path: string): string {
  let value = body;
  for (const key of path.split('_')) value = (value as { [key: string]: unknown } | null)?.[key] ?? null;
  return canonicalJson(value as Json);
}
