import { hasNamedParameters, parameter, withoutParameter } from './parameters.ts';
import { endOfQuoted, type HeaderField, type SipMessage, type SipRequest } from './sip-message.ts';
import { parseHostPort } from './uri.ts';

/** The topmost Via of a message (RFC 3261 §20.42); `text` is that one element as written. */
export type Via = {
  readonly text: string;
  /** Upper case: UDP, TCP, TLS. */
  readonly transport: string;
  readonly host: string;
  readonly port: number | null;
  readonly branch: string;
};

/** Every branch made to RFC 3261 begins with it (§8.1.1.7). */
export const MAGIC_COOKIE = 'z9hG4bK';

/** Reads one Via element: `SIP/2.0/UDP host:port;branch=…`. Null when it is none. */
export function parseVia(text: string): Via | null {
  const match = /^SIP\s*\/\s*2\.0\s*\/\s*([\w.!%*+`'~-]+)\s+([^;\s]+(?:\s*:\s*\d+)?)\s*(?:;|$)/i.exec(text);
  if (match === null || !hasNamedParameters(text)) return null;
  const sentBy = parseHostPort(match[2] as string);
  if (sentBy === null) return null;
  return {
    text,
    transport: (match[1] as string).toUpperCase(),
    host: sentBy.host.toLowerCase(),
    port: sentBy.port,
    branch: parameter(text, 'branch') ?? '',
  };
}

/** The topmost Via, null when it is missing or unreadable. */
export function topVia(message: SipMessage): Via | null {
  const field = message.headers.find((candidate) => candidate.key === 'via');
  return field === undefined ? null : parseVia(firstElement(field.value));
}

/**
 * The request with `received` and `rport` on its topmost Via (RFC 3261 §18.2.1, RFC 3581 §4), whether the peer asked for
 * rport or not, as drachtio-server does: the answer goes back to where the request really came from.
 */
export function stampReceived(request: SipRequest, address: string, port: number): SipRequest {
  const index = request.headers.findIndex((field) => field.key === 'via');
  const field = request.headers[index];
  if (field === undefined) return request;
  const first = firstElement(field.value);
  const bare = withoutParameter(withoutParameter(first, 'rport'), 'received');
  const value = `${bare};rport=${port};received=${address}${field.value.slice(first.length)}`;
  const headers: HeaderField[] = request.headers.slice();
  headers[index] = { ...field, value };
  return { ...request, headers };
}

function firstElement(value: string): string {
  let at = 0;
  while (at < value.length && value[at] !== ',') at = value[at] === '"' ? endOfQuoted(value, at) + 1 : at + 1;
  return at >= value.length ? value : value.slice(0, at).trimEnd();
}
