/** How calls are connected under each law, as the settings narrow it. */
import type { Settings } from './config/settings.ts';
import type { ConnectRulesOf } from './guard/call-runner.ts';

/** Of any campaign and law: the law's wait, or the settings' where that is shorter. */
export function connectRules({ wait }: Pick<Settings, 'wait'>): ConnectRulesOf {
  return (law) => ({
    waitLimitMs: Math.min(wait.limitMs, law.wait.limitMs.value),
    waitFrom: law.wait.from.value,
    greetingLimitMs: wait.greetingLimitMs,
    announcement: null,
    machineReleases: law.options.machineAnswered.value !== 'A',
  });
}
