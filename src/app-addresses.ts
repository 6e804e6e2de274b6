/** What addresses of the settings do not go together: which listener would talk to whom. */
import { isIP } from 'node:net';
import type { SettingsProblem } from './config/load-settings.ts';
import type { Settings } from './config/settings.ts';
import { sipListeners } from './config/sip-listeners.ts';
import { hostOf } from './signaling/sip-uri.ts';

/**
 * Peers that no listener of the embedded engine could talk to, since none is of their family, each at its path. Names are
 * not looked at: their addresses are DNS's business. Nothing with a real drachtio-server, whose listeners are its own.
 */
export function familyProblems(settings: Settings): readonly SettingsProblem[] {
  const { sip, control, carriers, inbound, dialers } = settings;
  if (control.drachtio !== null) return [];
  const families = new Set(sipListeners(sip.listen, null).map(({ address }) => isIP(address)));
  const missing = (path: string, address: string | null): SettingsProblem[] => {
    const family = address === null ? 0 : isIP(address);
    if (family === 0 || families.has(family)) return [];
    return [{ path, message: `no listener of sip.listen is IPv${family}` }];
  };
  return [
    ...missing('sip.externalAddress', sip.externalAddress),
    ...carriers.flatMap(({ uri, registrar }, index) => [
      ...missing(`carriers[${index}].uri`, hostOf(uri)),
      ...missing(`carriers[${index}].registrar`, registrar === null ? null : hostOf(registrar)),
    ]),
    ...inbound.flatMap(({ target }, index) => missing(`inbound[${index}].target`, hostOf(target))),
    ...dialers.named.flatMap(({ sources }, index) => {
      const found = sources.map((source) => missing(`dialers.named[${index}].sources`, source.split('/', 1)[0] ?? ''));
      return found.every((one) => one.length > 0) ? found.slice(0, 1).flat() : [];
    }),
  ];
}
