/** All SQL of the running store, prepared once per connection. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { unreachable } from '../base/assert.ts';
import type { WallMs } from '../base/clock.ts';
import type { CallId } from '../call/call-facts.ts';
import type { DialogRecord, JournalEntry, JournalledCall, LegName } from '../guard/journal.ts';
import type { CorrectionEntry, DueWebhook, OutcomeEntry, WebhookRow } from '../guard/store-port.ts';
import type { OutcomeCorrection } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import type { StoreAnswers, StoreQuery, StoreWrite } from './store-message.ts';

/** The two things one does with a database. `write` belongs in a transaction; both throw SQLite's own errors. */
export type Statements = {
  write(change: StoreWrite): void;
  read(query: StoreQuery): StoreAnswers[keyof StoreAnswers];
};

type Row = Record<string, SQLOutputValue>;

/** Compiles every statement for this connection. */
export function prepareStatements(db: DatabaseSync): Statements {
  // A call that has its outcome is over: what is written of it afterwards (a late group) must not open it again.
  const journalCall = db.prepare(`
    INSERT INTO open_calls (call_id, dossier, state)
    SELECT :callId, :dossier, :state WHERE NOT EXISTS (SELECT 1 FROM outcomes WHERE call_id = :callId)
    ON CONFLICT (call_id) DO UPDATE SET dossier = excluded.dossier, state = excluded.state`);
  const journalDialog = db.prepare(`
    INSERT INTO open_dialogs (call_id, leg, dialog)
    SELECT :callId, :leg, :dialog WHERE NOT EXISTS (SELECT 1 FROM outcomes WHERE call_id = :callId)
    ON CONFLICT (call_id, leg) DO UPDATE SET dialog = excluded.dialog`);
  const insertOutcome = db.prepare(`
    INSERT INTO outcomes (call_id, dialer_call_id, carrier_call_id, number, campaign, class, network, handling,
                          answered_at_ms, ended_at_ms, record, kind, dialer_reference)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (call_id) DO NOTHING`);
  const insertCorrection = db.prepare(`
    INSERT INTO outcome_corrections (call_id, sequence, at_ms, correction) VALUES (?, ?, ?, ?)
    ON CONFLICT (call_id, sequence) DO NOTHING`);
  const insertWebhook = db.prepare(`
    INSERT INTO webhooks (id, call_id, type, endpoint, body, next_attempt_at_ms, created_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const deleteOpenCall = db.prepare('DELETE FROM open_calls WHERE call_id = ?');
  const deleteOpenDialogs = db.prepare('DELETE FROM open_dialogs WHERE call_id = ?');
  const markDelivered = db.prepare(
    'UPDATE webhooks SET delivered_at_ms = ?, attempts = attempts + 1 WHERE id = ? AND delivered_at_ms IS NULL',
  );
  // `next_attempt_at_ms <> ?` keeps the count right when a group is sent twice.
  const markFailed = db.prepare(`
    UPDATE webhooks SET attempts = attempts + 1, next_attempt_at_ms = :next, problem = :problem
    WHERE id = :id AND next_attempt_at_ms <> :next AND delivered_at_ms IS NULL`);
  const markDead = db.prepare(`
    UPDATE webhooks SET dead_at_ms = ?, attempts = attempts + 1, problem = ?
    WHERE id = ? AND dead_at_ms IS NULL AND delivered_at_ms IS NULL`);

  const selectOpenCalls = db.prepare('SELECT call_id, dossier, state FROM open_calls ORDER BY call_id');
  const selectOpenDialogs = db.prepare('SELECT call_id, leg, dialog FROM open_dialogs');
  // A Call-ID may come again after a dialer's restart: the latest call is meant.
  const selectOutcome = db.prepare(`
    SELECT record FROM (
      SELECT record, ended_at_ms FROM outcomes WHERE call_id = :ref
      UNION ALL SELECT record, ended_at_ms FROM outcomes WHERE dialer_call_id = :ref)
    ORDER BY ended_at_ms DESC LIMIT 1`);
  const selectOutcomeByReference = db.prepare(
    'SELECT record FROM outcomes WHERE dialer_reference = ? ORDER BY ended_at_ms DESC LIMIT 1',
  );
  const selectCorrections = db.prepare(
    'SELECT correction FROM outcome_corrections WHERE call_id = ? ORDER BY sequence',
  );
  // Order within a call: one that waits behind an earlier one is not due, whatever its own time says.
  const isNextOfItsCall = `delivered_at_ms IS NULL AND dead_at_ms IS NULL AND NOT EXISTS (
    SELECT 1 FROM webhooks AS earlier
    WHERE earlier.call_id = w.call_id AND earlier.endpoint = w.endpoint AND earlier.seq < w.seq
      AND earlier.delivered_at_ms IS NULL AND earlier.dead_at_ms IS NULL)`;
  const selectDue = db.prepare(`
    SELECT id, call_id, type, endpoint, body, attempts FROM webhooks AS w
    WHERE endpoint = ? AND next_attempt_at_ms <= ? AND ${isNextOfItsCall}
    ORDER BY next_attempt_at_ms, seq LIMIT ?`);
  const selectNextDue = db.prepare(`
    SELECT next_attempt_at_ms AS next FROM webhooks AS w
    WHERE endpoint = ? AND ${isNextOfItsCall}
    ORDER BY next_attempt_at_ms, seq LIMIT 1`);

  function writeJournal(entry: JournalEntry): void {
    if (entry.kind === 'call') {
      journalCall.run({
        callId: entry.dossier.callId,
        dossier: JSON.stringify(entry.dossier),
        state: JSON.stringify(entry.state),
      });
    } else {
      journalDialog.run({ callId: entry.callId, leg: entry.leg, dialog: JSON.stringify(entry.dialog) });
    }
  }

  function writeOutcome({ record, number, webhooks }: OutcomeEntry, at: WallMs): void {
    const inserted = insertOutcome.run(
      record.callId,
      record.sip.dialerCallId,
      record.sip.carrierCallId,
      number,
      record.campaign,
      record.class,
      record.network,
      record.handling,
      record.times.answered === null ? null : Date.parse(record.times.answered),
      Date.parse(record.times.ended),
      JSON.stringify(record),
      record.kind,
      record.dialerReference,
    );
    if (inserted.changes > 0) writeWebhooks(webhooks, at);
    deleteOpenCall.run(record.callId);
    deleteOpenDialogs.run(record.callId);
  }

  function writeCorrection({ callId, correction, webhooks }: CorrectionEntry, at: WallMs): void {
    const { sequence } = correction;
    const inserted = insertCorrection.run(callId, sequence, Date.parse(correction.at), JSON.stringify(correction));
    if (inserted.changes > 0) writeWebhooks(webhooks, at);
  }

  function writeWebhooks(webhooks: readonly WebhookRow[], at: WallMs): void {
    for (const w of webhooks) insertWebhook.run(w.id, w.callId, w.type, w.endpoint, w.body, at, at);
  }

  function readOpenCalls(): JournalledCall[] {
    const dialogs = new Map<string, Partial<Record<LegName, DialogRecord>>>();
    for (const row of selectOpenDialogs.all()) {
      const callId = String(row.call_id);
      const legs = dialogs.get(callId) ?? {};
      legs[row.leg === 'dialer' ? 'dialer' : 'carrier'] = parse<DialogRecord>(row.dialog);
      dialogs.set(callId, legs);
    }
    return selectOpenCalls.all().map((row) => ({
      dossier: parse<JournalledCall['dossier']>(row.dossier),
      state: parse<JournalledCall['state']>(row.state),
      dialogs: dialogs.get(String(row.call_id)) ?? {},
    }));
  }

  return {
    write(change) {
      switch (change.op) {
        case 'journal':
          return writeJournal(change.entry);
        case 'outcome':
          return writeOutcome(change.entry, change.at);
        case 'correction':
          return writeCorrection(change.entry, change.at);
        case 'webhook-delivered':
          return void markDelivered.run(change.at, change.id);
        case 'webhook-failed':
          return void markFailed.run({ id: change.id, next: change.nextAttemptAt, problem: change.problem });
        case 'webhook-dead':
          return void markDead.run(change.at, change.problem, change.id);
        default:
          return unreachable(change);
      }
    },
    read(query) {
      switch (query.ask) {
        case 'open-calls':
          return readOpenCalls();
        case 'outcome':
          return toRecord(selectOutcome.get({ ref: query.ref }));
        case 'outcome-by-reference':
          return toRecord(selectOutcomeByReference.get(query.reference));
        case 'corrections':
          return selectCorrections.all(query.callId).map((row) => parse<OutcomeCorrection>(row.correction));
        case 'due-webhooks':
          return selectDue.all(query.endpoint, query.at, query.limit).map(toDueWebhook);
        case 'next-due': {
          const next = selectNextDue.get(query.endpoint)?.next;
          return typeof next === 'number' ? (next as WallMs) : null;
        }
        default:
          return unreachable(query);
      }
    },
  };
}

/** Our own JSON, written by `write` above; a database that somebody else edited fails here, loudly. */
function parse<T>(json: SQLOutputValue | undefined): T {
  return JSON.parse(String(json)) as T;
}

function toRecord(row: Row | undefined): OutcomeRecord | null {
  return row === undefined ? null : parse<OutcomeRecord>(row.record);
}

function toDueWebhook(row: Row): DueWebhook {
  return {
    id: String(row.id),
    callId: String(row.call_id) as CallId,
    type: String(row.type) as WebhookRow['type'],
    endpoint: String(row.endpoint),
    body: String(row.body),
    attempts: Number(row.attempts),
  };
}
