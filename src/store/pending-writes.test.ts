import { describe, expect, it } from 'vitest';
import { callEntry, dialogEntry, outcomeEntry, sampleState } from '../testing/stored-calls.ts';
import { createPendingWrites, type PendingWrite } from './pending-writes.ts';
import type { StoreWrite } from './store-message.ts';

const waiting = (change: StoreWrite): PendingWrite => ({ change, settle: null });
const journal = (entry = callEntry(1)) => waiting({ op: 'journal', entry });
const outcome = (n: number) => waiting({ op: 'outcome', entry: outcomeEntry(n), at: 0 as never });

describe('what waits to be written', () => {
  it('keeps the newest journal entry of a call and of each of its legs', () => {
    const pending = createPendingWrites(10);
    const newest = journal(callEntry(1, sampleState(9000)));
    const leg = journal(dialogEntry(1, 'dialer'));
    for (const write of [journal(), leg, journal(dialogEntry(1, 'carrier')), newest]) pending.add(write);
    expect(pending.size).toBe(3);
    expect(pending.take(10).at(-1)).toBe(newest);
  });

  it('drops the oldest journal entry beyond the limit and counts it', () => {
    const pending = createPendingWrites(2);
    for (const n of [1, 2, 3]) pending.add(journal(callEntry(n)));
    expect(pending.journalDropped).toBe(1);
    expect(pending.take(10).map((w) => w.change)).toEqual([
      { op: 'journal', entry: callEntry(2) },
      { op: 'journal', entry: callEntry(3) },
    ]);
  });

  it('never drops an outcome', () => {
    const pending = createPendingWrites(2);
    for (const n of [1, 2, 3, 4]) pending.add(outcome(n));
    pending.add(journal(callEntry(5)));
    expect(pending.size).toBe(4);
    expect(pending.journalDropped).toBe(1);
  });

  it('forgets the journal of a call whose outcome came', () => {
    const pending = createPendingWrites(10);
    for (const write of [journal(), journal(dialogEntry(1, 'dialer')), journal(callEntry(2)), outcome(1)]) {
      pending.add(write);
    }
    expect(pending.take(10).map((w) => w.change.op)).toEqual(['outcome', 'journal']);
  });

  it('gives groups no larger than asked for, and the rest later', () => {
    const pending = createPendingWrites(10);
    for (const n of [1, 2, 3]) pending.add(outcome(n));
    pending.add(journal(callEntry(4)));
    expect(pending.take(2)).toHaveLength(2);
    expect(pending.take(2).map((w) => w.change.op)).toEqual(['outcome', 'journal']);
    expect(pending.take(2)).toEqual([]);
  });

  it("finds an outcome that waits by our id and by the dialer's Call-ID", () => {
    const pending = createPendingWrites(10);
    pending.add(outcome(7));
    const { record } = outcomeEntry(7);
    expect(pending.findOutcome(record.callId)).toEqual(record);
    expect(pending.findOutcome(record.sip.dialerCallId)).toEqual(record);
    expect(pending.findOutcome('nobody')).toBeNull();
  });
});
