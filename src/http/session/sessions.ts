/**
 * Sessions of browsers: what a person with the API key gets in its place, since a page cannot send a key with everything it
 * asks for, and should not keep one. A session may read and do nothing else, and lives in this process's memory.
 */
import { createHash } from 'node:crypto';
import { addMs, type Clock, elapsedMs, type MonotonicMs } from '../../base/clock.ts';
import { randomToken } from '../../base/random.ts';

/** How long one lasts, ms: a shift. */
export const SESSION_MS = 12 * 3_600_000;
/** Sessions at a time; the oldest makes room. */
export const SESSIONS_MAX = 1_000;

/** Octets of a session's token. */
const TOKEN_OCTETS = 32;

/** The sessions. */
export type Sessions = {
  /** A new one, by the token that names it. */
  open(): string;
  isOpen(token: string): boolean;
  close(token: string): void;
};

/** None yet. */
export function createSessions(clock: Pick<Clock, 'monotonicMs'>): Sessions {
  /** Oldest first; by digest, so that to look one up takes no longer for a token that begins like another. */
  const sessions = new Map<string, MonotonicMs>();

  return {
    open() {
      const token = randomToken(TOKEN_OCTETS);
      sessions.set(digest(token), addMs(clock.monotonicMs(), SESSION_MS));
      const [oldest] = sessions.keys();
      if (sessions.size > SESSIONS_MAX && oldest !== undefined) sessions.delete(oldest);
      return token;
    },
    isOpen(token) {
      const until = sessions.get(digest(token));
      if (until === undefined) return false;
      if (elapsedMs(clock.monotonicMs(), until) > 0) return true;
      sessions.delete(digest(token));
      return false;
    },
    close: (token) => void sessions.delete(digest(token)),
  };
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
