/**
 * The header block that mod_event_socket writes, of its own frames and of the events inside them: `Name: value` lines,
 * values of events percent-encoded (`switch_event_serialize`, src/switch_event.c), `_undef_` for an empty one.
 */

/** Values as they stand on the wire, by name. */
export type RawHeaders = ReadonlyMap<string, string>;

/** Headers read from one block. */
export type HeaderBlock = {
  readonly headers: RawHeaders;
  /** Lines that are no header: skipped. */
  readonly malformed: number;
};

/** A channel with many variables has some 300; more than this is no event. */
export const HEADERS_MAX = 4_096;

/** Reads lines up to the first empty one, or all. The first value of a name counts. Never throws. */
export function readHeaders(text: string): HeaderBlock {
  const headers = new Map<string, string>();
  let malformed = 0;
  let at = 0;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const lineEnd = newline === -1 ? text.length : newline;
    // The server ends lines with LF alone; a CR before it is what a proxy or a hand may have added.
    const end = lineEnd > at && text.charCodeAt(lineEnd - 1) === 0x0d ? lineEnd - 1 : lineEnd;
    if (end === at) break;
    const colon = text.indexOf(':', at);
    if (colon <= at || colon >= end || headers.size >= HEADERS_MAX) malformed += 1;
    else {
      const name = text.slice(at, colon);
      const from = text.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1;
      if (!headers.has(name)) headers.set(name, text.slice(from, end));
    }
    at = lineEnd + 1;
  }
  return { headers, malformed };
}

/**
 * The value of an event's header, decoded; null when it is absent or empty. A percent sign that encodes nothing stands
 * for itself, octets that are no UTF-8 become U+FFFD.
 */
export function headerValue(headers: RawHeaders, name: string): string | null {
  const raw = headers.get(name);
  if (raw === undefined || raw === '' || raw === '_undef_') return null;
  return raw.includes('%') ? percentDecode(raw) : raw;
}

function percentDecode(raw: string): string {
  const octets = Buffer.from(raw, 'utf8');
  let length = 0;
  for (let at = 0; at < octets.length; at += 1) {
    const octet = octets[at] as number;
    const high = octet === 0x25 ? hexDigit(octets[at + 1]) : -1;
    const low = high === -1 ? -1 : hexDigit(octets[at + 2]);
    if (low === -1) octets[length] = octet;
    else {
      octets[length] = high * 16 + low;
      at += 2;
    }
    length += 1;
  }
  return octets.toString('utf8', 0, length);
}

/** Value of an ASCII hexadecimal digit, or -1. */
function hexDigit(octet: number | undefined): number {
  if (octet === undefined) return -1;
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
