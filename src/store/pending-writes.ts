/**
 * What waits to be committed, bounded. Outcomes, their corrections and what happened to webhooks are kept whatever comes. Of the journal
 * only the newest entry per call and leg is kept, since it replaces the older ones; beyond the limit the oldest go,
 * because a live call can still tell its outcome without them, while an outcome exists nowhere else.
 */

import type { CallRef } from '../guard/guard-view.ts';
import type { JournalEntry } from '../guard/journal.ts';
import type { LedgerPosition } from '../ledger/ledger-entry.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import type { StoreWrite } from './store-message.ts';

/** A change that waits; whoever asked to be told is told once it is committed or can never be. */
export type PendingWrite = {
  readonly change: StoreWrite;
  readonly settle: { resolve(positions: readonly LedgerPosition[]): void; reject(error: Error): void } | null;
};

/** The queue. Groups are taken from its front; a group on its way is no longer in it. */
export type PendingWrites = {
  add(write: PendingWrite): void;
  /** At most `limit`, in the order in which they may be applied. */
  take(limit: number): readonly PendingWrite[];
  readonly size: number;
  /** Journal entries that were given up at the limit, ever. */
  readonly journalDropped: number;
  findOutcome(ref: CallRef): OutcomeRecord | null;
};

/** `entriesMax`: how many entries are kept before the journal is thinned out. */
export function createPendingWrites(entriesMax: number): PendingWrites {
  // Their order against the journal does not matter: an outcome removes its call's journal, and a journal entry of a
  // call that has an outcome is ignored by the database.
  const durable: PendingWrite[] = [];
  const journal = new Map<string, PendingWrite>();
  let journalDropped = 0;

  return {
    add(write) {
      const { change } = write;
      if (change.op === 'journal') {
        const key = journalKey(change.entry);
        journal.delete(key);
        journal.set(key, write);
      } else {
        durable.push(write);
        if (change.op === 'outcome') forgetJournal(journal, change.entry.record.callId);
      }
      const [oldestKey] = journal.keys();
      if (durable.length + journal.size > entriesMax && oldestKey !== undefined) {
        journal.delete(oldestKey);
        journalDropped++;
      }
    },
    take(limit) {
      const group = durable.splice(0, limit);
      for (const [key, write] of journal) {
        if (group.length >= limit) break;
        group.push(write);
        journal.delete(key);
      }
      return group;
    },
    get size() {
      return durable.length + journal.size;
    },
    get journalDropped() {
      return journalDropped;
    },
    findOutcome: (ref) => findOutcome(durable, ref),
  };
}

/** The outcome of a call among these changes, by our id or the dialer leg's Call-ID; null when it is not there. */
export function findOutcome(writes: readonly PendingWrite[], ref: CallRef): OutcomeRecord | null {
  for (const { change } of writes) {
    if (change.op !== 'outcome') continue;
    const { record } = change.entry;
    if (record.callId === ref || record.sip.dialerCallId === ref) return record;
  }
  return null;
}

function journalKey(entry: JournalEntry): string {
  return entry.kind === 'call' ? callKey(entry.dossier.callId) : dialogKey(entry.callId, entry.leg);
}

function forgetJournal(journal: Map<string, PendingWrite>, callId: string): void {
  journal.delete(callKey(callId));
  journal.delete(dialogKey(callId, 'dialer'));
  journal.delete(dialogKey(callId, 'carrier'));
}

const callKey = (callId: string) => `call ${callId}`;
const dialogKey = (callId: string, leg: string) => `${leg} ${callId}`;
