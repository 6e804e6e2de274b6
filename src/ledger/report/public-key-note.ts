/** What is told of a signing key: the public half and its fingerprint, in manifests and in the ledger's `start`. Pure. */
import { createPublicKey, hash, type KeyObject } from 'node:crypto';

/** A public key as it is written down. */
export type PublicKeyNote = {
  readonly algorithm: 'Ed25519';
  /** SubjectPublicKeyInfo (RFC 8410), DER in Base64. */
  readonly publicKey: string;
  /** SHA-256 of that DER, hexadecimal. */
  readonly fingerprint: string;
};

/** Of an Ed25519 key, private or public. */
export function publicKeyNote(key: KeyObject): PublicKeyNote {
  const der = publicHalf(key).export({ type: 'spki', format: 'der' });
  return { algorithm: 'Ed25519', publicKey: der.toString('base64'), fingerprint: hash('sha256', der, 'hex') };
}

/** The public half as PEM, for whoever verifies elsewhere. */
export function publicKeyPem(key: KeyObject): string {
  return publicHalf(key).export({ type: 'spki', format: 'pem' }) as string;
}

/** A fingerprint as people pass it on: any case, with colons or blanks, with `SHA256:` before it; null: it is none. */
export function readFingerprint(text: string): string | null {
  const plain = text
    .trim()
    .replace(/^sha-?256:/i, '')
    .replaceAll(/[\s:]/g, '')
    .toLowerCase();
  return /^[0-9a-f]{64}$/.test(plain) ? plain : null;
}

/** In groups of four, which can be read out. */
export function shownFingerprint(fingerprint: string): string {
  return fingerprint.match(/.{1,4}/g)?.join(' ') ?? fingerprint;
}

function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'public' ? key : createPublicKey(key);
}
