/** What the guard is told of the settings themselves; what is made of them elsewhere is given. */
import { isIPv6 } from 'node:net';
import type { Settings } from './config/settings.ts';
import { sipListeners } from './config/sip-listeners.ts';
import type { GuardRules } from './guard/admission-gate.ts';

type Plain =
  | 'callsMax'
  | 'defaultCampaign'
  | 'isCampaignKnown'
  | 'silenceEnds'
  | 'refuseUninformed'
  | 'freeAgentsMaxAgeMs'
  | 'warnAgent';

/** @param made what a part of the settings was made into: carriers, dialers, what calls hear and how they are connected */
export function guardRules(settings: Settings, made: Omit<GuardRules, Plain>): GuardRules {
  const [firstListener] = sipListeners(settings.sip.listen, settings.sip.externalAddress);
  const known = new Set([
    settings.campaigns.default,
    ...settings.campaigns.names,
    ...settings.campaigns.named.map(({ name }) => name),
  ]);
  return {
    ...made,
    callsMax: settings.limits.callsMax,
    defaultCampaign: settings.campaigns.default,
    isCampaignKnown: (campaign) => settings.campaigns.autoCreate || known.has(campaign),
    silenceEnds: settings.media.silence.action === 'hang-up',
    refuseUninformed: settings.agents.whenDown === 'refuse',
    freeAgentsMaxAgeMs: settings.agents.freeAgentsMaxAgeMs,
    warnAgent: asHost(firstListener?.externalAddress ?? firstListener?.address ?? '127.0.0.1'),
  };
}

/** An address as the host of a header (RFC 3261 §25.1): IPv6 in brackets, without a zone. */
function asHost(address: string): string {
  return isIPv6(address) ? `[${address.replace(/%.*$/, '')}]` : address;
}
