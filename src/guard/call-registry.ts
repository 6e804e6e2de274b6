/** The calls that live, found by Brusio's id, the dialer leg's Call-ID or the dialer's reference. */
import type { CallId } from '../call/call-facts.ts';
import type { CallRunner } from './call-runner.ts';
import type { CallRef } from './ports.ts';

/** A call is in it from its INVITE until its outcome is committed. */
export type CallRegistry = {
  add(runner: CallRunner): void;
  remove(runner: CallRunner): void;
  find(ref: CallRef): CallRunner | null;
  /** The latest call with the dialer's own reference. */
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
  const byReference = new Map<string, CallRunner>();
  return {
    add(runner) {
      byCallId.set(runner.callId, runner);
      byDialerCallId.set(runner.dialerCallId, runner);
      if (runner.reference !== null) byReference.set(runner.reference, runner);
    },
    remove(runner) {
      byCallId.delete(runner.callId);
      // A dialer may reuse a Call-ID: the newer call keeps the entry.
      if (byDialerCallId.get(runner.dialerCallId) === runner) byDialerCallId.delete(runner.dialerCallId);
      if (runner.reference !== null && byReference.get(runner.reference) === runner)
        byReference.delete(runner.reference);
    },
    find: (ref) => byCallId.get(ref as CallId) ?? byDialerCallId.get(ref) ?? null,
    findByReference: (reference) => byReference.get(reference) ?? null,
    get: (callId) => byCallId.get(callId) ?? null,
    all: () => byCallId.values(),
    liveCount(dialer) {
      let count = 0;
      for (const runner of byCallId.values())
        if (!runner.ended() && (dialer === undefined || runner.dialer === dialer)) count++;
      return count;
    },
  };
}
