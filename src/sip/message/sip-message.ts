import { headerKey, headerNameOf } from './header-name.ts';

/*
 * Octet text: a string in which every character code is one octet (ISO 8859-1 decoding of whatever came). Every string of
 * a `SipMessage` is octet text: lossless for any input, its length is the length on the wire (Content-Length, control
 * frames), and V8 keeps it at one byte a character.
 */

/** One header line, unfolded. `key` is the lower-case long name, `name` what is written, `value` octet text. */
export type HeaderField = { readonly key: string; readonly name: string; readonly value: string };

/** A request (RFC 3261 §7.1); headers in the order of the wire, all strings octet text. */
export type SipRequest = {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly HeaderField[];
  readonly body: string;
};

/** A response (RFC 3261 §7.2). */
export type SipResponse = {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly HeaderField[];
  readonly body: string;
};

/** Anything that travels. */
export type SipMessage = SipRequest | SipResponse;

/** A header to send; compact and lower-case names become their usual spelling, other spellings stay. */
export function header(name: string, value: string): HeaderField {
  const key = headerKey(name);
  return { key, name: name === key || name.length === 1 ? headerNameOf(key) : name, value };
}

/** The value of the first header with this key (lower-case long name). */
export function headerValue(message: SipMessage, key: string): string | undefined {
  for (const field of message.headers) if (field.key === key) return field.value;
  return undefined;
}

/** The values of all headers with this key, one a line, in order. */
export function headerValues(message: SipMessage, key: string): string[] {
  const values: string[] = [];
  for (const field of message.headers) if (field.key === key) values.push(field.value);
  return values;
}

/** All elements of a comma-separated header, over all its lines, in order (RFC 3261 §7.3.1). */
export function listValues(message: SipMessage, key: string): string[] {
  const values: string[] = [];
  for (const field of message.headers) if (field.key === key) values.push(...splitList(field.value));
  return values;
}

/** The elements of one comma-separated value; commas in quotes and in angle brackets do not separate. */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return [value];
  const elements: string[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < value.length; at++) {
    const character = value[at];
    if (character === '"') at = endOfQuoted(value, at);
    else if (character === '<') depth++;
    else if (character === '>') depth--;
    else if (character === ',' && depth <= 0) {
      elements.push(value.slice(start, at).trim());
      start = at + 1;
    }
  }
  elements.push(value.slice(start).trim());
  return elements.filter((element) => element !== '');
}

/** The index of the quote that closes the one at `open`, or the last index when none does (RFC 3261 §25.1). */
export function endOfQuoted(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length - 1;
}
