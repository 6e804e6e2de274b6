/**
 * What is written, in groups: one on its way at a time, what arrives meanwhile makes the next. Every change stays in
 * memory here until its commit has come back, so that a full disk or a dead thread loses nothing: the same group is
 * simply sent again.
 */
import { addMs, type Clock, elapsedMs, type MonotonicMs, type Timer } from '../base/clock.ts';
import { AppError, describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { randomToken } from '../base/random.ts';
import type { CallRef } from '../guard/guard-view.ts';
import type { StoreHealth } from '../guard/store-port.ts';
import type { LedgerPosition } from '../ledger/ledger-entry.ts';
import type { CampaignAlertData } from '../policy/campaign-threshold.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { createPendingWrites, findOutcome, type PendingWrite } from './pending-writes.ts';
import type { StoreLimits } from './store-limits.ts';
import type { GroupResult, StoreAnswers, StoreQuery, StoreWrite, WrittenGroup } from './store-message.ts';
import type { StartStoreThread, StoreThread } from './store-thread.ts';

/** What the store has done since it was started, for the metrics. */
export type StoreStats = {
  readonly commits: number;
  readonly commitsFailed: number;
  readonly entriesCommitted: number;
  /** Wrong themselves: our bug, each one logged as an error. */
  readonly entriesRejected: number;
  /** Given up beyond `pendingEntriesMax`. */
  readonly journalEntriesDropped: number;
  readonly threadRestarts: number;
  /** Post to answer of the last group, in ms; 0 before the first. */
  readonly lastCommitMs: number;
};

/** The writing half of the store, and its thread. */
export type GroupWriter = {
  /** Opens the database; what was posted before is written now. Rejects with AppError `store.cannot-open`. */
  start(): Promise<void>;
  /** Committed with the next group; nobody waits for it. */
  post(change: StoreWrite): void;
  /**
   * Resolves after the commit, with where its entries stand in the ledger. Rejects with AppError `store.entry-rejected` when the entry breaks a constraint, and
   * `store.stopped` when the store was stopped first.
   */
  postAndWait(change: StoreWrite): Promise<readonly LedgerPosition[]>;
  /** Rejects with AppError `store.cannot-read`. */
  ask<Q extends StoreQuery>(query: Q): Promise<StoreAnswers[Q['ask']]>;
  /** An outcome that is not committed yet. */
  findPendingOutcome(ref: CallRef): OutcomeRecord | null;
  health(): StoreHealth;
  stats(): StoreStats;
  /** Writes what is left, for `stopFlushMs` at most, and closes the database. */
  stop(): Promise<void>;
};

/** What the writer works with. */
export type GroupWriterOptions = {
  readonly startThread: (onGone: (problem: string) => void) => ReturnType<StartStoreThread>;
  readonly limits: StoreLimits;
  readonly log: Logger;
  readonly clock: Clock;
  /** Called after every commit, with what it wrote. */
  readonly onCommitted: (changes: readonly StoreWrite[], alerts: readonly CampaignAlertData[]) => void;
};

/** A group whose commit has not come back. */
type GroupOnItsWay = {
  /** The group's own, however often it is sent. */
  readonly token: string;
  readonly writes: readonly PendingWrite[];
  readonly sentAt: MonotonicMs;
};

/** A writer that has no thread yet. */
export function createGroupWriter({ startThread, limits, log, clock, onCommitted }: GroupWriterOptions): GroupWriter {
  const pending = createPendingWrites(limits.pendingEntriesMax);
  const counters = { commits: 0, commitsFailed: 0, entriesCommitted: 0, entriesRejected: 0, threadRestarts: 0 };
  let thread: StoreThread | null = null;
  let stopped = false;
  let problem: string | null = 'the store has not been started';
  let inFlight: GroupOnItsWay | null = null;
  let nextGroupAt = clock.monotonicMs();
  let timer: Timer | null = null;
  let scheduled = false;
  let retryMs = limits.retryMinMs;
  let mayRestart = true;
  let lastCommitMs = 0;
  let flushed: (() => void) | null = null;

  /** At the end of this turn, so that what one event causes (a call and its two dialogs) shares a group. */
  function schedule(): void {
    if (scheduled || inFlight !== null || timer !== null) return;
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      sendNext();
    });
  }

  function sendNext(): void {
    if (thread === null || inFlight !== null || timer !== null) return;
    if (pending.size === 0) flushed?.();
    else if (elapsedMs(clock.monotonicMs(), nextGroupAt) > 0) sendLater(nextGroupAt);
    else send(thread, { token: randomToken(16), writes: pending.take(limits.groupEntriesMax) });
  }

  function sendLater(at: MonotonicMs): void {
    timer = clock.setTimer(at, () => {
      timer = null;
      if (inFlight === null) sendNext();
      else if (thread !== null) send(thread, inFlight);
    });
  }

  function send(to: StoreThread, { token, writes }: Pick<GroupOnItsWay, 'token' | 'writes'>): void {
    const sentAt = clock.monotonicMs();
    inFlight = { token, writes, sentAt };
    let result: Promise<GroupResult>;
    try {
      result = to.commit({ token, changes: writes.map((w) => w.change) });
    } catch (thrown) {
      // Not plain data: it cannot reach the thread at all. The others go without it.
      inFlight = null;
      const sendable = writes.filter((w) => isCloneable(w.change) || reject(w, describeError(thrown)));
      if (sendable.length > 0) send(to, { token, writes: sendable });
      else sendNext();
      return;
    }
    result.then(
      (answer) => (answer.committed ? committed(writes, sentAt, answer) : failed(answer.problem)),
      // The thread is gone; `threadGone` decides what becomes of the group.
      () => {},
    );
  }

  function committed(writes: readonly PendingWrite[], sentAt: MonotonicMs, written: WrittenGroup): void {
    const { rejected, positions } = written;
    inFlight = null;
    lastCommitMs = elapsedMs(sentAt, clock.monotonicMs());
    counters.commits++;
    counters.entriesCommitted += writes.length - rejected.length;
    if (problem !== null) log.info({ pending: pending.size }, 'store: writing again');
    problem = null;
    retryMs = limits.retryMinMs;
    mayRestart = true;
    nextGroupAt = addMs(sentAt, limits.groupIntervalMs);

    const problems = new Map(rejected.map((r) => [r.index, r.problem]));
    for (const [index, write] of writes.entries()) {
      const wrong = problems.get(index);
      if (wrong === undefined) write.settle?.resolve(positions[index] ?? []);
      else reject(write, wrong);
    }
    onCommitted(
      writes.map((w) => w.change),
      written.alerts,
    );
    sendNext();
  }

  /** The same group again, later and later; what arrives meanwhile waits behind it. */
  function failed(why: string): void {
    counters.commitsFailed++;
    if (problem === null) log.error({ problem: why }, 'store: cannot write, everything waits in memory');
    problem = why;
    sendLater(addMs(clock.monotonicMs(), retryMs));
    retryMs = Math.min(retryMs * 2, limits.retryMaxMs);
  }

  function reject(write: PendingWrite, why: string): false {
    counters.entriesRejected++;
    log.error({ ...describeChange(write.change), problem: why }, 'store: an entry can never be written');
    write.settle?.reject(new AppError('store.entry-rejected', why));
    return false;
  }

  function threadGone(why: string): void {
    thread = null;
    timer?.cancel();
    timer = null;
    problem = why;
    log.error({ problem: why, pending: pending.size, startedAgain: mayRestart }, 'store: the thread died');
    if (!mayRestart) {
      flushed?.();
      return;
    }
    // Once: a group that kills it a second time would do so for ever. A commit in between gives the right back.
    mayRestart = false;
    counters.threadRestarts++;
    startThread(threadGone).then(
      (started) => {
        thread = started;
        if (inFlight !== null) {
          send(started, inFlight);
        } else {
          problem = null;
          sendNext();
        }
      },
      (thrown: unknown) => {
        problem = describeError(thrown);
        log.error({ problem }, 'store: the thread could not be started again');
      },
    );
  }

  async function flush(): Promise<void> {
    if (thread === null || (pending.size === 0 && inFlight === null)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    flushed = resolve;
    const limit = clock.setTimer(addMs(clock.monotonicMs(), limits.stopFlushMs), resolve);
    await promise;
    limit.cancel();
  }

  function currentProblem(): string | null {
    if (problem !== null || inFlight === null) return problem;
    const waitedMs = elapsedMs(inFlight.sentAt, clock.monotonicMs());
    return waitedMs > limits.commitStallMs ? `the database has not answered for ${Math.round(waitedMs)} ms` : null;
  }

  return {
    async start() {
      thread = await startThread(threadGone);
      problem = null;
      sendNext();
    },
    post(change) {
      if (stopped) return;
      pending.add({ change, settle: null });
      schedule();
    },
    postAndWait(change) {
      if (stopped) return Promise.reject(storeStopped());
      const { promise, resolve, reject } = Promise.withResolvers<readonly LedgerPosition[]>();
      pending.add({ change, settle: { resolve, reject } });
      schedule();
      return promise;
    },
    async ask(query) {
      if (thread === null) throw new AppError('store.cannot-read', problem ?? 'the store has no thread');
      return thread.ask(query);
    },
    findPendingOutcome: (ref) => findOutcome(inFlight?.writes ?? [], ref) ?? pending.findOutcome(ref),
    health() {
      const now = currentProblem();
      return { writable: now === null, pending: pending.size + (inFlight?.writes.length ?? 0), problem: now };
    },
    stats: () => ({ ...counters, journalEntriesDropped: pending.journalDropped, lastCommitMs }),
    async stop() {
      if (stopped) return;
      await flush();
      stopped = true;
      timer?.cancel();
      const closing = thread;
      thread = null;
      problem = storeStopped().message;
      const lost = [...(inFlight?.writes ?? []), ...pending.take(Number.POSITIVE_INFINITY)];
      if (lost.length > 0) log.error({ entries: lost.length }, 'store: stopped before everything was written');
      for (const write of lost) write.settle?.reject(storeStopped());
      await closing?.close();
    },
  };
}

function storeStopped(): AppError {
  return new AppError('store.stopped', 'the store is stopped');
}

function isCloneable(change: StoreWrite): boolean {
  try {
    structuredClone(change);
    return true;
  } catch {
    return false;
  }
}

/** What may be logged of a change: identifiers, no numbers. */
function describeChange(change: StoreWrite): { op: string; id: string } {
  if (change.op === 'outcome') return { op: change.op, id: change.entry.record.callId };
  if (change.op === 'correction') return { op: change.op, id: change.entry.callId };
  if (change.op === 'ledger')
    return { op: change.op, id: change.drafts.map(({ kind, callId }) => callId ?? kind).join() };
  if (change.op !== 'journal') return { op: change.op, id: change.id };
  const { entry } = change;
  return { op: `journal-${entry.kind}`, id: entry.kind === 'call' ? entry.dossier.callId : entry.callId };
}
