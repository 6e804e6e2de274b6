/** What two ends must share to protect a stream (SRTP, RFC 3711), as SDP gives it to them (RFC 4568). */

/** Crypto suites we serve, by their SDP names (RFC 4568 §6.2, RFC 7714 §14.1). */
export type SrtpSuite = 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32' | 'AEAD_AES_128_GCM';

/** Every suite, in the order in which we offer them. */
export const SRTP_SUITES: readonly SrtpSuite[] = [
  'AES_CM_128_HMAC_SHA1_80',
  'AEAD_AES_128_GCM',
  'AES_CM_128_HMAC_SHA1_32',
];

/** RFC 3711 §8.2, RFC 7714 §12: octets of a master key and of its salt. */
export const MASTER_KEY_OCTETS = 16;
const MASTER_SALT_OCTETS: Readonly<Record<SrtpSuite, number>> = {
  AES_CM_128_HMAC_SHA1_80: 14,
  AES_CM_128_HMAC_SHA1_32: 14,
  AEAD_AES_128_GCM: 12,
};

/** Octets of a suite's master key and salt together: what `inline:` carries in base64. */
export function masterOctets(suite: SrtpSuite): number {
  return MASTER_KEY_OCTETS + MASTER_SALT_OCTETS[suite];
}

/** One direction's key: master key and salt, one after the other, in base64. Never to be logged. */
export type SrtpKey = { readonly suite: SrtpSuite; readonly master: string };

/** The keys of one leg: each side makes the one that it sends under (RFC 4568 §5.1.1). */
export type SrtpKeys = { readonly send: SrtpKey; readonly receive: SrtpKey };
