/** One call's story: everything that is known of it, in the order in which it is asked. Pure. */
import { z } from 'zod';
import { toIso, type WallMs } from '../../base/clock.ts';
import { isoLocal } from '../../base/iso-local.ts';
import { knownJurisdiction } from '../../policy/jurisdictions/chosen-jurisdiction.ts';
import { type CorrectedOutcome, correctedOutcomeSchema } from '../../policy/outcome-correction.ts';
import { LEGAL_RULES } from '../../policy/rules/ruling.ts';
import type { LedgerBody } from '../ledger-body.ts';
import { LEDGER_KINDS } from '../ledger-entry.ts';
import { REPORT_LANGUAGES, type ReportLanguage } from '../report/report-language.ts';
import type { CheckedEntry, LaterCall, StoryEvidence } from './story-evidence.ts';
import { verdictOf } from './story-verdict.ts';

const time = z.iso.datetime().describe('UTC');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What may happen in a call. */
export const STORY_STEPS = [
  'invited',
  'ringing',
  'answered',
  'ambience',
  'callee-media',
  'bridged',
  'agent-media',
  'wait-over',
  'ended',
] as const;

const step = z.strictObject({
  step: z.enum(STORY_STEPS),
  at: time,
  local: z.string().describe('by the clocks of the time zone, with its offset'),
  sinceInviteMs: z.number().nullable().describe('by a clock that never steps; null: not known by it'),
});

const rule = z.strictObject({
  rule: z.enum(LEGAL_RULES),
  mode: z.enum(['off', 'observe', 'enforce']).nullable().describe('null: the ledger does not say'),
  result: z.enum(['kept', 'breached', 'not-asked', 'unknown']),
  citation: z.string().nullable(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
  remedy: z.string().nullable(),
});

const place = { chain: z.string(), seq: z.int().min(1) };

/** The story. */
export const callStorySchema = z.strictObject({
  format: z.literal('brusio-call-story@1'),
  callId: z.string(),
  madeAt: time,
  language: z.enum(REPORT_LANGUAGES).describe('of `verdict.why`'),
  timeZone: z.string(),
  controller: z.string(),
  digest: z.string().nullable().describe('of the called number'),
  outcome: correctedOutcomeSchema.describe('as it stands, with its corrections'),
  steps: z.array(step).describe('in the order of time'),
  decision: z
    .strictObject({
      at: time,
      allowed: z.boolean(),
      policy: z.string(),
      agent: z.enum(['none', 'reserved', 'connected']).describe('what the INVITE said of an agent'),
      exception: z
        .strictObject({
          basis: z.enum(['consent', 'contract']),
          reference: z.string(),
          since: time.nullable().optional().describe('since when there is one; absent: of a decision of version 1'),
        })
        .nullable(),
      rules: z.array(rule).describe('in the order in which they are asked'),
    })
    .nullable()
    .describe('what the rules of law said of the INVITE; null: they were not asked'),
  verdict: z.strictObject({
    class: z.enum(['A', 'B']).nullable(),
    why: z.string(),
    citation: z.string().nullable(),
    reading: z.string().nullable().describe('where the text leaves room, what is read in it'),
    fromMemory: z.boolean().describe('the source was not looked up again'),
  }),
  locks: z
    .array(
      z.strictObject({
        move: z.enum(['set', 'lift', 'withdraw']),
        at: time,
        until: time.nullable(),
        callId: z.string().describe('the call whose entry says it: this one, or a later one'),
        ...place,
      }),
    )
    .describe("what became of the lock that the call set on its number, and of the number's locks that it lifted"),
  laterCalls: z
    .array(
      z.strictObject({
        callId: z.string(),
        at: time,
        campaign: z.string(),
        network: z.string(),
        handling: z.string(),
        class: z.enum(['A', 'B']).nullable(),
        breached: z.array(z.strictObject({ rule: z.string(), mode: z.enum(['observe', 'enforce']) })),
        lifted: z.boolean().describe('it was bridged, which ended the lock'),
      }),
    )
    .describe('calls to the number since, up to the one that ended its lock'),
  laterLeftOut: z.boolean().describe('there were more'),
  entries: z.array(
    z.strictObject({
      ...place,
      kind: z.enum(LEDGER_KINDS),
      at: time,
      hash: sha256,
      prevHash: sha256.nullable(),
      problem: z.string().nullable().describe('null: hash, body and row were recomputed and are as they were written'),
    }),
  ),
  webhooks: z.array(
    z.strictObject({
      id: z.string(),
      type: z.string(),
      endpoint: z.string(),
      createdAt: time,
      deliveredAt: time.nullable(),
      givenUpAt: time.nullable(),
      attempts: z.int().min(0),
      problem: z.string().nullable(),
    }),
  ),
});

/** The story. */
export type CallStory = z.infer<typeof callStorySchema>;

/** Where no rules say in which zone days are counted. */
const UNKNOWN_ZONE = 'UTC';

/** The story that the evidence tells. */
export function callStory(evidence: StoryEvidence, language: ReportLanguage, madeAt: WallMs): CallStory {
  const { outcome, controller, digest, entries, webhooks, later, laterLeftOut } = evidence;
  const law = knownJurisdiction(outcome.policy);
  const timeZone = law?.timeZone ?? UNKNOWN_ZONE;
  const decision = decisionOf(evidence);
  return {
    format: 'brusio-call-story@1',
    callId: outcome.callId,
    madeAt: toIso(madeAt),
    ...{ language, timeZone, controller, digest, outcome },
    steps: stepsOf(outcome, timeZone),
    decision,
    verdict: verdictOf(outcome, decision, law, language),
    locks: [...entries, ...later.flatMap((call) => call.entries)].flatMap(lockOf),
    ...laterOf(later, laterLeftOut),
    entries: entries.map(({ chain, seq, kind, at, hash, prevHash, problem }) => ({
      ...{ chain, seq, kind, at: toIso(at), hash, prevHash, problem },
    })),
    webhooks: webhooks.map(({ createdAt, deliveredAt, deadAt, ...rest }) => ({
      ...rest,
      createdAt: toIso(createdAt),
      deliveredAt: deliveredAt === null ? null : toIso(deliveredAt),
      givenUpAt: deadAt === null ? null : toIso(deadAt),
    })),
  };
}

function stepsOf({ times, teardown, comfortNoise, media, sinceInviteMs }: CorrectedOutcome, timeZone: string) {
  const since = sinceInviteMs ?? null;
  const steps = [
    ['invited', times.invited, since === null ? null : 0],
    ['ringing', times.ringing, since?.ringing],
    ['answered', times.answered, since?.answered],
    ['ambience', comfortNoise?.startedAt, since?.ambience],
    ['callee-media', media?.firstFromCallee, null],
    ['bridged', times.bridged, since?.bridged],
    ['agent-media', media?.firstToCallee, since?.agentMedia],
    ['wait-over', teardown?.dueAt, null],
    ['ended', times.ended, since?.ended],
  ] as const;
  return steps
    .flatMap(([name, at, ms]) =>
      at === null || at === undefined
        ? []
        : [{ step: name, at, local: isoLocal(timeZone, Date.parse(at) as WallMs), sinceInviteMs: ms ?? null }],
    )
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

function bodyOf<K extends 'decision' | 'outcome'>(entries: readonly CheckedEntry[], kind: K): LedgerBody<K> | null {
  const entry = entries.find((one) => one.kind === kind);
  return entry === undefined ? null : (JSON.parse(entry.body) as LedgerBody<K>);
}

function decisionOf({ entries, modes }: StoryEvidence): CallStory['decision'] {
  const body = bodyOf(entries, 'decision');
  if (body === null) return null;
  const { invitedAt: at, allowed, policy, agent, exception, breaches } = body;
  const rules = LEGAL_RULES.map((name): z.infer<typeof rule> => {
    const breach = breaches.find((one) => one.rule === name);
    if (breach === undefined) {
      const mode = modes?.[name] ?? null;
      const result = mode === null ? 'unknown' : mode === 'off' ? 'not-asked' : 'kept';
      return { rule: name, mode, result, citation: null, facts: null, remedy: null };
    }
    const { mode, citation, facts, remedy } = breach;
    return { rule: name, mode, result: 'breached', citation, facts, remedy };
  });
  return { at, allowed, policy, agent, exception, rules };
}

type Lock = NonNullable<LedgerBody<'class'>['lock']>;

function lockOf({ kind, body, callId, chain, seq }: CheckedEntry): CallStory['locks'] {
  if (kind !== 'class' && kind !== 'outcome' && kind !== 'correction') return [];
  const { lock } = JSON.parse(body) as { readonly lock: Lock | null };
  return lock === null ? [] : [{ move: lock.move, at: lock.at, until: lock.until, callId, chain, seq }];
}

function laterOf(later: readonly LaterCall[], leftOut: boolean): Pick<CallStory, 'laterCalls' | 'laterLeftOut'> {
  const calls = later.map(({ outcome, entries }) => ({
    callId: outcome.callId,
    at: outcome.times.invited,
    campaign: outcome.campaign,
    ...{ network: outcome.network, handling: outcome.handling, class: outcome.class },
    breached: (bodyOf(entries, 'decision')?.breaches ?? []).map(({ rule: name, mode }) => ({ rule: name, mode })),
    lifted: entries.flatMap(lockOf).some(({ move }) => move === 'lift'),
  }));
  const end = calls.findIndex(({ lifted }) => lifted);
  return end === -1
    ? { laterCalls: calls, laterLeftOut: leftOut }
    : { laterCalls: calls.slice(0, end + 1), laterLeftOut: false };
}
