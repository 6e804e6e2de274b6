import { lookup, promises } from 'node:dns';
import { type Answer, FAILED_ANSWER, type NameServer, NO_ANSWER } from './name-server.ts';

/** One try of one question, ms. */
const TRY_MS = 1_500;

/** Tries of one question, each at the next server. */
const TRIES = 2;

/** Node does not tell the lifetime of these. */
const UNTOLD_TTL_S = 60;

/** Look-ups that block a thread of the process's pool of four; further ones are taken as failed. */
const SYSTEM_LOOK_UPS_MAX = 2;

/** The answers "no such name" and "nothing of this kind". */
const NOTHING = new Set(['ENOTFOUND', 'ENODATA']);

/**
 * The name servers of the settings, or those of the system where there are none (RFC 3263 §4). For a name without address
 * there the system is asked too, which knows `/etc/hosts`.
 */
export function systemNameServer(servers: readonly string[]): NameServer {
  const resolver = new promises.Resolver({ timeout: TRY_MS, tries: TRIES });
  if (servers.length > 0) resolver.setServers([...servers]);
  let lookUps = 0;

  const bySystem = (name: string, family: 4 | 6, otherwise: Answer<string>): Promise<Answer<string>> => {
    if (lookUps >= SYSTEM_LOOK_UPS_MAX) return Promise.resolve(otherwise);
    lookUps++;
    return new Promise((resolve) => {
      lookup(name, { family, all: true }, (error, found) => {
        lookUps--;
        if (error !== null || found.length === 0) resolve(otherwise);
        else resolve({ records: found.map(({ address }) => address), ttlS: UNTOLD_TTL_S, failed: false });
      });
    });
  };

  return {
    naptr: (domain) =>
      resolver.resolveNaptr(domain).then((records) => ({ records, ttlS: UNTOLD_TTL_S, failed: false }), noRecords),
    srv: (name) =>
      resolver.resolveSrv(name).then((records) => ({ records, ttlS: UNTOLD_TTL_S, failed: false }), noRecords),
    async addresses(name, family) {
      try {
        const found = await (family === 4
          ? resolver.resolve4(name, { ttl: true })
          : resolver.resolve6(name, { ttl: true }));
        const ttlS = Math.min(...found.map(({ ttl }) => ttl));
        return { records: found.map(({ address }) => address), ttlS, failed: false };
      } catch (thrown) {
        return bySystem(name, family, noRecords(thrown));
      }
    },
  };
}

function noRecords(thrown: unknown): Answer<never> {
  return NOTHING.has((thrown as NodeJS.ErrnoException).code ?? '') ? NO_ANSWER : FAILED_ANSWER;
}
