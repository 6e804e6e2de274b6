/** The SQL of the journal, of outcomes and of their corrections. */
import { type ExpressionBuilder, sql } from 'kysely';
import type { LegName } from '../guard/journal.ts';
import { integer, integerOrNull, parameter, query, text, textOrNull } from './query.ts';
import type { Schema } from './schema.ts';
import { isInList } from './value-list.ts';

/** The latest entry of a call. One that has its outcome is over: what is written of it later must not open it again. */
export const upsertOpenCall = query(
  { callId: text, process: text, dossier: text, state: text },
  (db, { callId, process, dossier, state }) =>
    db
      .insertInto('open_calls')
      .columns(['call_id', 'process', 'dossier', 'state'])
      .expression(
        db
          .selectNoFrom(({ val }) => [
            val(callId).as('call_id'),
            val(process).as('process'),
            val(dossier).as('dossier'),
            val(state).as('state'),
          ])
          .where((eb) => hasNoOutcome(eb, callId)),
      )
      .onConflict((conflict) =>
        conflict.column('call_id').doUpdateSet(({ ref }) => ({
          dossier: ref('excluded.dossier'),
          state: ref('excluded.state'),
        })),
      ),
);

/** The latest entry of one of its dialogs; the same holds. */
export const upsertOpenDialog = query(
  { callId: text, leg: parameter<LegName>(), dialog: text },
  (db, { callId, leg, dialog }) =>
    db
      .insertInto('open_dialogs')
      .columns(['call_id', 'leg', 'dialog'])
      .expression(
        db
          .selectNoFrom(({ val }) => [val(callId).as('call_id'), val(leg).as('leg'), val(dialog).as('dialog')])
          .where((eb) => hasNoOutcome(eb, callId)),
      )
      .onConflict((conflict) =>
        conflict.columns(['call_id', 'leg']).doUpdateSet(({ ref }) => ({ dialog: ref('excluded.dialog') })),
      ),
);

function hasNoOutcome({ not, exists, selectFrom }: ExpressionBuilder<Schema, never>, callId: string) {
  return not(exists(selectFrom('outcomes').select(sql`1`.as('one')).where('call_id', '=', callId)));
}

export const deleteOpenCall = query({ callId: text }, (db, { callId }) =>
  db.deleteFrom('open_calls').where('call_id', '=', callId),
);
export const deleteOpenDialogs = query({ callId: text }, (db, { callId }) =>
  db.deleteFrom('open_dialogs').where('call_id', '=', callId),
);

/** The calls that a process left open. */
export const selectOpenCalls = query({ process: text }, (db, { process }) =>
  db.selectFrom('open_calls').select(['call_id', 'dossier', 'state']).where('process', '=', process).orderBy('call_id'),
);
/** Their dialogs. */
export const selectOpenDialogs = query({ process: text }, (db, { process }) =>
  db
    .selectFrom('open_dialogs')
    .innerJoin('open_calls', 'open_calls.call_id', 'open_dialogs.call_id')
    .select(['open_dialogs.call_id', 'open_dialogs.leg', 'open_dialogs.dialog'])
    .where('open_calls.process', '=', process),
);

/** An outcome; refused when the call has one. */
export const insertOutcome = query(
  {
    callId: text,
    chain: text,
    seq: integer,
    dialerCallId: text,
    carrierCallId: textOrNull,
    dialerReference: textOrNull,
    digest: textOrNull,
    campaign: text,
    controller: text,
    kind: text,
    class: parameter<'A' | 'B' | null>(),
    network: text,
    handling: text,
    day: textOrNull,
    countedAs: textOrNull,
    invitedAt: integer,
    answeredAt: integerOrNull,
    endedAt: integer,
    record: text,
  },
  (db, values) =>
    db.insertInto('outcomes').values({
      call_id: values.callId,
      chain: values.chain,
      seq: values.seq,
      dialer_call_id: values.dialerCallId,
      carrier_call_id: values.carrierCallId,
      dialer_reference: values.dialerReference,
      digest: values.digest,
      campaign: values.campaign,
      controller: values.controller,
      kind: values.kind,
      class: values.class,
      network: values.network,
      handling: values.handling,
      day: values.day,
      counted_as: values.countedAs,
      invited_at_ms: values.invitedAt,
      answered_at_ms: values.answeredAt,
      ended_at_ms: values.endedAt,
      record: values.record,
    }),
);

/** The called number, in the one place that has numbers. */
export const insertCallNumber = query(
  { callId: text, digest: textOrNull, number: text, at: integer },
  (db, { callId, digest, number, at }) =>
    db.insertInto('call_numbers').values({ call_id: callId, digest, number, at_ms: at }),
);

/** A correction; refused when the call has no outcome. */
export const insertCorrection = query(
  {
    callId: text,
    sequence: integer,
    at: integer,
    correction: text,
    class: parameter<'A' | 'B' | null>(),
    chain: text,
    seq: integer,
  },
  (db, values) =>
    db.insertInto('outcome_corrections').values({
      call_id: values.callId,
      sequence: values.sequence,
      at_ms: values.at,
      correction: values.correction,
      class: values.class,
      chain: values.chain,
      seq: values.seq,
    }),
);

/** Which of these calls (a JSON array of ids) have an outcome. */
export const selectEnded = query({ callIds: text }, (db, { callIds }, kind) =>
  db
    .selectFrom('outcomes')
    .select('call_id')
    .where(isInList(kind, 'call_id', callIds)),
);
/** The corrections that these calls have. */
export const selectCorrected = query({ callIds: text }, (db, { callIds }, kind) =>
  db
    .selectFrom('outcome_corrections')
    .select(['call_id', 'sequence'])
    .where(isInList(kind, 'call_id', callIds)),
);

/** By our id or the dialer leg's Call-ID. That may come again after a dialer's restart: the latest call is meant. */
export const selectOutcome = query({ ref: text }, (db, { ref }) =>
  db
    .selectFrom('outcomes')
    .leftJoin('call_numbers', 'call_numbers.call_id', 'outcomes.call_id')
    .select(['record', 'number'])
    .where(({ or, eb }) => or([eb('outcomes.call_id', '=', ref), eb('dialer_call_id', '=', ref)]))
    .orderBy('ended_at_ms', 'desc')
    .limit(1),
);
/** For whom a call was placed. */
export const selectOwner = query({ callId: text }, (db, { callId }) =>
  db.selectFrom('outcomes').select(['controller', 'digest']).where('call_id', '=', callId),
);
/** The latest call with the dialer's own reference. */
export const selectOutcomeByReference = query({ reference: text }, (db, { reference }) =>
  db
    .selectFrom('outcomes')
    .leftJoin('call_numbers', 'call_numbers.call_id', 'outcomes.call_id')
    .select(['record', 'number'])
    .where('dialer_reference', '=', reference)
    .orderBy('ended_at_ms', 'desc')
    .limit(1),
);
export const selectCorrections = query({ callId: text }, (db, { callId }) =>
  db.selectFrom('outcome_corrections').select('correction').where('call_id', '=', callId).orderBy('sequence'),
);
