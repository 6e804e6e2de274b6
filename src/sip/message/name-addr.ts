import { parameter, withoutParameter } from './parameters.ts';
import { endOfQuoted } from './sip-message.ts';
import { isUri } from './uri.ts';

/**
 * `"Display" <uri>;params` and `uri;params`: the values of From, To, Contact, Route and Record-Route (RFC 3261 §20.10).
 * They are kept as text and read in place, because From and To must travel back octet for octet.
 */

/** The URI of the value, without angle brackets. */
export function uriOf(value: string): string {
  const open = openingBracket(value);
  if (open < 0) {
    const semicolon = value.indexOf(';');
    return (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
  }
  const close = value.indexOf('>', open);
  return value.slice(open + 1, close < 0 ? value.length : close).trim();
}

/** The value of a header parameter such as `tag` or `expires`; parameters inside the brackets belong to the URI. */
export function addressParameter(value: string, name: string): string | undefined {
  return parameter(value, name, parametersStart(value));
}

/**
 * Whether the value is a name and an address: quotes and brackets closed, a URI between them without white space around
 * it, and nothing but parameters behind (RFC 3261 §25.1, RFC 4475 §3.1.2.6 and §3.1.2.14). A display name that should
 * have been quoted is let pass.
 */
export function isNameAddr(value: string): boolean {
  const open = openingBracket(value);
  if (value[0] === '"') {
    const close = endOfQuoted(value, 0);
    if (close === 0 || value[close] !== '"' || open < 0) return false;
  }
  if (open < 0) return isUri(uriOf(value));
  const close = value.indexOf('>', open);
  return close >= 0 && isUri(value.slice(open + 1, close)) && /^\s*(?:;|$)/.test(value.slice(close + 1));
}

/** The tag of a From or To; null when there is none or an empty one. */
export function tagOf(value: string): string | null {
  return addressParameter(value, 'tag') || null;
}

/** The value with this tag and no other. */
export function withTag(value: string, tag: string): string {
  return `${withoutTag(value)};tag=${tag}`;
}

/** The value without its tag. A bare URI is put in brackets, so that a tag can follow (RFC 3261 §20). */
export function withoutTag(value: string): string {
  const stripped = withoutParameter(value, 'tag', parametersStart(value));
  if (openingBracket(stripped) >= 0) return stripped;
  const semicolon = stripped.indexOf(';');
  return semicolon < 0
    ? `<${stripped.trim()}>`
    : `<${stripped.slice(0, semicolon).trim()}>${stripped.slice(semicolon)}`;
}

/** What stands before the `<`, with its quotes; '' for none. */
export function displayNameOf(value: string): string {
  const open = openingBracket(value);
  return open <= 0 ? '' : value.slice(0, open).trim();
}

/**
 * The value with a display name that is neither quoted nor plain tokens put in quotes: `O'Neil, Bob <sip:…>` is seen in
 * the wild, and regular-expression parsers lose the tag over it.
 */
export function withQuotedDisplayName(value: string): string {
  const first = value.charCodeAt(0);
  if (first === 0x3c /* < */) return value;
  const open = openingBracket(value);
  if (open <= 0) return value;
  const display = value.slice(0, open).trim();
  if (display === '' || /^[\w.!%*+`'~-]+( [\w.!%*+`'~-]+)*$/.test(display)) return value;
  if (first === 0x22 /* " */ && endOfQuoted(display, 0) === display.length - 1 && display.length > 1) return value;
  return `"${display.replace(/["\\]/g, '')}" ${value.slice(open)}`;
}

function openingBracket(value: string): number {
  const quote = value.indexOf('"');
  const open = value.indexOf('<');
  if (quote < 0 || open < 0 || open < quote) return open;
  return value.indexOf('<', endOfQuoted(value, quote));
}

function parametersStart(value: string): number {
  const open = openingBracket(value);
  if (open < 0) return 0;
  const close = value.indexOf('>', open);
  return close < 0 ? value.length : close;
}
