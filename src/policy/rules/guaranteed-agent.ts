import { toIso } from '../../base/clock.ts';
import type { Rule } from './ruling.ts';

/**
 * A number that had a silent call is called with an agent only, until one call to it was bridged: during the lock too,
 * where that is only observed.
 */
export const guaranteedAgent: Rule = ({ agent, history: { lock } }, { admission }) =>
  lock === null || agent !== 'none'
    ? null
    : {
        rule: 'guaranteed-agent',
        citation: admission.guaranteedAgent.citation,
        facts: { silentAt: toIso(lock.silentAt), agent },
        remedy: 'reserve an agent before dialling, and name it in the agent header of the INVITE',
        retryAfterS: null,
      };
