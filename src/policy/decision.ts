import type { LegalRule } from './rules/ruling.ts';

/** The answer to one INVITE, before the carrier sees anything (DESIGN §4). */
export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly refusal: Refusal };

/** Why a call was not placed, told to the dialer, the webhook and the log in the same words. */
export type Refusal = {
  /** The rule's stable name, such as `codec` or `capacity`. */
  readonly rule:
    | 'source'
    | 'draining'
    | 'store'
    | 'media'
    | 'capacity'
    | 'dialer-rate'
    | 'dialer-calls'
    | 'campaign'
    | 'inbound'
    | 'caller-id'
    | 'media-offer'
    | 'carriers'
    | 'agent-source'
    | LegalRule;
  /**
   * Fixed per rule. A rule of the law never answers 5xx, since dialers fail over around one; 503 is for our own
   * inability (full, draining, no disk), where failing over is right.
   */
  readonly sipStatus: number;
  readonly phrase: string;
  /** What was found and what to do, for the `X-Brusio-Decision` header: one line, no numbers of people. */
  readonly explanation: string;
  /** `Reason` header value (RFC 3326), or null. */
  readonly reason: string | null;
  /** `Retry-After` header value (RFC 3261 §20.33), in whole seconds, or null. */
  readonly retryAfterS: number | null;
  /** `Warning` header value (RFC 3261 §20.43), or null. */
  readonly warning: string | null;
};
