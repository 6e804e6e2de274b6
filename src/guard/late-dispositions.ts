/**
 * Dispositions that come after their call's end: they correct its outcome, one after the other for each call, and never
 * before that outcome is committed.
 */
import type { Clock, Instant } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { CallId, Disposition } from '../call/call-facts.ts';
import { jurisdictionOfStamp } from '../policy/jurisdictions/chosen-jurisdiction.ts';
import { type CorrectedOutcome, decideCorrection, withCorrections } from '../policy/outcome-correction.ts';
import type { WatchedCall } from './agent-source.ts';
import { correctionMoves, type LedgerContext } from './call-ledger.ts';
import type { LateDisposition } from './guard-view.ts';
import type { CorrectionWebhooks, Store } from './store-port.ts';

/** What they are decided and written with. */
export type LateDispositionParts = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: Pick<
    Store,
    'findOutcome' | 'findOutcomeByReference' | 'correctionsOf' | 'recordCorrection' | 'ownerOf'
  >;
  readonly ledger: Pick<LedgerContext, 'ownerOf'>;
  readonly webhooks: CorrectionWebhooks;
  /** Resolves when the call has its outcome, should it be ending at the moment. */
  readonly recorded: (call: WatchedCall, dialers: readonly string[]) => Promise<void>;
  /** Called after the commit. */
  readonly onCorrected: (outcome: CorrectedOutcome) => void;
};

/** Takes them. */
export type LateDispositions = {
  /**
   * Resolves when what it changes is committed; never rejects.
   *
   * @param dialers whose calls may be meant; none: all
   * @param at when it came in
   */
  report(
    call: WatchedCall,
    dialers: readonly string[],
    disposition: Disposition,
    at: Instant,
  ): Promise<LateDisposition>;
  /** Resolves when none is in hand. */
  idle(): Promise<void>;
  /** Since the start, by result. */
  counts(): Readonly<Record<string, number>>;
};

/** In hand at once, over all calls: while the disk fails they wait for it in memory, some 100 octets each. */
export const LATE_DISPOSITIONS_MAX = 1_000;

/** None in hand yet. */
export function createLateDispositions(parts: LateDispositionParts): LateDispositions {
  const { log, store, ledger } = parts;
  /** The last one in hand of each call: the next waits for it. */
  const turns = new Map<CallId, Promise<unknown>>();
  const counts: Record<string, number> = {};
  const waitingForIdle: (() => void)[] = [];
  let inHand = 0;

  return {
    async report(call, dialers, disposition, at) {
      const settled = inHand >= LATE_DISPOSITIONS_MAX ? TOO_MANY : await inOrder(call, dialers, disposition, at);
      counts[settled.result] = (counts[settled.result] ?? 0) + 1;
      return settled;
    },
    idle: () => (inHand === 0 ? Promise.resolve() : new Promise((resolve) => void waitingForIdle.push(resolve))),
    counts: () => ({ ...counts }),
  };

  async function inOrder(
    call: WatchedCall,
    dialers: readonly string[],
    disposition: Disposition,
    at: Instant,
  ): Promise<LateDisposition> {
    inHand++;
    try {
      await parts.recorded(call, dialers);
      const record = await (call.by === 'reference'
        ? store.findOutcomeByReference(call.value)
        : store.findOutcome(call.value));
      if (record === null) return { result: 'unknown-call' };
      if (dialers.length > 0 && !dialers.includes(record.dialer ?? '')) return { result: 'unknown-call' };
      return await inTurn(record.callId as CallId, async (callId) => {
        const outcome = withCorrections(record, await store.correctionsOf(callId));
        return correct(outcome, callId, disposition, at);
      });
    } catch (thrown) {
      const problem = describeError(thrown);
      log.warn({ problem }, 'a disposition after the end of its call was not taken');
      return { result: 'unavailable', problem };
    } finally {
      inHand--;
      if (inHand === 0) for (const resolve of waitingForIdle.splice(0)) resolve();
    }
  }

  /** What came first is committed before the next is judged by it. */
  function inTurn<T>(callId: CallId, work: (callId: CallId) => Promise<T>): Promise<T> {
    const before = turns.get(callId) ?? Promise.resolve();
    const mine = before.then(
      () => work(callId),
      () => work(callId),
    );
    turns.set(callId, mine);
    const leave = (): void => {
      if (turns.get(callId) === mine) turns.delete(callId);
    };
    mine.then(leave, leave);
    return mine;
  }

  async function correct(
    outcome: CorrectedOutcome,
    callId: CallId,
    disposition: Disposition,
    at: Instant,
  ): Promise<LateDisposition> {
    const decided = decideCorrection(outcome, disposition, at.wallMs, jurisdictionOfStamp(outcome.policy));
    if (decided.decision === 'unchanged') return { result: 'unchanged', outcome };
    if (decided.decision === 'refuse') return { result: decided.why, outcome };
    const { correction } = decided;
    const corrected = withCorrections(outcome, [...outcome.corrections, correction]);
    const webhooks = parts.webhooks(corrected, callId, parts.clock.now().wallMs);
    const moves = correctionMoves(outcome, corrected, await store.ownerOf(callId), ledger);
    await store.recordCorrection({ callId, correction, ...moves, webhooks });
    const { sequence, source, from, to } = correction;
    log.info({ callId, sequence, source, from, to }, 'call outcome corrected');
    parts.onCorrected(corrected);
    return { result: 'corrected', outcome: corrected };
  }
}

const TOO_MANY: LateDisposition = {
  result: 'unavailable',
  problem: 'too many dispositions of ended calls are in hand',
};
