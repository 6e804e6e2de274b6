/** From a row of a CDR file to the call that it tells of, by a mapping. Pure. */
import type { WallMs } from '../../base/clock.ts';
import { ok, type Result, refused } from '../../base/result.ts';
import type { NetworkAxis } from '../../policy/network-axis.ts';
import { isE164, type NumberPlan, toE164 } from '../../policy/telephone-number.ts';
import type { CdrMapping, ColumnRef, MappingProblem } from './mapping.ts';
import { columnsOf } from './mapping.ts';
import { type CodedOutcome, outcomeReader } from './outcome-code.ts';
import { readDuration } from './rounding.ts';
import { timeReader } from './time-format.ts';

/** A moment, and the later one where the clocks show it twice. */
export type CarrierMoment = { readonly at: WallMs; readonly later: WallMs | null };

/** What a carrier says of a call. */
export type CarrierCall = {
  /** E.164 with its plus. */
  readonly number: string;
  readonly start: CarrierMoment | null;
  readonly answer: CarrierMoment | null;
  readonly end: CarrierMoment | null;
  readonly durationMs: number | null;
  readonly network: NetworkAxis;
  readonly callId: string | null;
  /** Its code and its answer time or duration contradict each other. */
  readonly contradictory: boolean;
  /** A code that says nothing to anybody; null: there is none. */
  readonly unknownCode: string | null;
};

/** Why a row tells of no call. */
export type RowFault =
  | 'too-few-columns'
  | 'no-number'
  | 'not-a-number'
  | 'no-time'
  | 'not-a-time'
  | 'skipped-hour'
  | 'not-a-duration';

/** What a row says: a call, a fault, or `other`: the mapping leaves it out. */
export type ReadRow = CarrierCall | RowFault | 'other';

/** Where the settings stand in for what a mapping leaves open. */
export type MappingDefaults = {
  readonly plan: NumberPlan;
  /** Of the jurisdiction. */
  readonly timeZone: string;
};

/**
 * @param heading the first line's fields; null: the file has none
 * @returns refused: columns that the heading does not have
 */
export function rowReader(
  mapping: CdrMapping,
  heading: readonly string[] | null,
  defaults: MappingDefaults,
): Result<(fields: readonly string[]) => ReadRow, readonly MappingProblem[]> {
  const places = columnsOf(mapping).map(({ path, column }) => ({ path, column, at: placeOf(column, heading) }));
  const missing = places.filter(({ at }) => at === -1);
  if (missing.length > 0) {
    const has = (heading ?? []).map((name) => `"${name}"`).join(', ');
    return refused(missing.map(({ path, column }) => ({ path, message: `no column "${column}"; there are ${has}` })));
  }
  const at = (ref: ColumnRef) => placeOf(ref, heading);
  const leastFields = Math.max(...places.filter(({ path }) => !path.startsWith('rows.')).map((place) => place.at)) + 1;
  const conditions = mapping.rows.only.map(({ column, is }) => ({ at: at(column), is: new Set(is) }));
  const numberAt = at(mapping.number.column);
  const numberOf = numberReader(mapping.number, defaults.plan);
  const readTime = timeReader(mapping.times.format, mapping.times.zone ?? defaults.timeZone);
  const timesAt = (ref: CdrMapping['times']['start']) => (ref === null ? null : [ref].flat().map(at));
  const [startAt, answerAt, endAt] = [mapping.times.start, mapping.times.answer, mapping.times.end].map(timesAt);
  const { duration, outcome } = mapping;
  const durationAt = duration === null ? -1 : at(duration.column);
  const outcomeAt = outcome === null ? -1 : at(outcome.column);
  const callIdAt = mapping.callId === null ? -1 : at(mapping.callId);
  const coded = outcome === null ? null : outcomeReader(outcome.codes, outcome.map);

  function momentAt(places: readonly number[] | null | undefined, fields: readonly string[]) {
    if (places === null || places === undefined) return null;
    const text = places
      .map((place) => fields[place] ?? '')
      .join(' ')
      .trim();
    const read = readTime(text);
    return read === 'empty' ? null : read;
  }

  return ok((fields) => {
    if (!conditions.every((condition) => condition.is.has(fields[condition.at] ?? ''))) return 'other';
    if (fields.length < leastFields) return 'too-few-columns';
    const written = fields[numberAt] ?? '';
    if (written === '') return 'no-number';
    const number = numberOf(written);
    if (number === null) return 'not-a-number';
    const [start, answer, end] = [startAt, answerAt, endAt].map((places) => momentAt(places, fields));
    for (const moment of [start, answer, end]) if (typeof moment === 'string') return moment;
    if (!start && !answer && !end) return 'no-time';
    const durationMs = duration === null ? null : readDuration(fields[durationAt] ?? '', duration.unit);
    if (Number.isNaN(durationMs)) return 'not-a-duration';
    const talkedMs = duration?.of === 'answered' ? durationMs : null;
    const callId = callIdAt === -1 ? '' : (fields[callIdAt] ?? '');
    const word = fields[outcomeAt] ?? '';
    const said = coded === null ? null : { code: coded(word), isRelease: outcome?.codes === 'q850' };
    // A file of answered calls needs no code; where times of unanswered calls stand in the answer's column a code must be there.
    const timesSayAnswered = mapping.times.start !== null || said === null ? isMoment(answer) : null;
    return {
      number,
      start: momentOrNull(start),
      answer: momentOrNull(answer),
      end: momentOrNull(end),
      durationMs,
      callId: callId === '' ? null : callId,
      unknownCode: said?.code === 'unknown' ? word : null,
      ...networkOf(said, timesSayAnswered, talkedMs, mapping.rows.contain === 'answered'),
    };
  });
}

type Moments = ReturnType<ReturnType<typeof timeReader>>;

function isMoment(moment: Moments | null | undefined): boolean {
  return moment !== null && moment !== undefined && typeof moment !== 'string';
}

function momentOrNull(moment: Moments | null | undefined): CarrierMoment | null {
  return moment === null || moment === undefined || typeof moment === 'string' ? null : moment;
}

/** Release causes (Q.850) with which no answered call ends; the others say how, not whether it was answered. */
const UNANSWERED: ReadonlySet<CodedOutcome> = new Set(['busy', 'no-answer', 'invalid-number', 'cancelled']);

/**
 * @param timesSayAnswered whether there is an answer time; null: that says nothing
 * @param talkedMs duration from the answer on; null: not known
 */
function networkOf(
  said: { readonly code: CodedOutcome; readonly isRelease: boolean } | null,
  timesSayAnswered: boolean | null,
  talkedMs: number | null,
  onlyAnswered: boolean,
): Pick<CarrierCall, 'network' | 'contradictory'> {
  const talked = talkedMs !== null && talkedMs > 0;
  const seemsAnswered = onlyAnswered || talked || timesSayAnswered === true;
  if (said === null) return { network: seemsAnswered ? 'answered' : 'unknown', contradictory: false };
  const { code, isRelease } = said;
  // A release in order ends calls that were answered, and some that were not.
  const knowsNothing = talkedMs === null && timesSayAnswered === null;
  if (code === 'released')
    return { network: seemsAnswered || knowsNothing ? 'answered' : 'unknown', contradictory: false };
  const contradictory = talked && code !== 'answered' && code !== 'unknown' && (!isRelease || UNANSWERED.has(code));
  return { network: (isRelease || code === 'unknown') && seemsAnswered ? 'answered' : code, contradictory };
}

/** From 0; −1: there is none. */
function placeOf(column: ColumnRef, heading: readonly string[] | null): number {
  if (typeof column === 'number') return column - 1;
  const names = heading ?? [];
  const exact = names.indexOf(column);
  return exact === -1 ? names.findIndex((name) => name.toLowerCase() === column.toLowerCase()) : exact;
}

const URI_USER = /^<?(?:sips?|tel):([^@;>]+)/i;

/** Null: no telephone number. */
function numberReader(form: CdrMapping['number'], plan: NumberPlan): (written: string) => string | null {
  const own: NumberPlan = {
    countryCode: form.country ?? plan.countryCode,
    internationalPrefix: form.internationalPrefix,
    trunkPrefix: form.trunkPrefix,
  };
  const prefixes = form.strip.toSorted((one, other) => other.length - one.length);
  return (written) => {
    const user = URI_USER.exec(written)?.[1] ?? written.replace(/^[='"]+|["']+$/g, '');
    const bare = user.replace(/[\s/().-]/g, '');
    const prefix = prefixes.find((one) => bare.startsWith(one));
    const digits = prefix === undefined ? bare : bare.slice(prefix.length);
    const isGlobal = form.format === 'e164' && /^\d+$/.test(digits);
    const hasPrefix = own.internationalPrefix !== '' && digits.startsWith(own.internationalPrefix);
    const number = isGlobal && !hasPrefix ? `+${digits}` : toE164(digits, own);
    return isE164(number) ? number : null;
  };
}
