/** What the rules of law said of an INVITE, as an entry has it. */
import { z } from 'zod';
import { LEGAL_RULES } from '../policy/rules/ruling.ts';
import { callId, digest, isoTime, localDay } from './body-words.ts';

/** The rules that decisions of version 1 know. */
const RULES_V1 = [
  ...(['campaign-dates', 'roc', 'declared-caller-id', 'calling-hours', 'screening', 'recall-lock'] as const),
  ...(['guaranteed-agent', 'frequency', 'abandonment-budget'] as const),
] as const;

const breachV1 = z.strictObject({
  rule: z.enum(RULES_V1),
  mode: z.enum(['observe', 'enforce']),
  citation: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  remedy: z.string(),
  retryAfterS: z.number().nullable(),
});

const exceptionV1 = z.strictObject({ basis: z.enum(['consent', 'contract']), reference: z.string() });

/** Version 1. */
export const decisionV1 = z.strictObject({
  v: z.literal(1),
  callId,
  dialerCallId: z.string(),
  invitedAt: isoTime,
  day: localDay.describe('the day of the INVITE'),
  campaign: z.string(),
  controller: z.string(),
  digest: digest.describe('of the called number'),
  callerId: z.string().describe('the number shown to the called person'),
  agent: z.enum(['none', 'reserved', 'connected']),
  exception: exceptionV1.nullable(),
  policy: z.string().describe('name and version of the rules'),
  allowed: z.boolean(),
  breaches: z.array(breachV1).describe('in the order in which the rules are asked; observed ones too'),
});

/** Version 2, with the rule of opt-outs, and since when there is a consent. */
export const decision = decisionV1.extend({
  v: z.literal(2),
  exception: exceptionV1.extend({ since: isoTime.nullable() }).nullable(),
  breaches: z
    .array(breachV1.extend({ rule: z.enum(LEGAL_RULES) }))
    .describe('in the order in which the rules are asked; observed ones too'),
});
