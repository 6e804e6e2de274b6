/**
 * Challenges dialers (RFC 3261 §22.1, RFC 7616 §3.3): SHA-256 and MD5, in this order (RFC 8760 §2.4). A nonce is made of
 * its own time and the address it was given to, sealed with a secret, so that asking costs no memory. What is remembered,
 * and bounded, is the count of uses of nonces that somebody with the right password has used: nothing is taken twice.
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { WallMs } from '../base/clock.ts';
import { SERVED_ALGORITHMS, type ServedAlgorithm } from '../policy/dialer-algorithms.ts';
import {
  algorithmOf,
  type Credentials,
  type DigestParameters,
  digestResponse,
  readDigests,
  writeDigest,
} from './digest.ts';
import { hostPortOf, userOf } from './sip-uri.ts';

/** What the credentials of a request are worth. */
export type Verdict =
  | { readonly result: 'accepted'; readonly username: string }
  /** None for our realm. */
  | { readonly result: 'absent' }
  /** Right, for a nonce that is too old or was counted further already. */
  | { readonly result: 'stale' }
  | { readonly result: 'wrong' };

/** What is looked at. */
export type AuthenticatedRequest = {
  readonly method: string;
  readonly uri: string;
  /** Its `Authorization` headers, joined with commas. */
  readonly authorization: string | undefined;
  readonly address: string;
};

/** Somebody we know, and by which algorithms: a dialer that does SHA-256 is not let in by MD5. */
export type DigestUser = Credentials & { readonly algorithms: readonly ServedAlgorithm[] };

/** The server's side. */
export type DigestServer = {
  /** `WWW-Authenticate` values, one an algorithm, in their order. */
  challenge(address: string, stale: boolean, algorithms: readonly ServedAlgorithm[]): readonly string[];
  verify(request: AuthenticatedRequest, users: readonly DigestUser[]): Verdict;
};

/** A dialer may go on with one nonce for so long. */
export const NONCE_LIFETIME_MS = 300_000;

/** Nonces whose uses are counted: as many dialers' at once; beyond, the one unused for longest is challenged anew. */
const COUNTED_MAX = 10_000;

/** Hexadecimal digits of a nonce's seal: 128 bits. */
const SEAL_DIGITS = 32;

/** Stands in for a user that does not exist, so that its refusal takes as long. */
const NOBODY: DigestUser = { username: '', password: '', algorithms: SERVED_ALGORITHMS };

/**
 * @param secret seals the nonces; of this process alone
 * @param now the wall clock
 */
export function createDigestServer(realm: string, secret: Buffer, now: () => WallMs): DigestServer {
  // As in webhook/signature.ts: plain octets would be set up anew for every nonce.
  const seal = createSecretKey(secret);
  /** Nonce → the highest count seen. */
  const counts = new Map<string, number>();

  return {
    challenge(address, stale, algorithms) {
      const nonce = sealed(now().toString(36), address);
      return algorithms.map((algorithm) =>
        writeDigest([
          ['realm', realm, 'quoted'],
          ['nonce', nonce, 'quoted'],
          ...(stale ? [['stale', 'true', 'bare'] as const] : []),
          ['algorithm', algorithm, 'bare'],
          ['qop', 'auth', 'quoted'],
        ]),
      );
    },
    verify(request, users) {
      const given = readDigests(request.authorization).find((one) => one.get('realm') === realm);
      if (given === undefined) return { result: 'absent' };
      const username = given.get('username') ?? '';
      const user = users.find((one) => one.username === username) ?? NOBODY;
      const nonce = given.get('nonce') ?? '';
      const isRight = hasRightResponse(given, request, user, nonce);
      if (user === NOBODY || !isRight || !isOurs(nonce, request.address)) return { result: 'wrong' };
      const nc = Number.parseInt(given.get('nc') ?? '', 16);
      if (isOld(nonce) || nc <= (counts.get(nonce) ?? 0)) return { result: 'stale' };
      remember(nonce, nc);
      return { result: 'accepted', username };
    },
  };

  function hasRightResponse(
    given: DigestParameters,
    { method, uri }: AuthenticatedRequest,
    user: DigestUser,
    nonce: string,
  ): boolean {
    const algorithm = user.algorithms.find((one) => one === algorithmOf(given));
    const nc = given.get('nc') ?? '';
    // RFC 3261 §22.4 item 8: whoever was offered a qop uses it.
    const isWhole = given.get('qop') === 'auth' && /^[\da-f]{8}$/i.test(nc) && meansUri(given.get('uri') ?? '', uri);
    if (algorithm === undefined || !isWhole) return false;
    const qop = { name: 'auth', nc: Number.parseInt(nc, 16), cnonce: given.get('cnonce') ?? '' } as const;
    const expected = digestResponse({ ...user, algorithm, realm, nonce, method, uri: given.get('uri') ?? '', qop });
    return isEqual(expected, (given.get('response') ?? '').toLowerCase());
  }

  function sealed(time: string, address: string): string {
    return `${time}.${createHmac('sha256', seal).update(`${time} ${address}`).digest('hex').slice(0, SEAL_DIGITS)}`;
  }

  function isOurs(nonce: string, address: string): boolean {
    return isEqual(sealed(nonce.split('.', 1)[0] ?? '', address), nonce);
  }

  function isOld(nonce: string): boolean {
    const ageMs = now() - Number.parseInt(nonce.split('.', 1)[0] ?? '', 36);
    return !(ageMs >= 0 && ageMs <= NONCE_LIFETIME_MS);
  }

  function remember(nonce: string, nc: number): void {
    counts.delete(nonce);
    counts.set(nonce, nc);
    const [oldest] = counts.keys();
    if (counts.size > COUNTED_MAX && oldest !== undefined) counts.delete(oldest);
  }
}

/**
 * RFC 3261 §22.4 item 6 lets the two differ, since a proxy may have changed one: some dialers (SIPp) write their peer's
 * address without the number. Somebody else's number is never meant.
 */
function meansUri(given: string, requestUri: string): boolean {
  return given === requestUri || (userOf(given) === '' && hostPortOf(given) === hostPortOf(requestUri));
}

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
