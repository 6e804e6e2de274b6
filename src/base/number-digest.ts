/**
 * Telephone numbers as the ledger, locks and lists know them: HMAC-SHA256 (RFC 2104) of the E.164 text under a secret key, its first
 * 16 octets in hexadecimal. Without the key a digest says nothing of the number (a bare hash of so few numbers would be tried out in
 * seconds); with it the same number is found again. Pure.
 */
import { createHash, createHmac, createSecretKey } from 'node:crypto';
import { assert } from './assert.ts';

/** Octets of a digest: 128 bits, so that two of 10⁹ numbers share one with a chance of 10⁻²¹. */
export const NUMBER_DIGEST_OCTETS = 16;
/** Octets of a key (RFC 2104 §3: at least those of the hash's output). */
export const NUMBER_KEY_OCTETS = 32;
/** Octets of a key's id: enough to tell keys apart, and nothing of the key. */
const KEY_ID_OCTETS = 8;

/** A key; `id` is {@link numberKeyId} of `secret`. Plain data, but not for logs. */
export type NumberKey = { readonly id: string; readonly secret: Uint8Array };

/** Digests under one or several keys. */
export type NumberDigests = {
  /** Of the newest key: what is written from now on is found by it. */
  readonly keyId: string;
  /** 32 lower-case hexadecimal digits, under the newest key. `number` as the number plan gives it: E.164 with its plus. */
  current(number: string): string;
  /** Under every key, newest first: what was written before a rotation is found by the later ones. */
  all(number: string): readonly [string, ...string[]];
};

/** @param keys newest first, at least one */
export function createNumberDigests(keys: readonly NumberKey[]): NumberDigests {
  // As key objects: with plain octets every HMAC sets its key up anew.
  const [newest, ...older] = keys.map(({ secret }) => createSecretKey(secret));
  const keyId = keys[0]?.id;
  assert(newest !== undefined && keyId !== undefined, 'numbers are digested under at least one key');
  const under = (key: typeof newest, number: string) =>
    createHmac('sha256', key)
      .update(number)
      .digest('hex')
      .slice(0, 2 * NUMBER_DIGEST_OCTETS);
  return {
    keyId,
    current: (number) => under(newest, number),
    all: (number) => [under(newest, number), ...older.map((key) => under(key, number))],
  };
}

/** The first 8 octets of SHA-256 over the key, hexadecimal: it may be shown, stored and compared. */
export function numberKeyId(secret: Uint8Array): string {
  return createHash('sha256')
    .update(secret)
    .digest('hex')
    .slice(0, 2 * KEY_ID_OCTETS);
}
