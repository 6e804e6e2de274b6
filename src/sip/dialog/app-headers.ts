import { capitalizedHeaderName } from '../message/header-name.ts';
import { withQuotedDisplayName } from '../message/name-addr.ts';
import { type HeaderField, header, type SipMessage } from '../message/sip-message.ts';
import { formatHostPort } from '../message/uri.ts';
import type { Hop, Listener } from '../transaction/hop.ts';
import { facingContact, type IsOwn } from '../transaction/own-contact.ts';
import type { Faces } from './faces.ts';

/** How this element calls itself in a message: the listener that faces the peer, and what else means this element. */
export type Self = { readonly listener: Listener; readonly isOwn: IsOwn };

/** Headers that an application may never set: silently left out, as drachtio-server does. */
const NEVER_FROM_APP = new Set(['via', 'route', 'rseq', 'record-route', 'content-length']);

/** Headers with a display name, and in which `@localhost` means this element. */
const ADDRESS_HEADERS = new Set(['from', 'to', 'contact', 'p-asserted-identity']);

/** How this element calls itself towards that hop. */
export function selfFacing(faces: Faces, hop: Hop): Self {
  return { listener: faces.facing(hop), isOwn: faces.isOwn };
}

const spellings = new Map<string, string>();
const SPELLINGS_MAX = 512;

/**
 * The headers of an application's message as they go out: the engine's own left out, names capitalised, `@localhost`
 * replaced by our address, a Contact of ours by that of the listener which faces the peer.
 */
export function appHeaders(message: SipMessage, self: Self): HeaderField[] {
  const headers: HeaderField[] = [];
  for (const field of message.headers) {
    if (NEVER_FROM_APP.has(field.key)) continue;
    let { value } = field;
    if (ADDRESS_HEADERS.has(field.key)) {
      value = withQuotedDisplayName(value);
      if (value.includes('localhost')) value = withoutLocalhost(value, self.listener, field.key === 'from');
      if (field.key === 'contact') value = facingContact(value, self.isOwn, self.listener);
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

function withoutLocalhost(value: string, listener: Listener, isFrom: boolean): string {
  const hostPort = formatHostPort(listener.host, listener.port);
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
