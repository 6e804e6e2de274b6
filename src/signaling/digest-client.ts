/**
 * Brusio's credentials at a carrier: answers its challenges (RFC 3261 §22.2, §22.3). drachtio-srf's own client knows MD5
 * alone, merges several challenges into one, and writes the wrong URI inside dialogs.
 */
import {
  algorithmOf,
  type Credentials,
  DIGEST_ALGORITHMS,
  type DigestParameter,
  type DigestParameters,
  digestResponse,
  readDigests,
  writeDigest,
} from './digest.ts';

/** A response that may carry a challenge. */
type Challenge = { readonly status: number; get(name: string): string | undefined };

/** The request that was challenged. */
type Challenged = { readonly method: string; readonly uri: string; get(name: string): string | undefined };

/** The header that answers a challenge: its name and its value. */
export type DigestAnswer = { readonly name: 'Authorization' | 'Proxy-Authorization'; readonly value: string };

/** The credentials, with the count of uses of each nonce. */
export type DigestClient = {
  /**
   * The header with which to send the request again; null when the response is no challenge that can be answered, or
   * when it refuses credentials that the request already carried: asking again would go on for ever.
   */
  answer(challenge: Challenge, request: Challenged): DigestAnswer | null;
};

/** Nonces whose uses are counted: servers give a new one with each challenge, so the latest are enough. */
const NONCES_MAX = 16;

/** @param newCnonce a client nonce, hard to guess (RFC 7616 §3.4) */
export function createDigestClient(credentials: Credentials, newCnonce: () => string): DigestClient {
  /** Nonce → how often it was used. */
  const uses = new Map<string, number>();

  return {
    answer(challenge, request) {
      const isProxy = challenge.status === 407;
      if (challenge.status !== 401 && !isProxy) return null;
      const name = isProxy ? 'Proxy-Authorization' : 'Authorization';
      const best = strongest(readDigests(challenge.get(isProxy ? 'proxy-authenticate' : 'www-authenticate')));
      if (best === null) return null;
      const [before] = readDigests(request.get(name)).filter((one) => one.get('realm') === best.get('realm'));
      // The same nonce again is no new chance, whatever `stale` says.
      const isStale = best.get('stale')?.toLowerCase() === 'true' && best.get('nonce') !== before?.get('nonce');
      if (before !== undefined && !isStale) return null;
      return { name, value: credentialsFor(best, request) };
    },
  };

  function credentialsFor(challenge: DigestParameters, request: Challenged): string {
    const algorithm = algorithmOf(challenge) ?? 'MD5';
    const realm = challenge.get('realm') ?? '';
    const nonce = challenge.get('nonce') ?? '';
    const { username } = credentials;
    const { method, uri } = request;
    const hasQop = challenge.get('qop') !== undefined;
    const cnonce = newCnonce();
    const nc = countUse(nonce);
    const response = digestResponse({
      ...credentials,
      algorithm,
      realm,
      nonce,
      method,
      uri,
      cnonce,
      qop: hasQop ? { name: 'auth', nc, cnonce } : null,
    });
    const opaque = challenge.get('opaque');
    const parameters: DigestParameter[] = [
      ['username', username, 'quoted'],
      ['realm', realm, 'quoted'],
      ['nonce', nonce, 'quoted'],
      ['uri', uri, 'quoted'],
      ['response', response, 'quoted'],
      // RFC 3261 §22.4 item 8: servers of RFC 2069 know no algorithm and are not told one they did not name.
      ...(challenge.has('algorithm') ? [['algorithm', algorithm, 'bare'] as const] : []),
      ...(opaque === undefined ? [] : [['opaque', opaque, 'quoted'] as const]),
      ...(hasQop
        ? ([
            ['qop', 'auth', 'bare'],
            ['nc', nc.toString(16).padStart(8, '0'), 'bare'],
          ] as const)
        : []),
      ...(hasQop || algorithm.endsWith('-sess') ? [['cnonce', cnonce, 'quoted'] as const] : []),
    ];
    return writeDigest(parameters);
  }

  function countUse(nonce: string): number {
    const nc = (uses.get(nonce) ?? 0) + 1;
    uses.set(nonce, nc);
    const [oldest] = uses.keys();
    if (uses.size > NONCES_MAX && oldest !== undefined) uses.delete(oldest);
    return nc;
  }
}

/** The strongest challenge we can answer (RFC 8760 §2.4 wants the topmost one supported: servers write them in this order). */
function strongest(challenges: readonly DigestParameters[]): DigestParameters | null {
  const usable = challenges.filter((challenge) => {
    const qop = challenge.get('qop');
    const offersAuth = qop === undefined || qop.split(',').some((one) => one.trim().toLowerCase() === 'auth');
    return algorithmOf(challenge) !== null && offersAuth && challenge.has('realm') && challenge.has('nonce');
  });
  const rank = (challenge: DigestParameters) => DIGEST_ALGORITHMS.indexOf(algorithmOf(challenge) ?? 'MD5-sess');
  return usable.sort((a, b) => rank(a) - rank(b))[0] ?? null;
}
