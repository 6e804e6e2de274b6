/** What a called person's telephone does with a call. All times in ms. */
export type CalleeBehaviour =
  | {
      readonly kind: 'answers';
      /** INVITE to 200. */
      readonly ringMs: number;
      /** INVITE to 183 with a ringing tone, before the answer; left out: 180 without SDP. */
      readonly earlyMediaMs?: number;
      /** 200 to the callee's own BYE; left out: the callee stays. */
      readonly hangUpAfterMs?: number;
    }
  | {
      readonly kind: 'refuses';
      /** INVITE to the final response. */
      readonly afterMs: number;
      /** 300–699. */
      readonly status: number;
      /** Q.850 cause for the Reason header (RFC 3326); left out: no such header. */
      readonly q850?: number;
    }
  | { readonly kind: 'never-answers' }
  /** Picks up in the moment in which the caller gives up: the 200 and the CANCEL cross (RFC 3261 §9.1). */
  | { readonly kind: 'answers-upon-cancel' };

/** Answers after a short ring and stays. */
export const ANSWERS = { kind: 'answers', ringMs: 400 } as const satisfies CalleeBehaviour;
