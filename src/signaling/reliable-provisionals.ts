/**
 * Provisional responses to a dialer whose INVITE requires 100rel (RFC 3262 §3): one at a time, the next only after the
 * PRACK of the one before. What is told meanwhile is kept as its latest state alone, for a ringing that was is no news. A
 * 200 waits for the PRACK of a description. Without 100rel everything goes out at once.
 */

/** A provisional response; `sdp` null for none. */
export type Provisional = {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly sdp: string | null;
};

/** The provisional responses of one INVITE. */
export type ReliableProvisionals = {
  readonly required: boolean;
  send(provisional: Provisional): void;
  /** A PRACK came. */
  acknowledged(): void;
  /** Runs `answer` now, or when the last description was acknowledged; the latest one given counts. */
  beforeAnswer(answer: () => void): void;
  /** Whether our description was acknowledged, so that the 200 needs none (RFC 6337 §3.1.1). */
  isAgreed(): boolean;
};

/**
 * None sent yet.
 *
 * @param send sends one on the wire; false when the peer cannot be told any more
 */
export function createReliableProvisionals(
  required: boolean,
  send: (provisional: Provisional) => void,
): ReliableProvisionals {
  let outstanding: Provisional | null = null;
  let waiting: Provisional | null = null;
  let answer: (() => void) | null = null;
  let agreed = false;

  return {
    required,
    send(provisional) {
      if (outstanding !== null) {
        // A description is never lost for a mere ringing behind it.
        waiting = provisional.sdp === null && waiting !== null && waiting.sdp !== null ? waiting : provisional;
        return;
      }
      if (required) outstanding = provisional;
      send(provisional);
    },
    acknowledged() {
      agreed ||= outstanding !== null && outstanding.sdp !== null;
      outstanding = null;
      if (answer !== null) {
        const run = answer;
        answer = null;
        waiting = null;
        run();
      } else if (waiting !== null) {
        const next = waiting;
        waiting = null;
        outstanding = next;
        send(next);
      }
    },
    beforeAnswer(run) {
      if (outstanding === null || outstanding.sdp === null) run();
      else answer = run;
    },
    isAgreed: () => agreed,
  };
}
