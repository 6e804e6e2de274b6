/** The settings' carriers and dialers as each part wants them. */
import { isIP } from 'node:net';
import type { Settings } from './config/settings.ts';
import { addressOfPlace } from './config/sip-listeners.ts';
import type { GuardRules } from './guard/admission-gate.ts';
import type { CarrierTerms } from './guard/carrier-pool.ts';
import { DECLARED_KINDS } from './policy/call-kind.ts';
import { CALLER_ID_HEADERS } from './policy/caller-id.ts';
import { SERVED_ALGORITHMS } from './policy/dialer-algorithms.ts';
import type { CarrierProfile } from './signaling/carrier-profile.ts';
import type { DialerProfile } from './signaling/dialer-profile.ts';
import { hostOf } from './signaling/sip-uri.ts';

/** For the pool that chooses among them. */
export function carrierTerms(settings: Settings): readonly CarrierTerms[] {
  return settings.carriers.map((carrier) => ({
    name: carrier.name,
    uri: carrier.uri,
    priority: carrier.priority,
    weight: carrier.weight,
    campaigns: carrier.campaigns,
    callsPerSecondMax: carrier.callsPerSecondMax,
    callsMax: carrier.callsMax,
    health: { failMax: carrier.optionsFailMax, riseMin: carrier.optionsRiseMin },
  }));
}

/** For the SIP edge that talks to them. */
export function carrierProfiles(settings: Settings): readonly CarrierProfile[] {
  return settings.carriers.map((carrier) => ({
    name: carrier.name,
    uri: carrier.uri,
    passHeaders: carrier.passHeaders,
    calledFormat: carrier.calledFormat,
    calledPrefix: carrier.calledPrefix,
    callerFormat: carrier.callerFormat,
    noResponseMs: carrier.noResponseMs,
    srtp: carrier.srtp,
    credentials:
      carrier.username === null || carrier.password === null
        ? null
        : { username: carrier.username, password: carrier.password },
    optionsIntervalMs: carrier.optionsIntervalMs,
    optionsTimeoutMs: carrier.optionsTimeoutMs,
    registration:
      carrier.registrar === null ? null : { registrar: carrier.registrar, expiresS: carrier.registerExpiresS },
  }));
}

/** The dialer of `dialers.sources`, which has no name of its own. */
const UNNAMED = 'default';

/** For the SIP edge that reads their INVITEs. */
export function dialerProfiles(settings: Settings): readonly DialerProfile[] {
  const rulesOf = (dialer: string) =>
    settings.campaigns.rules.filter((rule) => rule.dialer === null || rule.dialer === dialer);
  return [
    ...settings.dialers.named.map((dialer) => ({ ...dialer, campaignRules: rulesOf(dialer.name) })),
    {
      name: UNNAMED,
      sources: settings.dialers.sources,
      users: [],
      algorithms: SERVED_ALGORITHMS,
      numberFrom: 'request-uri',
      referenceFrom: ['call-code'],
      campaignRules: rulesOf(UNNAMED),
      stripPrefix: '',
      callerIdFrom: CALLER_ID_HEADERS,
      kind: 'guarded',
      mayDeclare: DECLARED_KINDS,
      agentFromDisplay: false,
      srtp: 'accept',
    },
  ];
}

/** For the guard that admits their calls. */
export function dialerRules(
  settings: Settings,
): Pick<GuardRules, 'dialers' | 'natCarriers' | 'inbound' | 'callerRanges' | 'numberPlan'> {
  return {
    dialers: [
      ...settings.dialers.named,
      {
        name: UNNAMED,
        callsPerSecondMax: null,
        callsMax: null,
        nat: settings.dialers.nat,
        teardown: settings.dialers.teardown,
      },
    ],
    natCarriers: new Set(settings.carriers.filter(({ nat }) => nat).map(({ name }) => name)),
    inbound: settings.inbound.map(({ number, target, nat }) => ({ prefix: number, uri: target, nat })),
    callerRanges: settings.exempt.callers,
    numberPlan: settings.numbers,
  };
}

/** Every address from which a request may come: the engine looks at no other. */
export function allowedSources(settings: Settings): readonly string[] {
  const { sources, named } = settings.dialers;
  return [...new Set([...sources, ...named.flatMap((dialer) => dialer.sources), ...carrierSources(settings)])];
}

/** Where carriers' own requests come from: BYEs, and calls to the number that was shown. */
function carrierSources(settings: Settings): readonly string[] {
  return settings.carriers.flatMap((carrier) => {
    const host = hostOf(carrier.uri);
    if (isIP(host) !== 0) return [host, ...carrier.sources];
    const named = Object.entries(settings.sip.hosts).flatMap(([name, places]) =>
      name.toLowerCase() === host.toLowerCase() ? [places].flat().map(addressOfPlace) : [],
    );
    return [...named, ...carrier.sources];
  });
}
