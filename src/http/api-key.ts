/** Who may use the API: whoever has one of the keys in the settings. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * True when the request carries one of the keys, as `Authorization: Bearer <key>` or `X-Api-Key: <key>`. Every key is
 * compared, each in constant time, so that the time taken tells nothing. Without keys in the settings nobody passes.
 */
export function apiKeyCheck(apiKeys: readonly string[]): (headers: IncomingHttpHeaders) => boolean {
  // Digests have one length, as timingSafeEqual demands, and hide the length of the key.
  const known = apiKeys.map(digest);
  return (headers) => {
    const given = givenKey(headers);
    if (given === null) return false;
    const givenDigest = digest(given);
    return known.reduce((found, key) => timingSafeEqual(key, givenDigest) || found, false);
  };
}

function givenKey(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const key = headers['x-api-key'];
  return typeof key === 'string' ? key : null;
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
