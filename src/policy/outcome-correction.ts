/**
 * What a disposition changes that comes after its call's end. The outcome that was recorded stays as it is; a correction
 * is an entry of its own after it, and the latest one counts. Pure.
 */
import { z } from 'zod';
import type { WallMs } from '../base/clock.ts';
import { toIso } from '../base/clock.ts';
import type { Disposition } from '../call/call-facts.ts';
import type { CountedAs } from '../ledger/ledger-entry.ts';
import { CORRECTION_PERIOD_MS } from './correction-period.ts';
import { lockMomentsIn, recallLockOf } from './count-move.ts';
import { type AnsweredCall, judged } from './counted-as.ts';
import type { Jurisdiction } from './jurisdictions/jurisdiction.ts';
import { verdictOn } from './outcome.ts';
import { type OutcomeRecord, outcomeRecordSchema } from './outcome-record.ts';

/** Corrections of one call: a dialer that changes its mind more often than this is at odds with itself. */
export const CORRECTIONS_MAX = 10;

const verdictSchema = outcomeRecordSchema.pick({
  answeredBy: true,
  answeredByMethod: true,
  handling: true,
  class: true,
});

/** One correction of an outcome. */
export const outcomeCorrectionSchema = z.strictObject({
  sequence: z.int().min(2).describe('position among the events of this call; the outcome itself is 1'),
  at: z.iso.datetime().describe('when the report came, UTC'),
  cause: z.literal('disposition').describe('why: the dialer reported what it had found'),
  source: z.string().describe('how it was reported, such as http, freeswitch'),
  from: verdictSchema.describe('what was recorded before'),
  to: verdictSchema.describe('what counts from here on'),
  recallLock: outcomeRecordSchema.shape.recallLock
    .default(null)
    .describe("the number's lock by what counts from here on; null: the call was no silent one"),
});

/** One correction of an outcome. */
export type OutcomeCorrection = z.infer<typeof outcomeCorrectionSchema>;

/** The fields of an outcome that a disposition may change. */
type Verdict = OutcomeCorrection['to'];

/** An outcome as it stands after its corrections, and what they were, oldest first. */
export const correctedOutcomeSchema = outcomeRecordSchema.extend({ corrections: z.array(outcomeCorrectionSchema) });

/** An outcome as it stands after its corrections. */
export type CorrectedOutcome = z.infer<typeof correctedOutcomeSchema>;

/** Why a call's outcome is not corrected. */
export type CorrectionRefusal = 'not-answered' | 'too-late' | 'too-many-corrections';

/** What a disposition does to an outcome. */
export type CorrectionDecision =
  | { readonly decision: 'correct'; readonly correction: OutcomeCorrection }
  /** It says what is recorded already. */
  | { readonly decision: 'unchanged' }
  | { readonly decision: 'refuse'; readonly why: CorrectionRefusal };

/** The outcome with its corrections laid over it; these in the order of their sequence. */
export function withCorrections(record: OutcomeRecord, corrections: readonly OutcomeCorrection[]): CorrectedOutcome {
  const last = corrections.at(-1);
  if (last === undefined) return { ...record, corrections: [] };
  // Rows of a time before locks say nothing of one.
  const { to, sequence, recallLock = null }: Omit<OutcomeCorrection, 'recallLock'> & Partial<OutcomeCorrection> = last;
  return { ...record, ...to, sequence, recallLock, corrections: [...corrections] };
}

/**
 * Whether a disposition that was reported `at` corrects the outcome, and how.
 *
 * @param outcome as it stands, earlier corrections included
 */
export function decideCorrection(
  outcome: CorrectedOutcome,
  disposition: Disposition,
  at: WallMs,
  jurisdiction: Jurisdiction,
): CorrectionDecision {
  if (outcome.times.answered === null) return { decision: 'refuse', why: 'not-answered' };
  const to = correctedOutcome(outcome, disposition, jurisdiction);
  const from = verdictOf(outcome);
  // First, so that whoever repeats what was taken is told so, however late.
  if (isSame(from, to)) return { decision: 'unchanged' };
  if (at - Date.parse(outcome.times.ended) > CORRECTION_PERIOD_MS) return { decision: 'refuse', why: 'too-late' };
  if (outcome.corrections.length >= CORRECTIONS_MAX) return { decision: 'refuse', why: 'too-many-corrections' };
  const { source } = disposition;
  const sequence = outcome.sequence + 1;
  const counted = countIn({ ...outcome, ...to }, jurisdiction);
  const recallLock = recallLockOf(counted, lockMomentsIn(outcome, at), jurisdiction);
  const correction = { sequence, at: toIso(at), cause: 'disposition', source, from, to, recallLock } as const;
  return { decision: 'correct', correction };
}

/** What an answered call's outcome says once the dialer has reported this, by the same rule as if it had before the end. */
export function correctedOutcome(
  record: OutcomeRecord,
  { answeredBy, method }: Pick<Disposition, 'answeredBy' | 'method'>,
  jurisdiction: Jurisdiction,
): Verdict {
  const { handling, class: outcomeClass } = verdictOn({ ...answeredCallIn(record), answeredBy }, jurisdiction);
  // Who says the same again without saying how they know takes no method away.
  const answeredByMethod = method ?? (answeredBy === record.answeredBy ? record.answeredByMethod : null);
  return { answeredBy, answeredByMethod, handling, class: outcomeClass };
}

/**
 * How a recorded call counts, as it stands; null: not at all. Its class is what it was given then.
 *
 * @param outcome latest correction laid over it
 */
export function countIn(outcome: OutcomeRecord, jurisdiction: Jurisdiction): CountedAs | null {
  if (outcome.times.answered === null) return null;
  const { counted } = judged(answeredCallIn(outcome), jurisdiction);
  return counted === null ? null : { class: outcome.class, as: counted.as };
}

/** What a recorded call that was answered is judged by. */
function answeredCallIn(record: OutcomeRecord): AnsweredCall {
  const isBridged = record.times.bridged !== null;
  return {
    relayed: record.handling === 'relayed',
    answeredBy: record.answeredBy,
    greeting: record.greeting,
    announced: record.announcement !== null,
    agentAfterMs: isBridged ? record.waitMs : null,
    // Outcomes of version 0.1 say nothing of it: those calls were torn down, so no agent came later.
    wasOverdue: (record.teardown ?? null) !== null,
    calleeHungUpAfterMs: !isBridged && record.endCause === 'callee-hung-up' ? record.waitMs : null,
  };
}

function verdictOf({ answeredBy, answeredByMethod, handling, class: outcomeClass }: OutcomeRecord): Verdict {
  return { answeredBy, answeredByMethod, handling, class: outcomeClass };
}

function isSame(one: Verdict, other: Verdict): boolean {
  return (
    one.answeredBy === other.answeredBy &&
    one.answeredByMethod === other.answeredByMethod &&
    one.handling === other.handling &&
    one.class === other.class
  );
}
