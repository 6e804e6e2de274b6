/** The calls that live, found by Brusio's id, the dialer leg's Call-ID or the dialer's reference. */
import type { CallId } from '../call/call-facts.ts';
import type { CallRunner } from './call-runner.ts';
import type { CallRef } from './guard-view.ts';

/** A call is in it from its INVITE until its outcome is committed. */
export type CallRegistry = {
  add(runner: CallRunner): void;
  /** The dialer goes on with it in another dialog: found by its Call-ID too, in place of any such before. */
  moved(runner: CallRunner, dialerCallId: string): void;
  /** Its line is down; the call stays to be found until `remove`. Without effect when that was known. */
  ended(runner: CallRunner): void;
  remove(runner: CallRunner): void;
  find(ref: CallRef): CallRunner | null;
  /** The latest call with the dialer's own reference; a guarded one before those that are not. */
  findByReference(reference: string): CallRunner | null;
  /** By Brusio's id alone, for the media plane's events. */
  get(callId: CallId): CallRunner | null;
  all(): IterableIterator<CallRunner>;
  /** Calls whose line is still up or being set up: what a capacity limit counts. Of one dialer, when one is named. */
  liveCount(dialer?: string): number;
};

/** An empty registry. */
export function createCallRegistry(): CallRegistry {
  const byCallId = new Map<CallId, CallRunner>();
  const byDialerCallId = new Map<string, CallRunner>();
  /** The Call-ID of the dialog that has taken the place of the dialer's first. */
  const movedTo = new Map<CallRunner, string>();
  const byReference = new Map<string, CallRunner>();
  /** Counted as they come and go: every INVITE asks how many there are. */
  const live = new Set<CallRunner>();
  const liveOfDialer = new Map<string, number>();

  function ended(runner: CallRunner): void {
    if (!live.delete(runner) || runner.dialer === null) return;
    const left = (liveOfDialer.get(runner.dialer) ?? 0) - 1;
    if (left > 0) liveOfDialer.set(runner.dialer, left);
    else liveOfDialer.delete(runner.dialer);
  }

  /** A dialer may reuse a Call-ID: the newer call keeps the entry. */
  function forget(dialerCallId: string, runner: CallRunner): void {
    if (byDialerCallId.get(dialerCallId) === runner) byDialerCallId.delete(dialerCallId);
  }

  /**
   * A dialer that sends a guarded call on, to an agent's telephone outside or to a third party, may give the new leg the
   * same reference: agents and dispositions are then told of the call that is guarded.
   */
  function isSentOn(runner: CallRunner, holder: CallRunner | undefined): boolean {
    return holder !== undefined && !holder.ended() && holder.isGuarded && !runner.isGuarded;
  }

  return {
    moved(runner, dialerCallId) {
      if (!byCallId.has(runner.callId)) return;
      const before = movedTo.get(runner);
      if (before !== undefined) forget(before, runner);
      movedTo.set(runner, dialerCallId);
      byDialerCallId.set(dialerCallId, runner);
    },
    add(runner) {
      if (!runner.ended()) {
        live.add(runner);
        if (runner.dialer !== null) liveOfDialer.set(runner.dialer, (liveOfDialer.get(runner.dialer) ?? 0) + 1);
      }
      byCallId.set(runner.callId, runner);
      byDialerCallId.set(runner.dialerCallId, runner);
      if (runner.reference !== null && !isSentOn(runner, byReference.get(runner.reference)))
        byReference.set(runner.reference, runner);
    },
    ended,
    remove(runner) {
      ended(runner);
      byCallId.delete(runner.callId);
      forget(runner.dialerCallId, runner);
      forget(movedTo.get(runner) ?? '', runner);
      movedTo.delete(runner);
      if (runner.reference !== null && byReference.get(runner.reference) === runner)
        byReference.delete(runner.reference);
    },
    find: (ref) => byCallId.get(ref as CallId) ?? byDialerCallId.get(ref) ?? null,
    findByReference: (reference) => byReference.get(reference) ?? null,
    get: (callId) => byCallId.get(callId) ?? null,
    all: () => byCallId.values(),
    liveCount: (dialer) => (dialer === undefined ? live.size : (liveOfDialer.get(dialer) ?? 0)),
  };
}
