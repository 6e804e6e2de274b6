/** Whether an outcome's row says what its entry does, without parsing either. */
import type { LedgerPosition } from '../ledger-entry.ts';
import { stamped } from '../stamped.ts';
import type { BodyParts } from './body-check.ts';

/** Columns of `outcomes` that hold a text of the entry's body, and where in it. */
export const OUTCOME_COLUMNS = {
  call_id: 'record_callId',
  dialer_call_id: 'record_sip_dialerCallId',
  carrier_call_id: 'record_sip_carrierCallId',
  dialer_reference: 'record_dialerReference',
  digest: 'digest',
  campaign: 'record_campaign',
  controller: 'controller',
  kind: 'record_kind',
  class: 'record_class',
  network: 'record_network',
  handling: 'record_handling',
  day: 'day',
} as const;

/** Columns that hold a time of it, in ms since 1970. */
export const OUTCOME_TIMES = {
  invited_at_ms: 'record_times_invited',
  answered_at_ms: 'record_times_answered',
  ended_at_ms: 'record_times_ended',
} as const;

/** A row as it is read. */
export type StoredOutcome = { readonly seq: number; readonly counted_as: string | null; readonly record: string } & {
  readonly [C in keyof typeof OUTCOME_COLUMNS]: string | null;
} & { readonly [C in keyof typeof OUTCOME_TIMES]: number | null };

/** In words, what in the row differs from the entry at `position`; null: nothing. */
export function outcomeProblem(row: StoredOutcome, parts: BodyParts, position: LedgerPosition): string | null {
  if (row.record !== stamped(parts.record ?? '', position)) return differs('record');
  for (const column in OUTCOME_COLUMNS) {
    const key = column as keyof typeof OUTCOME_COLUMNS;
    if (!isText(row[key], parts[OUTCOME_COLUMNS[key]])) return differs(column);
  }
  for (const column in OUTCOME_TIMES) {
    const key = column as keyof typeof OUTCOME_TIMES;
    const time = parts[OUTCOME_TIMES[key]] ?? 'null';
    if (row[key] !== (time === 'null' ? null : Date.parse(time.slice(1, -1)))) return differs(column);
  }
  const counted = JSON.parse(parts.counted ?? 'null') as { readonly as: string } | null;
  return row.counted_as === (counted?.as ?? null) ? null : differs('counted_as');
}

/** Whether `text` is the JSON of the value; almost all are plain. */
export function isText(value: string | null, text: string | undefined): boolean {
  if (value === null || text === undefined) return value === null && text === 'null';
  return text === `"${value}"` ? !text.includes('\\') : text === JSON.stringify(value);
}

function differs(column: string): string {
  return `the row of its call in outcomes differs from it in ${column}`;
}
