/** How a campaign's calls are connected under a law, as the settings narrow it, and what is said at the wait's end. */
import type { Settings } from './config/settings.ts';
import type { ConnectRulesOf } from './guard/call-runner.ts';
import type { Announcement } from './guard/media-port.ts';

/** Of any campaign and law: the law's wait, or the settings' where that is shorter. */
export function connectRules(
  { wait }: Pick<Settings, 'wait'>,
  announcementOf: (campaign: string) => Announcement | null,
): ConnectRulesOf {
  return (law, campaign) => {
    const said = law.wait.then.value === 'message' ? announcementOf(campaign) : null;
    return {
      waitLimitMs: Math.min(wait.limitMs, law.wait.limitMs.value),
      waitFrom: law.wait.from.value,
      greetingLimitMs: wait.greetingLimitMs,
      announcement: said === null ? null : { durationMs: said.durationMs, optOut: said.optOut },
      machineReleases: law.options.machineAnswered.value !== 'A',
    };
  };
}
