/** Whether an outcome's row says what its entry does, without parsing either. */
import { type BodyParts, placeIn } from './body-check.ts';

/** Columns of `outcomes` that hold a text of the entry's body. */
export const OUTCOME_TEXTS = [
  ...([
    'call_id',
    'dialer_call_id',
    'carrier_call_id',
    'dialer_reference',
    'digest',
    'campaign',
    'controller',
  ] as const),
  ...(['kind', 'class', 'network', 'handling', 'day', 'counted_as'] as const),
] as const;
/** Columns that hold a time of it, in ms since 1970. */
export const OUTCOME_TIMES = ['invited_at_ms', 'answered_at_ms', 'ended_at_ms'] as const;

/** Where in the body each of them stands. */
const TEXT_PLACES = placesOf(OUTCOME_TEXTS, {
  call_id: placeIn('outcome', 'record_callId'),
  dialer_call_id: placeIn('outcome', 'record_sip_dialerCallId'),
  carrier_call_id: placeIn('outcome', 'record_sip_carrierCallId'),
  dialer_reference: placeIn('outcome', 'record_dialerReference'),
  digest: placeIn('outcome', 'digest'),
  campaign: placeIn('outcome', 'record_campaign'),
  controller: placeIn('outcome', 'controller'),
  kind: placeIn('outcome', 'record_kind'),
  class: placeIn('outcome', 'record_class'),
  network: placeIn('outcome', 'record_network'),
  handling: placeIn('outcome', 'record_handling'),
  day: placeIn('outcome', 'day'),
  counted_as: placeIn('outcome', 'counted_as'),
});
const TIME_PLACES = placesOf(OUTCOME_TIMES, {
  invited_at_ms: placeIn('outcome', 'record_times_invited'),
  answered_at_ms: placeIn('outcome', 'record_times_answered'),
  ended_at_ms: placeIn('outcome', 'record_times_ended'),
});
const RECORD = placeIn('outcome', 'record');
const BEHIND_LEDGER = placeIn('outcome', 'record_ledger…');
const NULL_LENGTH = 'null'.length;
const ZERO = 0x30;

/** A row as it is read: `seq`, `record`, then {@link OUTCOME_TEXTS} and {@link OUTCOME_TIMES}. */
export type StoredOutcome = readonly [seq: number, record: string, ...columns: (string | number | null)[]];

const FIRST_TEXT = 2;
const FIRST_TIME = FIRST_TEXT + OUTCOME_TEXTS.length;

/** In words, what in the row differs from the entry at `position` (its canonical JSON); null: nothing. */
export function outcomeProblem(row: StoredOutcome, parts: BodyParts, position: string): string | null {
  if (row[1] !== stampedRecord(parts, position)) return differs('record');
  for (let n = 0; n < TEXT_PLACES.length; n++) {
    if (row[FIRST_TEXT + n] !== (parts[TEXT_PLACES[n] ?? 0] ?? null)) return differs(OUTCOME_TEXTS[n]);
  }
  for (let n = 0; n < TIME_PLACES.length; n++) {
    const time = parts[TIME_PLACES[n] ?? 0];
    if (row[FIRST_TIME + n] !== (time === undefined ? null : timeOf(time))) return differs(OUTCOME_TIMES[n]);
  }
  return null;
}

/** As `stamped` of the record would say it; where its `null` stands is known here, and need not be looked for. */
function stampedRecord(parts: BodyParts, position: string): string {
  const { [RECORD]: record = '', [BEHIND_LEDGER]: behind = '' } = parts;
  const before = record.slice(0, record.length - behind.length - NULL_LENGTH);
  return before + position + behind;
}

let day = '';
let dayAt = Number.NaN;

/** Of ISO 8601 in UTC. Times of one day come one after the other: its midnight is kept. */
function timeOf(iso: string): number {
  // With milliseconds, as all that the pattern takes: the rest is digits at their places.
  if (iso.length !== 24) return Date.parse(iso);
  if (!iso.startsWith(day) || day === '') {
    day = iso.slice(0, 11);
    dayAt = Date.parse(`${day}00:00:00.000Z`);
  }
  const minutes = twoDigits(iso, 11) * 60 + twoDigits(iso, 14);
  return dayAt + (minutes * 60 + twoDigits(iso, 17)) * 1_000 + twoDigits(iso, 20) * 10 + iso.charCodeAt(22) - ZERO;
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;
}

function placesOf<C extends string>(columns: readonly C[], places: Readonly<Record<C, number>>): readonly number[] {
  return columns.map((column) => places[column]);
}

function differs(column: string | undefined): string {
  return `the row of its call in outcomes differs from it in ${column}`;
}
