/** Writes the changes of a group, within its transaction. */
import { assert, unreachable } from '../base/assert.ts';
import { toIso, type WallMs } from '../base/clock.ts';
import type { JournalEntry } from '../guard/journal.ts';
import type { CorrectionEntry, OptOutMove, OutcomeEntry, WebhookRow } from '../guard/store-port.ts';
import { correctionDraft, outcomeDraft } from '../ledger/call-drafts.ts';
import type { LedgerBody } from '../ledger/ledger-body.ts';
import type { LedgerDraft, LedgerPosition, Moves } from '../ledger/ledger-entry.ts';
import { optOutDraft } from '../ledger/opt-out.ts';
import { correctionRow, outcomeRow } from '../ledger/outcome-row.ts';
import type { CampaignDay } from '../ledger/projection.ts';
import { stamped } from '../ledger/stamped.ts';
import { isSameCount } from '../policy/count-move.ts';
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
import { openLedger } from './ledger-writer.ts';
import type { StoreWrite } from './store-message.ts';
import { insertWebhook, markDead, markDelivered, markFailed } from './webhook-queries.ts';

/** Writes changes one after the other; what is there already is not written again. */
export type ChangeWriter = {
  /** Posts one change; its entries in the ledger. Throws, now or at the connection's `sent`, what the database throws. */
  write(change: StoreWrite): readonly LedgerPosition[];
  /** The change was undone: it may be written again. */
  undone(change: StoreWrite): void;
  /** Posts what the changes' entries add up to; once, after the last. The days whose counts move, and by how much. */
  finish(): readonly CampaignDay[];
};

/** Reads what of the group is there already: everything else about a change is decided without asking the database. */
export async function openChangeWriter(
  connection: Connection,
  process: string,
  group: readonly StoreWrite[],
): Promise<ChangeWriter> {
  const outcomes = group.flatMap((change) => (change.op === 'outcome' ? [change.entry.record.callId] : []));
  const corrected = group.flatMap((change) => (change.op === 'correction' ? [change.entry.callId] : []));
  const [ledger, ended, corrections] = await Promise.all([
    openLedger(connection, process, group.flatMap(countedCalls)),
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

  function writeOutcome(entry: OutcomeEntry, at: WallMs): readonly LedgerPosition[] {
    const { record, number, digest } = entry;
    const { callId } = record;
    const positions: LedgerPosition[] = [];
    if (isNew(callId)) {
      const moves = movesOf(callId, entry);
      const counted = moves.count === null ? ledger.countedAs(callId) : moves.count.to;
      const draft = outcomeDraft(record, { ...entry, counted }, moves);
      const position = append(draft, at);
      const row = outcomeRow(draft.body as LedgerBody<'outcome'>, position);
      connection.post(insertOutcome, row);
      connection.post(insertCallNumber, { callId, digest, number, at: row.invitedAt });
      writeWebhooks(entry.webhooks, at, position);
      positions.push(position);
      if (entry.optOut !== null && digest !== null) positions.push(append(keyDraft(callId, digest, entry.optOut), at));
    }
    connection.post(deleteOpenCall, { callId });
    connection.post(deleteOpenDialogs, { callId });
    return positions;
  }

  function writeCorrection(entry: CorrectionEntry, at: WallMs): readonly LedgerPosition[] {
    const { callId, correction } = entry;
    if (!isNew(correctionKey(callId, correction.sequence))) return [];
    const draft = correctionDraft(callId, correction, movesOf(callId, entry));
    const position = append(draft, at);
    connection.post(insertCorrection, correctionRow(draft.body as LedgerBody<'correction'>, position));
    writeWebhooks(entry.webhooks, at, position);
    return [position];
  }

  function append(draft: LedgerDraft, at: WallMs): LedgerPosition {
    const [position] = ledger.append([draft], at);
    assert(position !== undefined, 'an entry has its place');
    return position;
  }

  function writeDrafts(drafts: readonly LedgerDraft[], at: WallMs): readonly LedgerPosition[] {
    return drafts.flatMap((draft) => ledger.append([atPresent(draft)], at));
  }

  /** A class is moved from what the ledger counts the call as, whatever the guard remembered of it after a restart. */
  function atPresent(draft: LedgerDraft): LedgerDraft {
    if (draft.kind !== 'class' || draft.callId === null) return draft;
    const body = draft.body as LedgerBody<'class'> & LedgerDraft['body'];
    return { ...draft, body: { ...body, count: movesOf(draft.callId, body).count } };
  }

  function movesOf(callId: string, { count, lock }: Moves): Moves {
    if (count === null) return { count, lock };
    const from = ledger.countedAs(callId);
    return { count: isSameCount(from, count.to) ? null : { ...count, from }, lock };
  }

  function writeWebhooks(webhooks: readonly WebhookRow[], at: WallMs, position: LedgerPosition): void {
    for (const { id, callId, type, endpoint, body } of webhooks)
      connection.post(insertWebhook, { id, process, callId, type, endpoint, body: stamped(body, position), at });
  }

  function post(change: Exclude<StoreWrite, { op: 'outcome' | 'correction' | 'ledger' }>): void {
    switch (change.op) {
      case 'journal':
        writeJournal(change.entry);
        break;
      case 'webhook-delivered':
        connection.post(markDelivered, { id: change.id, at: change.at });
        break;
      case 'webhook-failed':
        connection.post(markFailed, { id: change.id, next: change.nextAttemptAt, problem: change.problem });
        break;
      case 'webhook-dead':
        connection.post(markDead, { id: change.id, at: change.at, problem: change.problem });
        break;
      default:
        unreachable(change);
    }
  }

  return {
    write(change) {
      ledger.mark();
      if (change.op === 'outcome') return writeOutcome(change.entry, change.at);
      if (change.op === 'correction') return writeCorrection(change.entry, change.at);
      if (change.op === 'ledger') return writeDrafts(change.drafts, change.at);
      post(change);
      return [];
    },
    undone(change) {
      ledger.undo();
      if (change.op === 'outcome') written.delete(change.entry.record.callId);
      if (change.op === 'correction')
        written.delete(correctionKey(change.entry.callId, change.entry.correction.sequence));
    },
    finish: () => ledger.finish(),
  };
}

/** The outcome's own record has the key and the message in which it was pressed. */
function keyDraft(callId: string, digest: string, { scope, at }: OptOutMove): LedgerDraft {
  const said = { callId, move: 'add', scope, digest, at: toIso(at), source: 'key' } as const;
  return optOutDraft({ ...said, reference: null, removes: [] });
}

/** The calls of whose counts a change says something. */
function countedCalls(change: StoreWrite): readonly string[] {
  if (change.op === 'outcome') return [change.entry.record.callId];
  if (change.op === 'correction') return [change.entry.callId];
  if (change.op !== 'ledger') return [];
  return change.drafts.flatMap(({ kind, callId }) => (kind === 'class' && callId !== null ? [callId] : []));
}

const correctionKey = (callId: string, sequence: number) => `${callId} ${sequence}`;
