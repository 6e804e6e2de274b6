import { jurisdictionsInUse } from '../config/campaign-jurisdictions.ts';
import type { Settings } from '../config/settings.ts';
import { leavesTimeToRing, SET_UP_MS } from '../policy/ringing.ts';

/** A ring limit that may end calls before the law's shortest ringing. Comment lines behind the YAML; '' when it leaves time. */
export function ringingWarnings(settings: Settings): string {
  const { ringLimitMs } = settings.policy;
  const lines = jurisdictionsInUse(settings).flatMap(({ name, minRingMs }) =>
    minRingMs === null || leavesTimeToRing(ringLimitMs, minRingMs)
      ? []
      : [`#   ${name}: ${minRingMs.value} ms and up to ${SET_UP_MS} ms until it rings; ${minRingMs.citation}`],
  );
  if (lines.length === 0) return '';
  const head = `# policy.ringLimitMs (${ringLimitMs} ms from the INVITE) may give calls up before the law's shortest ringing:`;
  return ['', head, ...lines, ''].join('\n');
}
