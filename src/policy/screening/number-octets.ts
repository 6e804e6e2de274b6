/** Which octets a number is written with in a list, and which only stand around it. Pure. */

/** ASCII. */
export const PLUS = 0x2b;

/** What an octet is to a telephone number. */
export const OCTET = { other: 0, digit: 1, plus: 2, ignored: 3 } as const;

/**
 * By octet. Ignored: blanks, RFC 3966 §3 visual separators and `/`, the marks with which spreadsheets keep a number a text
 * (`'0612…`, `="0612…"`), and the octets of UTF-8's (and Latin 1's) non-breaking spaces and direction marks, which come
 * along when numbers are copied out of address books.
 */
export const octetKinds: Uint8Array = new Uint8Array(256);
for (const octet of Buffer.from('0123456789', 'latin1')) octetKinds[octet] = OCTET.digit;
for (const octet of Buffer.from(" \t-.()/'=", 'latin1')) octetKinds[octet] = OCTET.ignored;
for (const octet of Buffer.from('\u00a0\u202f\u200e\u202a\u202c\u202d', 'utf8')) octetKinds[octet] = OCTET.ignored;
octetKinds[PLUS] = OCTET.plus;

/** More digits than E.164 §6.2.1 allows (15), with an international prefix before them. */
export const NUMBER_OCTETS_MAX = 20;
/** Fewer digits are no telephone number that a list could hold. */
const DIGITS_MIN = 5;

/** The digits, with their plus if they have one, of a field that holds a telephone number and nothing else; null of another. */
export function bareNumber(field: string): string | null {
  let bare = '';
  for (const octet of Buffer.from(field, 'utf8')) {
    const kind = octetKinds[octet];
    if (kind === OCTET.digit || (kind === OCTET.plus && bare === '')) bare += String.fromCharCode(octet);
    else if (kind !== OCTET.ignored) return null;
  }
  const digits = bare.startsWith('+') ? bare.length - 1 : bare.length;
  return digits >= DIGITS_MIN && bare.length <= NUMBER_OCTETS_MAX ? bare : null;
}
