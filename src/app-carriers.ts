/** The settings' carriers as each part wants them. */
import { isIP } from 'node:net';
import type { Settings } from './config/settings.ts';
import type { CarrierTerms } from './guard/carrier-pool.ts';
import type { CarrierProfile } from './signaling/carrier-profile.ts';
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

/** Where carriers' own requests come from: BYEs, and calls to the number that was shown. */
export function carrierSources(settings: Settings): readonly string[] {
  return settings.carriers.flatMap((carrier) => {
    const host = hostOf(carrier.uri);
    return isIP(host) === 0 ? carrier.sources : [host, ...carrier.sources];
  });
}
