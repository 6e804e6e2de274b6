/**
 * The Time-Stamp Protocol (RFC 3161 §2.4): a request for a hash, and what an authority answers. The token is kept as it came.
 * Its signature is for whoever relies on it to check, with the authority's certificate (`openssl ts -verify`). Pure.
 */
import { type DerValue, der, derUnsigned, readDer, TAG } from './der.ts';

/** 2.16.840.1.101.3.4.2.1, id-sha256 (RFC 5754 §2.2). */
const OID_SHA256 = Buffer.from('0609608648016503040201', 'hex');
/** 1.2.840.113549.1.7.2, id-signedData (RFC 5652 §5.1). */
const OID_SIGNED_DATA = Buffer.from('06092a864886f70d010702', 'hex');
/** 1.2.840.113549.1.9.16.1.4, id-ct-TSTInfo. */
const OID_TST_INFO = Buffer.from('060b2a864886f70d0109100104', 'hex');

/** What is asked for. */
export type TimestampQuery = {
  /** SHA-256 of what is to be signed, 32 octets. */
  readonly imprint: Buffer;
  /** Chosen at random: the answer must have the same, so that it is none of an earlier question. */
  readonly nonce: Buffer;
};

/** What an authority signed, or in words why there is no use in its answer. */
export type TimestampAnswer =
  | { readonly token: Buffer; readonly time: string; readonly serial: string }
  | { readonly problem: string };

/** TimeStampReq, DER: version 1, SHA-256, the authority's certificate wanted in the token. */
export function timestampQuery({ imprint, nonce }: TimestampQuery): Buffer {
  const algorithm = der(TAG.sequence, OID_SHA256, der(TAG.null));
  return der(
    TAG.sequence,
    der(TAG.integer, Buffer.from([1])),
    der(TAG.sequence, algorithm, der(TAG.octetString, imprint)),
    derUnsigned(nonce),
    der(TAG.boolean, Buffer.from([0xff])),
  );
}

/** Reads a TimeStampResp and holds it against what was asked. */
export function timestampAnswer(octets: Buffer, { imprint, nonce }: TimestampQuery): TimestampAnswer {
  const [statusInfo, token] = inside(readDer(octets)?.[0]);
  const [status] = inside(statusInfo);
  if (statusInfo === undefined || status?.tag !== TAG.integer) return { problem: 'its answer is no TimeStampResp' };
  // 0 granted, 1 granted with modifications (§2.4.2).
  const code = status.content.at(-1) ?? -1;
  if (status.content.length !== 1 || code > 1) return { problem: `it refused: status ${code}${wordsOf(statusInfo)}` };
  const info = tstInfoOf(token);
  if (token === undefined || info === null) return { problem: 'its answer has no token that can be read' };

  const [, , messageImprint, serial, genTime, ...optional] = info;
  const [algorithm, hashed] = inside(messageImprint);
  if (!inside(algorithm)[0]?.whole.equals(OID_SHA256) || !hashed?.content.equals(imprint))
    return { problem: 'its token is of another hash than it was asked for' };
  // Accuracy is a SEQUENCE, ordering a BOOLEAN: the INTEGER among what may follow is the nonce.
  const answered = optional.find(({ tag }) => tag === TAG.integer);
  if (answered?.whole.equals(derUnsigned(nonce)) !== true)
    return { problem: 'its token has not the nonce of the question' };
  const time = genTime?.tag === TAG.generalizedTime ? isoOf(genTime.content.toString('latin1')) : null;
  if (time === null || serial?.tag !== TAG.integer) return { problem: 'its token has no time or no serial number' };
  return { token: token.whole, time, serial: serial.content.toString('hex') };
}

/** The fields of the TSTInfo in a token: ContentInfo → SignedData → EncapsulatedContentInfo → OCTET STRING. */
function tstInfoOf(token: DerValue | undefined): readonly DerValue[] | null {
  const [contentType, content] = inside(token);
  if (!contentType?.whole.equals(OID_SIGNED_DATA)) return null;
  const [, , encapsulated] = inside(inside(content)[0]);
  const [type, wrapped] = inside(encapsulated);
  if (!type?.whole.equals(OID_TST_INFO)) return null;
  const [signed] = inside(wrapped);
  if (signed?.tag !== TAG.octetString) return null;
  const fields = inside(readDer(signed.content)?.[0]);
  return fields.length >= 5 ? fields : null;
}

function inside(value: DerValue | undefined): readonly DerValue[] {
  return value === undefined ? [] : (readDer(value.content) ?? []);
}

function wordsOf(statusInfo: DerValue): string {
  const words = inside(inside(statusInfo)[1])
    .filter(({ tag }) => tag === TAG.utf8String)
    .map(({ content }) => content.toString('utf8'));
  return words.length === 0 ? '' : `, "${words.join(' ')}"`;
}

/** `YYYYMMDDhhmmss[.s…]Z` (§2.4.2) as ISO 8601 with milliseconds. */
function isoOf(text: string): string | null {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d+)?Z$/.exec(text);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second, fraction = '.0'] = parts;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}Z`);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
