import { toIso } from '../../base/clock.ts';
import { italyAdmission } from '../jurisdictions/italy-admission.ts';
import type { Rule } from './ruling.ts';

/**
 * The number's last silent call is long enough ago, and no other call to it is on its way, whose end nobody knows yet. A lock
 * binds whoever calls for its controller, under whatever law: it is that of the call that set it.
 */
export const recallLock: Rule = ({ at, history }, { admission, recallLock: law }) => {
  const { lock } = history;
  const inFlight = law?.within === 'blocked' ? history.inFlight : 0;
  const isLocked = lock !== null && at < lock.until;
  if (!isLocked && inFlight === 0) return null;
  return {
    rule: 'recall-lock',
    // No other law locks a number for everybody.
    citation: (admission.recallLock ?? italyAdmission.recallLock).citation,
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
