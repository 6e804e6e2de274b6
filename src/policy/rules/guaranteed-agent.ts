import { toIso } from '../../base/clock.ts';
import { italyAdmission } from '../jurisdictions/italy-admission.ts';
import { unitedKingdomAdmission } from '../jurisdictions/united-kingdom-admission.ts';
import type { Breach, Rule } from './ruling.ts';

const RESERVE = 'reserve an agent before dialling, and name it in the agent header of the INVITE';

/**
 * Italy: a number that had a silent call is called with an agent only, until one call to it was bridged: during the lock too,
 * where that is only observed. United Kingdom: for so many hours after an abandoned call, or a machine, and while another
 * call to it is on its way, whose end nobody knows yet.
 */
export const guaranteedAgent: Rule = ({ at, agent, history }, { admission, recallLock: law }) => {
  if (agent !== 'none') return null;
  const { lock, agentLock } = history;
  const breach = (citation: string, facts: Breach['facts'], retryAfterS: number | null): Breach => ({
    ...{ rule: 'guaranteed-agent', citation, facts, remedy: RESERVE, retryAfterS },
  });
  if (lock !== null) {
    const { citation } = admission.guaranteedAgent ?? italyAdmission.guaranteedAgent;
    return breach(citation, { silentAt: toIso(lock.silentAt), agent }, null);
  }
  const { citation } = admission.guaranteedAgent ?? unitedKingdomAdmission.guaranteedAgent;
  if (agentLock !== null && at < agentLock.until) {
    const facts = { silentAt: toIso(agentLock.silentAt), until: toIso(agentLock.until), agent };
    return breach(citation, facts, Math.ceil((agentLock.until - at) / 1_000));
  }
  const { inFlight } = history;
  return law?.within === 'agent-only' && inFlight > 0 ? breach(citation, { inFlight, agent }, null) : null;
};
