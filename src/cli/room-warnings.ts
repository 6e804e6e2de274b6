import { callsOfPorts } from '../config/rtp-settings.ts';
import type { Settings } from '../config/settings.ts';

/** Fewer RTP ports than the calls that are allowed. Comment lines behind the YAML; '' when there are enough. */
export function roomWarnings({ rtp, limits }: Settings): string {
  const calls = callsOfPorts(rtp);
  if (calls >= limits.callsMax) return '';
  return `
# Calls beyond these are refused, for want of RTP ports:
#   rtp.portMin, rtp.portMax: ${rtp.portMin}–${rtp.portMax} are ${calls} calls at once, limits.callsMax is ${limits.callsMax}
`;
}
