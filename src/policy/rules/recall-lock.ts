import { toIso } from '../../base/clock.ts';
import type { Rule } from './ruling.ts';

/** The number's last silent call is long enough ago, and no other call to it is on its way, whose end nobody knows yet. */
export const recallLock: Rule = ({ at, history }, { admission }) => {
  const { lock, inFlight } = history;
  const isLocked = lock !== null && at < lock.until;
  if (!isLocked && inFlight === 0) return null;
  return {
    rule: 'recall-lock',
    citation: admission.recallLock.citation,
    facts: {
      silentAt: isLocked ? toIso(lock.silentAt) : null,
      until: isLocked ? toIso(lock.until) : null,
      inFlight,
    },
    remedy: isLocked
      ? 'call again after the lock, and then with an agent in the INVITE'
      : 'wait for the end of the other call to this number: it may become a silent one',
    retryAfterS: isLocked ? Math.ceil((lock.until - at) / 1_000) : null,
  };
};
