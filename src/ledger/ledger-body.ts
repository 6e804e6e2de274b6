/**
 * What the body of each kind of entry says, by the version in its `v`. A version that was once written is never changed:
 * one that says more gets a number of its own, and its schema stands beside the old one.
 */
import { z } from 'zod';
import { OPT_OUT_SOURCES } from '../policy/opt-out-source.ts';
import { outcomeCorrectionSchema } from '../policy/outcome-correction.ts';
import { outcomeRecordSchema } from '../policy/outcome-record.ts';
import { outcomeRecordV1Schema } from '../policy/outcome-record-v1.ts';
import { callId, digest, isoTime, localDay, sha256 } from './body-words.ts';
import { decision, decisionV1 } from './decision-body.ts';
import type { LedgerKind } from './ledger-entry.ts';

const v = z.literal(1);

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
const countedAsV2 = z.strictObject({
  class: z.enum(['A', 'B']).nullable(),
  as: z.enum([...countedAs.shape.as.options, 'machine-heard']),
});
const moves = {
  count: countMove.extend({ from: countedAsV2.nullable(), to: countedAsV2.nullable() }).nullable(),
  lock: z
    .union([lockMove, lockMove.extend({ after: z.literal('free').describe('with a guaranteed agent until then') })])
    .nullable(),
};

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

const optOut = z.strictObject({
  v,
  callId: callId.nullable().describe('the call in which it was said; null: told by the number'),
  move: z.enum(['add', 'remove']),
  scope: z.string().min(1).describe('the controller, or * for the whole installation'),
  digest: digest.describe('of the number'),
  at: isoTime.describe('when it was said, or written down'),
  source: z.enum(OPT_OUT_SOURCES),
  reference: z.string().nullable().describe('where that can be looked up; of a key the outcome has it'),
  removes: z
    .array(z.strictObject({ chain: z.string(), seq: z.int().min(1) }))
    .describe('the entries that it takes back: all others stand, whichever came first'),
});

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

const deletionV1 = z.strictObject({
  v,
  what: z.string(),
  sha256: sha256.describe('of what was deleted, as the entry of its making has it'),
  keptUntil: localDay.describe('first local day on which that was allowed'),
});

/** Of what no law keeps too, such as a list that was imported for somebody else. */
const deletion = deletionV1.extend({
  v: z.literal(2),
  keptUntil: deletionV1.shape.keptUntil.nullable().describe('null: on any'),
  reference: z.string().nullable().describe('why, where somebody said so'),
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

const rootV1 = z.strictObject({
  v,
  day: localDay,
  heads: z.array(position).describe('the last entry of every chain, in the order of their names'),
  root: sha256.describe('of the canonical JSON {"day":…,"heads":…}'),
});

/** With a tree over each chain (`tree/chain-tree.ts`), in which any entry can be shown to be by a few hashes. */
const root = rootV1.extend({
  v: z.literal(2),
  heads: z
    .array(position.extend({ tree: sha256.describe('of the Merkle tree (RFC 6962 §2.1) over entries 1 to `seq`') }))
    .describe('the last entry of every chain, in the order of their names'),
  peaks: z
    .record(z.string(), z.array(sha256))
    .describe(
      "by chain: the whole subtrees of the tree's full leaves, the largest first, for the next root to go on from",
    ),
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
  'opt-out': optOut,
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
  decision: [decisionV1],
  class: [classV1],
  outcome: [outcomeV1],
  correction: [correctionV1],
  deletion: [deletionV1],
  root: [rootV1],
};

/** The schema of a kind's body in one version; the latest where there is none such. */
export function bodySchemaOf(kind: LedgerKind, version: number): z.ZodType {
  return formerBodies[kind]?.[version - 1] ?? ledgerBodies[kind];
}

/** What the body of one kind says, in its latest version. */
export type LedgerBody<K extends LedgerKind> = z.infer<(typeof ledgerBodies)[K]>;

/** A root of any version. */
export type AnyRoot = LedgerBody<'root'> | z.infer<typeof rootV1>;
