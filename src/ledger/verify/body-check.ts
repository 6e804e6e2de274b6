/** Whether a body fits the schema of its kind, and the parts of it that are looked at further. */
import { z } from 'zod';
import { canonicalJson } from '../canonical-json.ts';
import { bodySchemaOf } from '../ledger-body.ts';
import type { Json, LedgerKind } from '../ledger-entry.ts';
import { BEHIND, canonicalPattern, type JsonSchema } from './canonical-pattern.ts';

/**
 * What is looked at of kinds of which there are as many as calls: properties by their names, those deeper within by their path
 * (`record_times_ended`), in the order of canonical JSON.
 */
const LOOKED_AT = {
  decision: ['allowed', 'callId', 'campaign', 'controller', 'day', 'invitedAt'],
  answer: ['callId'],
  class: ['callId', 'count', 'lock'],
  outcome: [
    ...['callId', 'controller', 'count', 'counted_as', 'day', 'digest', 'lock', 'record', 'record_callId'],
    ...['record_campaign', 'record_class', 'record_dialerReference', 'record_handling', 'record_kind'],
    `record_ledger${BEHIND}`,
    ...['record_network', 'record_sip_carrierCallId', 'record_sip_dialerCallId'],
    ...['record_times_answered', 'record_times_ended', 'record_times_invited'],
  ],
  correction: ['callId', 'count', 'lock'],
  'opt-out': ['callId'],
} as const satisfies Partial<Record<LedgerKind, readonly string[]>>;

/** By version, compiled at first use, once a thread. */
type Frequent = { readonly captured: readonly string[]; readonly patterns: (RegExp | undefined)[] };

const FREQUENT: ReadonlyMap<LedgerKind, Frequent> = new Map(
  (Object.keys(LOOKED_AT) as (keyof typeof LOOKED_AT)[]).map((kind) => [
    kind,
    { captured: LOOKED_AT[kind], patterns: [] },
  ]),
);

/**
 * Values of a body: a string's text, anything else's JSON, undefined for null. Where each stands tells `placeIn`; the first is
 * the whole body.
 */
export type BodyParts = readonly (string | undefined)[];

/** The parts, or in words what is wrong with the body. */
export type BodyCheck = { readonly parts: BodyParts } | { readonly problem: string };

/** The place of a value among the parts of a body of that kind. */
export function placeIn<K extends keyof typeof LOOKED_AT>(kind: K, path: (typeof LOOKED_AT)[K][number]): number {
  return (LOOKED_AT[kind] as readonly string[]).indexOf(path) + 1;
}

function compiled(kind: LedgerKind, version: number, { captured, patterns }: Frequent): RegExp {
  const pattern = canonicalPattern(z.toJSONSchema(bodySchemaOf(kind, version)) as JsonSchema, captured);
  patterns[version] = pattern;
  return pattern;
}

/** Of a frequent kind: there `v` is the last of all keys in their canonical order. 1 where it is none of a digit. */
function versionIn(body: string): number {
  const digit = body.charCodeAt(body.length - 2) - 0x30;
  return digit >= 1 && digit <= 9 && body.endsWith('}') && body.startsWith('"v":', body.length - 6) ? digit : 1;
}

/** See {@link BodyCheck}. */
export function checkBody(kind: LedgerKind, body: string): BodyCheck {
  const frequent = FREQUENT.get(kind);
  if (frequent === undefined) return parsedCheck(kind, body);
  const version = versionIn(body);
  const parts = (frequent.patterns[version] ?? compiled(kind, version, frequent)).exec(body);
  return parts === null ? parsedCheck(kind, body) : { parts };
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
  return { parts: [body, ...(FREQUENT.get(kind)?.captured ?? []).map((path) => partAt(parsed, path))] };
}

function partAt(body: unknown, path: string): string | undefined {
  if (path.endsWith(BEHIND)) return textBehind(body, path.slice(0, -BEHIND.length));
  let value = body;
  for (const key of path.split('_')) value = (value as { [key: string]: unknown } | null)?.[key] ?? null;
  if (value === null) return undefined;
  return typeof value === 'string' ? value : canonicalJson(value as Json);
}

/** The canonical text behind a property that is null. */
function textBehind(body: unknown, path: string): string | undefined {
  const [key = '', ...outer] = path.split('_').reverse();
  const object = partAt(body, outer.reverse().join('_'));
  const property = `${JSON.stringify(key)}:null`;
  const at = object?.indexOf(property) ?? -1;
  return at === -1 ? undefined : object?.slice(at + property.length);
}
