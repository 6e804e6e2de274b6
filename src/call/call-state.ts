/** The states of a call (DESIGN §3). Plain data: the journal writes them as JSON. */
import type { MonotonicMs } from '../base/clock.ts';
import type { CallFacts, EndCause, WaitStart } from './call-facts.ts';

export type CallState =
  /** The INVITE is with the rules of law or with the carrier, no final response yet. */
  | {
      readonly name: 'dialing';
      readonly facts: CallFacts;
      /** When it has rung for long enough; null for a call that is not guarded, or in a journal of version 0.1. */
      readonly deadlineAt: MonotonicMs | null;
    }
  /** We asked the carrier to stop; a 2xx may still cross our CANCEL and is an answered call. */
  | {
      readonly name: 'cancelling';
      readonly facts: CallFacts;
      readonly cause: EndCause;
      /** When we stop waiting for the carrier's final response. */
      readonly deadlineAt: MonotonicMs;
    }
  /** Answered, no agent: ambience plays until the deadline. */
  | { readonly name: 'waiting'; readonly facts: CallFacts; readonly deadlineAt: MonotonicMs }
  /** Answered by a machine or a fax, says the dialer, which owns the call from here; no deadline. */
  | { readonly name: 'released'; readonly facts: CallFacts; readonly deadlineAt: null }
  /** No agent came within the wait, and this dialer's teardown is only observed: it owns the call from here; no deadline. */
  | { readonly name: 'overdue'; readonly facts: CallFacts; readonly deadlineAt: null }
  /** Nobody came: a message says who called, and after it the callee may press the key that says never again. */
  | {
      readonly name: 'announcing';
      readonly facts: CallFacts;
      /** When the callee has had time enough for the key, or the message can no longer be waited for. */
      readonly deadlineAt: MonotonicMs;
    }
  /** An agent and the callee are connected. */
  | { readonly name: 'bridged'; readonly facts: CallFacts; readonly deadlineAt: null }
  /** Nothing more can happen. */
  | {
      readonly name: 'ended';
      readonly facts: CallFacts;
      readonly cause: EndCause;
      /** The `Reason` the legs were given or gave (RFC 3326), or null. */
      readonly reason: string | null;
      readonly deadlineAt: null;
    };

/** The names of all states. */
export type CallStateName = CallState['name'];

/** The states of one name. */
export type StateNamed<N extends CallStateName> = Extract<CallState, { name: N }>;

/** A call that is over. */
export type EndedCall = StateNamed<'ended'>;

/** What a jurisdiction and the settings say about connecting one call. */
export type ConnectRules = {
  /** The longest wait, in ms (Italy: 3000, decision 83/2014 point 1). */
  readonly waitLimitMs: number;
  /** What it counts from. */
  readonly waitFrom: WaitStart;
  /** A greeting that goes on for longer, ms, counts as over. */
  readonly greetingLimitMs: number;
  /** What is played at the wait's end; null: the call is torn down. */
  readonly announcement: AnnouncementRule | null;
  /** A reported machine or fax counts as class B and takes the deadline away (POLICY §1, readings). */
  readonly machineReleases: boolean;
};

/** The message of one call. */
export type AnnouncementRule = {
  readonly durationMs: number;
  /** The key that says never again, and for how long after the message it may be pressed; null: there is none. */
  readonly optOut: { readonly digit: string; readonly listenMs: number } | null;
};
