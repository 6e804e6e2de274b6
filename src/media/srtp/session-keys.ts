/** Session keys from a master key (RFC 3711 §4.3, RFC 7714 §11), with a key derivation rate of 0: once, for all packets. */
import { createCipheriv } from 'node:crypto';
import { MASTER_KEY_OCTETS, type SrtpKey } from '../../call/srtp.ts';

/** The session keys of RTP or of RTCP. */
export type SessionKeys = {
  readonly cipher: Buffer;
  /** HMAC-SHA1's; not used by AES-GCM. */
  readonly authentication: Buffer;
  readonly salt: Buffer;
};

/** RFC 3711 §4.3.1, §4.3.2: what tells the keys apart, RTCP's being three above RTP's. */
const LABELS = { cipher: 0, authentication: 1, salt: 2 } as const;
const RTCP_LABELS = 3;

/** RFC 3711 §8.2. */
const AUTHENTICATION_OCTETS = 20;

/** Octets of the input block, the salt of which takes 14. */
const BLOCK_OCTETS = 16;

/** Where the label stands against the salt (RFC 3711 §4.3.1: key_id = label || index div rate, at its end). */
const LABEL_AT = 7;

/** The session keys of both protocols. */
export function sessionKeys(key: SrtpKey): { readonly rtp: SessionKeys; readonly rtcp: SessionKeys } {
  const master = Buffer.from(key.master, 'base64');
  const masterKey = master.subarray(0, MASTER_KEY_OCTETS);
  const masterSalt = master.subarray(MASTER_KEY_OCTETS);
  const keysOf = (base: number): SessionKeys => ({
    cipher: derived(masterKey, masterSalt, base + LABELS.cipher, MASTER_KEY_OCTETS),
    authentication: derived(masterKey, masterSalt, base + LABELS.authentication, AUTHENTICATION_OCTETS),
    salt: derived(masterKey, masterSalt, base + LABELS.salt, masterSalt.length),
  });
  return { rtp: keysOf(0), rtcp: keysOf(RTCP_LABELS) };
}

/** RFC 3711 §4.3.3: AES in counter mode over nothing. A salt of 12 octets is one of 14 with zeros behind (RFC 7714 §11). */
export function derived(masterKey: Buffer, masterSalt: Buffer, label: number, octets: number): Buffer {
  const block = Buffer.alloc(BLOCK_OCTETS);
  masterSalt.copy(block);
  block[LABEL_AT] = (block[LABEL_AT] as number) ^ label;
  return createCipheriv('aes-128-ctr', masterKey, block).update(Buffer.alloc(octets));
}
