/**
 * What becomes of a webhook after an attempt, and when it is tried again. Time and chance are arguments.
 *
 * The times are those that Standard Webhooks suggests: soon at first, for a consumer that is being restarted; then ever
 * more patient, over about three days, so that a weekend's outage loses nothing.
 */
import type { WallMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** From the n-th failed attempt to the next one, in ms; 75 h 35 min in all, then the webhook is dead. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
/** Share of a delay by which it is lengthened at most, so that what failed together does not come back together. */
export const JITTER_SHARE = 0.2;
/** The longest `Retry-After` that is believed, in ms. */
export const RETRY_AFTER_MAX_MS = 24 * HOUR_MS;

/** How an attempt went. */
export type AttemptResult =
  | { readonly kind: 'response'; readonly status: number; readonly retryAfter: string | null }
  /** No response: a timeout, a refused connection; `problem` names it without addresses. */
  | { readonly kind: 'no-response'; readonly problem: string };

/** What to do next. */
export type Verdict =
  | { readonly verdict: 'delivered' }
  | { readonly verdict: 'retry'; readonly at: WallMs; readonly problem: string }
  | { readonly verdict: 'dead'; readonly problem: string }
  /** 410: the consumer wants no more of anything. */
  | { readonly verdict: 'endpoint-gone'; readonly problem: string };

/** The verdict on attempt number `attempt` (from 1) that ended at `now`. Redirects are failures: we follow none. */
export function verdictOn(result: AttemptResult, attempt: number, now: WallMs, random: Random): Verdict {
  const problem = result.kind === 'response' ? `HTTP ${result.status}` : result.problem;
  if (result.kind === 'response') {
    if (result.status >= 200 && result.status < 300) return { verdict: 'delivered' };
    if (result.status === 410) return { verdict: 'endpoint-gone', problem };
  }
  const delayMs = RETRY_DELAYS_MS[attempt - 1];
  if (delayMs === undefined) return { verdict: 'dead', problem: `${problem}, after ${attempt} attempts` };
  const ownMs = delayMs * (1 + JITTER_SHARE * random());
  const askedMs = result.kind === 'response' ? (retryAfterMs(result.retryAfter, now) ?? 0) : 0;
  return { verdict: 'retry', at: Math.ceil(now + Math.max(ownMs, askedMs)) as WallMs, problem };
}

/**
 * How long a `Retry-After` asks us to wait (RFC 9110 §10.2.3: seconds or an HTTP date), in ms, 0 to
 * {@link RETRY_AFTER_MAX_MS}; null when it says nothing readable.
 */
export function retryAfterMs(value: string | null, now: WallMs): number | null {
  if (value === null) return null;
  const text = value.trim();
  // A date has a comma (IMF-fixdate, RFC 850) or at least a letter; Date.parse alone would take "5" for the month of May.
  const ms = /^\d+$/.test(text)
    ? Number(text) * SECOND_MS
    : /[A-Za-z]/.test(text)
      ? Date.parse(text) - now
      : Number.NaN;
  if (Number.isNaN(ms)) return null;
  return Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
}
