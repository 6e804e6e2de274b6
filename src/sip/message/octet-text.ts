/**
 * Octet text: a string in which every character code is one octet (ISO 8859-1 decoding of whatever came).
 *
 * Every string of a `SipMessage` is octet text. It is lossless for any input, its length is the length on the wire
 * (Content-Length, control frames), and V8 keeps it at one byte a character. What a person typed passes through
 * `toOctetText`, what a person will read through `fromOctetText`.
 */

/** The UTF-8 octets of `text` as octet text. */
export function toOctetText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The text that octet text spells in UTF-8; invalid sequences become U+FFFD. */
export function fromOctetText(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('utf8');
}
