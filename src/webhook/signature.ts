/**
 * Signatures of Standard Webhooks (https://www.standardwebhooks.com, specification 1.0.0): HMAC-SHA256 over
 * `id.timestamp.body`, written `v1,<base64>`; several, separated by spaces, while a secret is replaced.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { WallMs } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { ok, type Result, refused } from '../base/result.ts';

/** How far a webhook's timestamp may be from the consumer's clock, in s: replays older than this are refused. */
export const TIMESTAMP_TOLERANCE_S = 5 * 60;
/** Octets in a secret (specification, "Signature scheme"): below is weak, above is no stronger. */
export const SECRET_OCTETS_MIN = 24;
/** See {@link SECRET_OCTETS_MIN}. */
export const SECRET_OCTETS_MAX = 64;

/** Signs one attempt: `timestampS` is that of the attempt, in seconds since 1970. */
export type Signer = (id: string, timestampS: number, body: string) => string;

/** A signer with all of these secrets. Throws AppError `webhook.bad-secret`, which does not repeat the secret. */
export function createSigner(secrets: readonly string[]): Signer {
  if (secrets.length === 0) throw badSecret('there is none');
  const keys = secrets.map(decodeSecret);
  return (id, timestampS, body) =>
    keys.map((key) => `v1,${mac(key, id, timestampS, body).toString('base64')}`).join(' ');
}

/** Why a webhook is not to be believed. */
export type SignatureProblem = 'missing-header' | 'bad-timestamp' | 'too-old' | 'too-new' | 'no-matching-signature';

/** The three headers of a received webhook, names in lower case as Node has them. */
export type WebhookHeaders = {
  readonly 'webhook-id'?: string | string[] | undefined;
  readonly 'webhook-timestamp'?: string | string[] | undefined;
  readonly 'webhook-signature'?: string | string[] | undefined;
};

/**
 * For consumers: whether `body`, the exact octets received as UTF-8, was signed by us with one of these secrets within
 * the last five minutes. Comparison is in constant time. Throws AppError `webhook.bad-secret`.
 */
export function verifyWebhook(
  secrets: readonly string[],
  headers: WebhookHeaders,
  body: string,
  now: WallMs,
): Result<null, SignatureProblem> {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') {
    return refused('missing-header');
  }
  if (!/^\d{1,12}$/.test(timestamp)) return refused('bad-timestamp');
  const timestampS = Number(timestamp);
  const ageS = Math.floor(now / 1000) - timestampS;
  if (ageS > TIMESTAMP_TOLERANCE_S) return refused('too-old');
  if (ageS < -TIMESTAMP_TOLERANCE_S) return refused('too-new');

  const given = signatures
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice(3), 'base64'));
  const expected = secrets.map((secret) => mac(decodeSecret(secret), id, timestampS, body));
  const matches = expected.some((e) => given.some((g) => g.length === e.length && timingSafeEqual(g, e)));
  return matches ? ok(null) : refused('no-matching-signature');
}

function mac(key: KeyObject, id: string, timestampS: number, body: string): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest();
}

/** As a key object: with plain octets every HMAC sets its key up anew, which took five times as long as the rest. */
function decodeSecret(secret: string): KeyObject {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (encoded === undefined) throw badSecret('it is not `whsec_` followed by base64');
  const key = Buffer.from(encoded, 'base64');
  if (key.length < SECRET_OCTETS_MIN || key.length > SECRET_OCTETS_MAX) {
    throw badSecret(`it has ${key.length} octets, not ${SECRET_OCTETS_MIN} to ${SECRET_OCTETS_MAX}`);
  }
  return createSecretKey(key);
}

function badSecret(why: string): AppError {
  return new AppError('webhook.bad-secret', `a webhook secret cannot be used: ${why}`);
}
