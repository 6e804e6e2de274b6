/** Writes the changes of a group, within its transaction. */
import { unreachable } from '../base/assert.ts';
import type { WallMs } from '../base/clock.ts';
import type { JournalEntry } from '../guard/journal.ts';
import type { CorrectionEntry, OutcomeEntry, WebhookRow } from '../guard/store-port.ts';
import {
  deleteOpenCall,
  deleteOpenDialogs,
  insertCallNumber,
  insertCorrection,
  insertOutcome,
  selectCorrected,
  selectEnded,
  upsertOpenCall,
  upsertOpenDialog,
} from './call-queries.ts';
import type { Connection } from './connection.ts';
import type { StoreWrite } from './store-message.ts';
import { insertWebhook, markDead, markDelivered, markFailed } from './webhook-queries.ts';

/** Writes changes one after the other; what is there already is not written again. */
export type ChangeWriter = {
  /** Posts one change. Throws, now or at the connection's `sent`, what the database throws. */
  write(change: StoreWrite): void;
  /** The change was undone: it may be written again. */
  undone(change: StoreWrite): void;
};

/** Reads what of the group is there already: everything else about a change is decided without asking the database. */
export async function openChangeWriter(
  connection: Connection,
  process: string,
  group: readonly StoreWrite[],
): Promise<ChangeWriter> {
  const outcomes = group.flatMap((change) => (change.op === 'outcome' ? [change.entry.record.callId] : []));
  const corrected = group.flatMap((change) => (change.op === 'correction' ? [change.entry.callId] : []));
  const [ended, corrections] = await Promise.all([
    outcomes.length === 0 ? [] : connection.all(selectEnded, { callIds: JSON.stringify(outcomes) }),
    corrected.length === 0 ? [] : connection.all(selectCorrected, { callIds: JSON.stringify(corrected) }),
  ]);
  const written = new Set([
    ...ended.map((row) => row.call_id),
    ...corrections.map((row) => correctionKey(row.call_id, row.sequence)),
  ]);
  const isNew = (key: string): boolean => written.size !== written.add(key).size;

  function writeJournal(entry: JournalEntry): void {
    if (entry.kind === 'call') {
      const { dossier, state } = entry;
      const json = { dossier: JSON.stringify(dossier), state: JSON.stringify(state) };
      connection.post(upsertOpenCall, { callId: dossier.callId, process, ...json });
    } else {
      const { callId, leg, dialog } = entry;
      connection.post(upsertOpenDialog, { callId, leg, dialog: JSON.stringify(dialog) });
    }
  }

  function writeOutcome({ record, number, webhooks }: OutcomeEntry, at: WallMs): void {
    const { callId, sip, times } = record;
    if (isNew(callId)) {
      const invitedAtMs = Date.parse(times.invited);
      connection.post(insertOutcome, {
        callId,
        dialerCallId: sip.dialerCallId,
        carrierCallId: sip.carrierCallId,
        dialerReference: record.dialerReference,
        campaign: record.campaign,
        kind: record.kind,
        class: record.class,
        network: record.network,
        handling: record.handling,
        invitedAtMs,
        answeredAtMs: times.answered === null ? null : Date.parse(times.answered),
        endedAtMs: Date.parse(times.ended),
        record: JSON.stringify(record),
      });
      connection.post(insertCallNumber, { callId, number, at: invitedAtMs });
      writeWebhooks(webhooks, at);
    }
    connection.post(deleteOpenCall, { callId });
    connection.post(deleteOpenDialogs, { callId });
  }

  function writeCorrection({ callId, correction, webhooks }: CorrectionEntry, at: WallMs): void {
    const { sequence } = correction;
    if (!isNew(correctionKey(callId, sequence))) return;
    const values = { callId, sequence, at: Date.parse(correction.at), correction: JSON.stringify(correction) };
    connection.post(insertCorrection, values);
    writeWebhooks(webhooks, at);
  }

  function writeWebhooks(webhooks: readonly WebhookRow[], at: WallMs): void {
    for (const { id, callId, type, endpoint, body } of webhooks)
      connection.post(insertWebhook, { id, process, callId, type, endpoint, body, at });
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
          return connection.post(markDelivered, { id: change.id, at: change.at });
        case 'webhook-failed':
          return connection.post(markFailed, { id: change.id, next: change.nextAttemptAt, problem: change.problem });
        case 'webhook-dead':
          return connection.post(markDead, { id: change.id, at: change.at, problem: change.problem });
        default:
          return unreachable(change);
      }
    },
    undone(change) {
      if (change.op === 'outcome') written.delete(change.entry.record.callId);
      if (change.op === 'correction')
        written.delete(correctionKey(change.entry.callId, change.entry.correction.sequence));
    },
  };
}

const correctionKey = (callId: string, sequence: number) => `${callId} ${sequence}`;
