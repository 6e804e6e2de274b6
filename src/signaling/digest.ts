/**
 * HTTP digest authentication as SIP uses it (RFC 3261 §22, RFC 7616, RFC 8760): reading and writing of the headers, and
 * the arithmetic. No state, no chance: nonces and client nonces are arguments.
 */
import { hash } from 'node:crypto';

/** The algorithms of RFC 8760 §2.1 that are done here, strongest first. */
export const DIGEST_ALGORITHMS = ['SHA-256', 'SHA-256-sess', 'MD5', 'MD5-sess'] as const;

/** One of them. */
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

/** A `Digest` challenge or credentials: parameters by lower-case name, unquoted. */
export type DigestParameters = ReadonlyMap<string, string>;

/** Who one is. */
export type Credentials = { readonly username: string; readonly password: string };

/** What a response is computed from (RFC 7616 §3.4.1). */
export type DigestInput = Credentials & {
  readonly algorithm: DigestAlgorithm;
  readonly realm: string;
  readonly nonce: string;
  readonly method: string;
  /** The request-URI as it is sent. */
  readonly uri: string;
  /** Null: the challenge offered no `qop` (RFC 2069). */
  readonly qop: { readonly name: 'auth'; readonly nc: number; readonly cnonce: string } | null;
  /** Client nonce of the `-sess` algorithms when there is no qop. */
  readonly cnonce?: string;
};

/** A header longer than this is not looked at. */
const HEADER_LENGTH_MAX = 2_048;

/** The 64 or 32 hexadecimal digits of `response`. */
export function digestResponse(input: DigestInput): string {
  const { algorithm, username, realm, password, nonce, method, uri, qop } = input;
  const isSession = algorithm.endsWith('-sess');
  const name = algorithm.startsWith('SHA-256') ? 'sha256' : 'md5';
  const h = (text: string): string => hash(name, text, 'hex');
  const cnonce = qop?.cnonce ?? input.cnonce ?? '';
  const plain = h(`${username}:${realm}:${password}`);
  const ha1 = isSession ? h(`${plain}:${nonce}:${cnonce}`) : plain;
  const ha2 = h(`${method}:${uri}`);
  return qop === null
    ? h(`${ha1}:${nonce}:${ha2}`)
    : h(`${ha1}:${nonce}:${ncText(qop.nc)}:${cnonce}:${qop.name}:${ha2}`);
}

/** Eight hexadecimal digits (RFC 7616 §3.4). */
export function ncText(nc: number): string {
  return nc.toString(16).padStart(8, '0');
}

/**
 * Every `Digest` challenge or credentials of a header value. drachtio-srf joins several headers of one name with commas,
 * which stand between parameters as well: what begins with a scheme begins a new one.
 */
export function readDigests(value: string | undefined): readonly DigestParameters[] {
  if (value === undefined || value.length > HEADER_LENGTH_MAX) return [];
  const found: Map<string, string>[] = [];
  let current: Map<string, string> | null = null;
  const part =
    /(?:^|[,\s])\s*(?:([A-Za-z][\w!%*+.~'-]*)[ \t]+(?=[A-Za-z][\w!%*+.~'-]*\s*=))?([A-Za-z][\w!%*+.~'-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/g;
  for (const [, scheme, name = '', quoted, bare] of value.matchAll(part)) {
    if (scheme !== undefined) {
      current = scheme.toLowerCase() === 'digest' ? new Map() : null;
      if (current !== null) found.push(current);
    }
    const key = name.toLowerCase();
    // The first of two of a name: nobody smuggles a second one in behind what was checked.
    if (current !== null && !current.has(key)) current.set(key, quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '');
  }
  return found;
}

/** The algorithm a challenge or credentials name (MD5 when none, RFC 7616 §3.3); null for one that is not done here. */
export function algorithmOf(parameters: DigestParameters): DigestAlgorithm | null {
  const named = (parameters.get('algorithm') ?? 'MD5').toUpperCase();
  return DIGEST_ALGORITHMS.find((one) => one.toUpperCase() === named) ?? null;
}

/** A challenge's or credentials' parameter; which are quoted is RFC 7616 §3.3 and §3.4's choice, and peers insist on it. */
export type DigestParameter = readonly [name: string, value: string, quoted: 'quoted' | 'bare'];

/** `Digest name="value", name=value, …`. */
export function writeDigest(parameters: readonly DigestParameter[]): string {
  const texts = parameters.map(([name, value, quoted]) =>
    quoted === 'bare' ? `${name}=${value}` : `${name}="${value.replace(/["\\]/g, '\\$&')}"`,
  );
  return `Digest ${texts.join(', ')}`;
}
