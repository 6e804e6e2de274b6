/**
 * Session timers on one leg (RFC 4028): what our headers say and what the peer's mean. Where an interval was agreed, the
 * engine refreshes for us or watches the peer refresh; where the peer has no timers, Brusio asks by itself whether it is
 * still there (`session-refresh.ts`).
 */

/** What the settings say. */
export type SessionIntervals = {
  /** `Session-Expires` we ask for, s; null: session timers are off. */
  readonly expiresS: number | null;
  /** The least we accept, s (RFC 4028 §5: at least 90). */
  readonly minS: number;
  /** How often we ask a peer without session timers whether it is there, s; null: never. */
  readonly checkS: number | null;
};

/** An interval both sides know. */
export type AgreedInterval = { readonly seconds: number; readonly refresher: 'us' | 'peer' };

/** A `Session-Expires` header (§4). */
export type SessionExpires = { readonly seconds: number; readonly refresher: 'uac' | 'uas' | null };

/** The lines of a message that these rules read. */
type Headers = { get(name: string): string | undefined };

/** Reads `Session-Expires`; null when there is none, or none that can be read. */
export function sessionExpiresOf(message: Headers): SessionExpires | null {
  const match = /^\s*(\d{1,10})\s*(?:;(.*))?$/.exec(message.get('session-expires') ?? message.get('x') ?? '');
  if (match === null) return null;
  const refresher = /(?:^|;)\s*refresher\s*=\s*(uac|uas)\b/i.exec(match[2] ?? '')?.[1]?.toLowerCase();
  return { seconds: Number(match[1]), refresher: refresher === 'uac' || refresher === 'uas' ? refresher : null };
}

/** The least interval a peer accepts, from its 422 (§6); null when it does not say. */
export function minSeOf(message: Headers): number | null {
  const match = /^\s*(\d{1,10})/.exec(message.get('min-se') ?? '');
  return match === null ? null : Number(match[1]);
}

/** Whether a peer knows session timers. */
export function knowsTimers(message: Headers): boolean {
  return /(?:^|,)\s*timer\s*(?:,|$)/i.test(`${message.get('supported') ?? ''},${message.get('require') ?? ''}`);
}

/**
 * Headers of the INVITE that begins a leg (§7.1). A peer that challenges is asked to refresh by itself: it may challenge
 * the engine's refresh too, and the engine has no credentials.
 */
export function intervalOffered(intervals: SessionIntervals, challenges: boolean): Record<string, string> {
  if (intervals.expiresS === null) return {};
  const expires = `${intervals.expiresS}${challenges ? PEER_REFRESHES : ''}`;
  return { 'Session-Expires': expires, 'Min-SE': String(intervals.minS) };
}

/** The same once more with the interval that the peer's 422 asked for (§7.3), or null when it asked for none. */
export function longerInterval(response: Headers, challenges: boolean): Record<string, string> | null {
  const least = minSeOf(response);
  if (least === null) return null;
  return { 'Session-Expires': `${least}${challenges ? PEER_REFRESHES : ''}`, 'Min-SE': String(least) };
}

const PEER_REFRESHES = ';refresher=uas';

/** What a 2xx to a request of ours agreed (§7.2); null when the peer has no timers. */
export function intervalAnswered(response: Headers): AgreedInterval | null {
  const expires = sessionExpiresOf(response);
  if (expires === null) return null;
  return { seconds: expires.seconds, refresher: expires.refresher === 'uas' ? 'peer' : 'us' };
}

/** Headers of our re-INVITE or UPDATE where an interval is agreed: without them the peer would take it for ended (§7.4). */
export function intervalRepeated(agreed: AgreedInterval | null): Record<string, string> {
  if (agreed === null) return {};
  return { 'Session-Expires': `${agreed.seconds};refresher=${agreed.refresher === 'us' ? 'uac' : 'uas'}` };
}

/** Our answer to a peer's INVITE, re-INVITE or UPDATE (§9). */
export type IntervalAnswer =
  | { readonly kind: 'accepted'; readonly agreed: AgreedInterval | null; readonly headers: Record<string, string> }
  /** 422 with these headers. */
  | { readonly kind: 'too-small'; readonly headers: Record<string, string> };

/**
 * Answers a request of the peer's, which is its UAC (table 2 of §9): it refreshes unless it says otherwise, for it is there
 * to do so. A peer that supports timers and asks for none gets our own interval with the first INVITE alone.
 */
export function answerInterval(request: Headers, intervals: SessionIntervals, isFirst: boolean): IntervalAnswer {
  const asked = sessionExpiresOf(request);
  if (asked !== null && asked.seconds < intervals.minS) {
    return { kind: 'too-small', headers: { 'Min-SE': String(intervals.minS) } };
  }
  const own = isFirst && knowsTimers(request) ? intervals.expiresS : null;
  const least = minSeOf(request) ?? 0;
  const seconds = asked?.seconds ?? (own === null ? null : Math.max(own, least));
  if (seconds === null) return { kind: 'accepted', agreed: null, headers: {} };
  // A proxy may have asked in the name of a peer that knows no timers: then the refresh is ours.
  const refresher = asked?.refresher ?? (knowsTimers(request) ? 'uac' : 'uas');
  return {
    kind: 'accepted',
    agreed: { seconds, refresher: refresher === 'uac' ? 'peer' : 'us' },
    headers: {
      'Session-Expires': `${seconds};refresher=${refresher}`,
      ...(refresher === 'uac' ? { Require: 'timer' } : {}),
    },
  };
}
