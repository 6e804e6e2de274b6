import { capitalizedHeaderName } from '../message/header-name.ts';
import { withQuotedDisplayName } from '../message/name-addr.ts';
import { type HeaderField, header, type SipMessage } from '../message/sip-message.ts';
import { formatHostPort } from '../message/uri.ts';

/** How this element calls itself in Via and Contact. */
export type Advertised = { readonly host: string; readonly port: number };

/** Headers that an application may never set: silently left out, as drachtio-server does. */
const NEVER_FROM_APP = new Set(['via', 'route', 'rseq', 'record-route', 'content-length']);

/** Headers with a display name, and in which `@localhost` means this element. */
const ADDRESS_HEADERS = new Set(['from', 'to', 'contact', 'p-asserted-identity']);

const spellings = new Map<string, string>();
const SPELLINGS_MAX = 512;

/**
 * The headers of an application's message as they go out: the engine's own left out, names capitalised, `@localhost`
 * replaced by our address.
 */
export function appHeaders(message: SipMessage, advertised: Advertised): HeaderField[] {
  const headers: HeaderField[] = [];
  for (const field of message.headers) {
    if (NEVER_FROM_APP.has(field.key)) continue;
    let { value } = field;
    if (ADDRESS_HEADERS.has(field.key)) {
      value = withQuotedDisplayName(value);
      if (value.includes('localhost')) value = withoutLocalhost(value, advertised, field.key === 'from');
    }
    headers.push({ key: field.key, name: spelled(field.name), value });
  }
  return headers;
}

/**
 * The Content-Type for a body: nothing to add (null), `application/sdp` for a body that begins like SDP, or
 * `unknown` when the application gave none.
 */
export function missingContentType(headers: readonly HeaderField[], body: string): HeaderField | 'unknown' | null {
  if (body === '' || headers.some((field) => field.key === 'content-type')) return null;
  return body.startsWith('v=0') ? header('Content-Type', 'application/sdp') : 'unknown';
}

/** With the engine's name as User-Agent where the application gave none; null for no such header. */
export function withSoftwareName(headers: readonly HeaderField[], name: string | null): readonly HeaderField[] {
  if (name === null || headers.some((field) => field.key === 'user-agent')) return headers;
  return [...headers, header('User-Agent', name)];
}

function withoutLocalhost(value: string, advertised: Advertised, isFrom: boolean): string {
  const hostPort = formatHostPort(advertised.host, advertised.port);
  const pattern = isFrom ? /(@|\bsips?:)localhost(?::\d+)?(?=[;>?\s,]|$)/gi : /(@)localhost(?::\d+)?(?=[;>?\s,]|$)/gi;
  return value.replace(pattern, (_all, before: string) => before + hostPort);
}

function spelled(name: string): string {
  const known = spellings.get(name);
  if (known !== undefined) return known;
  const spelling = capitalizedHeaderName(name);
  if (spellings.size < SPELLINGS_MAX) spellings.set(name, spelling);
  return spelling;
}
