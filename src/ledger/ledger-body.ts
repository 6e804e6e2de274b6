/**
 * What the body of each kind of entry says, by the version in its `v`. A version that was once written is never changed:
 * one that says more gets a number of its own, and its schema stands beside the old one.
 */
import { z } from 'zod';
import { outcomeCorrectionSchema } from '../policy/outcome-correction.ts';
import { outcomeRecordSchema } from '../policy/outcome-record.ts';
import { outcomeRecordV1Schema } from '../policy/outcome-record-v1.ts';
import { LEGAL_RULES } from '../policy/rules/ruling.ts';
import type { LedgerKind } from './ledger-entry.ts';

const isoTime = z.iso.datetime().describe('UTC, ISO 8601 with milliseconds');
const localDay = z.iso.date().describe("YYYY-MM-DD in the jurisdiction's time zone");
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256, hexadecimal');
const digest = z.string().min(1).describe('HMAC of a number, hexadecimal');
const v = z.literal(1);
const callId = z.string().min(1);

const position = z.strictObject({ chain: z.string(), seq: z.int().min(0), hash: sha256 });

const countedAs = z.strictObject({
  class: z.enum(['A', 'B']),
  as: z.enum(['agent', 'machine', 'callee-hung-up', 'silent']),
});

const countMove = z.strictObject({
  campaign: z.string(),
  controller: z.string(),
  day: localDay,
  from: countedAs.nullable(),
  to: countedAs.nullable(),
});

const lockMove = z.strictObject({
  scope: z.string(),
  digests: z.array(digest).min(1),
  move: z.enum(['set', 'lift', 'withdraw']),
  at: isoTime,
  until: isoTime.nullable(),
});

/** What moves: the call in its day's counts, and the locks of its number. */
const movesV1 = { count: countMove.nullable(), lock: lockMove.nullable() };

/** With what other countries' laws need: calls that are told of and in no class, and locks that end by the clock. */
const countedAsV2 = countedAs.extend({ class: z.enum(['A', 'B']).nullable() });
const moves = {
  count: countMove.extend({ from: countedAsV2.nullable(), to: countedAsV2.nullable() }).nullable(),
  lock: z
    .union([lockMove, lockMove.extend({ after: z.literal('free').describe('with a guaranteed agent until then') })])
    .nullable(),
};

const breach = z.strictObject({
  rule: z.enum(LEGAL_RULES),
  mode: z.enum(['observe', 'enforce']),
  citation: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  remedy: z.string(),
  retryAfterS: z.number().nullable(),
});

const decision = z.strictObject({
  v,
  callId,
  dialerCallId: z.string(),
  invitedAt: isoTime,
  day: localDay.describe('the day of the INVITE'),
  campaign: z.string(),
  controller: z.string(),
  digest: digest.describe('of the called number'),
  callerId: z.string().describe('the number shown to the called person'),
  agent: z.enum(['none', 'reserved', 'connected']),
  exception: z.strictObject({ basis: z.enum(['consent', 'contract']), reference: z.string() }).nullable(),
  policy: z.string().describe('name and version of the rules'),
  allowed: z.boolean(),
  breaches: z.array(breach).describe('in the order in which the rules are asked; observed ones too'),
});

const answer = z.strictObject({ v, callId, campaign: z.string(), answeredAt: isoTime, day: localDay });

const classV1 = z.strictObject({
  v,
  callId,
  at: isoTime,
  cause: z.enum(['agent-bridged', 'machine-reported', 'wait-over']),
  source: z.string().nullable().describe('how it became known, such as sip-info, http, freeswitch'),
  ...movesV1,
});

/** A call that goes on has its class. */
const classBody = classV1.extend({ v: z.literal(2), ...moves });

const outcomeV1 = z.strictObject({
  v,
  callId,
  controller: z.string(),
  digest: digest.nullable().describe('of the called number; null for a call that is not guarded'),
  day: localDay.nullable().describe('of the 2xx; null for a call that was not answered'),
  counted: countedAs.nullable().describe('what the call is counted as from here on, moved by this entry or before'),
  ...movesV1,
  // Without the number, even masked; an entry cannot hold its own hash.
  record: outcomeRecordV1Schema.omit({ number: true }).extend({ ledger: z.null() }),
});

/** With more evidence: the RTP stream of the ambience, monotonic times, the SIP exchange, the state of the clock. */
const outcome = outcomeV1.extend({
  v: z.literal(2),
  counted: countedAsV2.nullable(),
  ...moves,
  record: outcomeRecordSchema.omit({ number: true }).extend({ ledger: z.null() }),
});

const correctionV1 = z.strictObject({
  v,
  callId,
  ...movesV1,
  correction: outcomeCorrectionSchema.extend({ recallLock: outcomeRecordV1Schema.shape.recallLock.default(null) }),
});
const correction = correctionV1.extend({ v: z.literal(2), ...moves, correction: outcomeCorrectionSchema });

const startV1 = z.strictObject({
  v,
  version: z.string().describe('of Brusio'),
  process: z.string(),
  node: z.string().describe('version of Node'),
});

const start = startV1.extend({
  v: z.literal(2),
  reportKey: z
    .strictObject({
      algorithm: z.literal('Ed25519'),
      publicKey: z.string().describe('SubjectPublicKeyInfo, DER in Base64'),
      fingerprint: sha256.describe('of that DER'),
    })
    .describe('with which this process signs reports'),
});

const stop = z.strictObject({ v, version: z.string(), process: z.string() });

const settingsV1 = z.strictObject({
  v,
  name: z.enum(['policy', 'campaigns']),
  sha256: sha256.describe("of the content's canonical JSON"),
  content: z.json(),
});

/** With the rules that campaigns are run by (`campaign-policy.ts`). */
const settings = settingsV1.extend({ v: z.literal(2), name: z.enum(['policy', 'campaigns', 'campaign-policy']) });

const imported = z.strictObject({
  v,
  list: z.string(),
  controller: z.string(),
  checkedAt: isoTime.describe('when the register was consulted'),
  expiresAt: isoTime,
  fileName: z.string().nullable(),
  sha256: sha256.describe('of the file'),
  numbers: z.int().min(0),
  duplicates: z.int().min(0),
  malformed: z.int().min(0),
  keyId: z.string().describe('HMAC key under which its numbers are kept'),
});

const exported = z.strictObject({
  v,
  what: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  rows: z.int().min(0).nullable(),
  sha256: sha256.nullable().describe('of what was given out'),
});

const deletion = z.strictObject({
  v,
  what: z.string(),
  sha256: sha256.describe('of what was deleted, as the entry of its making has it'),
  keptUntil: localDay.describe('first local day on which that was allowed'),
});

const erasure = z.strictObject({
  v,
  cause: z.enum(['retention', 'request']),
  before: isoTime.nullable().describe('numbers of calls up to then were dropped; null: one number'),
  digests: z.array(digest).describe('of the one number, under every key that is kept; empty: by age'),
  controller: z.string().nullable().describe("of this controller's calls alone; null: of all"),
  numbers: z.int().min(0).describe('numbers in clear that were dropped'),
  webhooks: z.int().min(0).describe('webhooks that were dropped, in which they stood masked'),
});

const root = z.strictObject({
  v,
  day: localDay,
  heads: z.array(position).describe('the last entry of every chain, in the order of their names'),
  root: sha256.describe('of the canonical JSON {"day":…,"heads":…}'),
});

const timestamp = z.strictObject({
  v,
  root: position.describe('the root entry that was signed'),
  imprint: sha256.describe("what the authority signed: the entry's `root`"),
  authority: z.string().describe('its address'),
  time: isoTime.describe("the authority's time (genTime)"),
  serial: z.string().describe('serial number of the token, hexadecimal'),
  token: z.string().describe('TimeStampToken of RFC 3161, DER in Base64'),
});

/** The schema of each kind's body in its latest version: what is written. */
export const ledgerBodies = {
  start,
  stop,
  settings,
  decision,
  answer,
  class: classBody,
  outcome,
  correction,
  import: imported,
  export: exported,
  deletion,
  erasure,
  root,
  timestamp,
} as const satisfies Record<LedgerKind, z.ZodType>;

/** Earlier versions, oldest first: they were written once, and are read for ever. */
const formerBodies: Readonly<Partial<Record<LedgerKind, readonly z.ZodType[]>>> = {
  start: [startV1],
  settings: [settingsV1],
  class: [classV1],
  outcome: [outcomeV1],
  correction: [correctionV1],
};

/** The schema of a kind's body in one version; the latest where there is none such. */
export function bodySchemaOf(kind: LedgerKind, version: number): z.ZodType {
  return formerBodies[kind]?.[version - 1] ?? ledgerBodies[kind];
}

/** What the body of one kind says, in its latest version. */
export type LedgerBody<K extends LedgerKind> = z.infer<(typeof ledgerBodies)[K]>;
