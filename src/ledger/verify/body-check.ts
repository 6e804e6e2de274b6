/** Whether a body fits the schema of its kind, and the parts of it that are looked at further. */
import { z } from 'zod';
import { canonicalJson } from '../canonical-json.ts';
import { ledgerBodies } from '../ledger-body.ts';
import { type Json, LEDGER_KINDS, type LedgerKind } from '../ledger-entry.ts';
import { canonicalPattern, type JsonSchema } from './canonical-pattern.ts';

/** Texts of top-level values of a body, as they stand in it. */
export type BodyParts = { readonly [key: string]: string | undefined };

/** The parts, or in words what is wrong with the body. */
export type BodyCheck = { readonly parts: BodyParts } | { readonly problem: string };

/** Kinds of which there are as many as calls, and what of them is looked at. */
const FREQUENT: Readonly<Partial<Record<LedgerKind, readonly string[]>>> = {
  decision: ['callId', 'allowed', 'campaign', 'controller', 'day', 'invitedAt'],
  answer: ['callId'],
  class: ['callId', 'count', 'lock'],
  outcome: ['callId', 'count', 'lock', 'digest', 'record'],
  correction: ['callId', 'count', 'lock', 'correction'],
};

/** A check that has compiled its expressions; one a thread. */
export function createBodyCheck(): (kind: LedgerKind, body: string) => BodyCheck {
  const patterns = new Map<LedgerKind, RegExp>();
  for (const kind of LEDGER_KINDS) {
    const captured = FREQUENT[kind];
    if (captured === undefined) continue;
    patterns.set(kind, canonicalPattern(z.toJSONSchema(ledgerBodies[kind]) as JsonSchema, captured));
  }
  return (kind, body) => {
    const groups = patterns.get(kind)?.exec(body)?.groups;
    return groups === undefined ? parsedCheck(kind, body) : { parts: groups };
  };
}

function parsedCheck(kind: LedgerKind, body: string): BodyCheck {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { problem: 'its body is no JSON' };
  }
  const fit = ledgerBodies[kind].safeParse(parsed);
  if (!fit.success) {
    const [issue] = fit.error.issues;
    return { problem: `its body is none of a ${kind} entry: ${issue?.path.join('.') || 'body'}: ${issue?.message}` };
  }
  return {
    parts: Object.fromEntries(
      Object.entries(parsed as { [key: string]: Json }).map(([key, value]) => [key, canonicalJson(value)]),
    ),
  };
}
