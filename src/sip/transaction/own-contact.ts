import { uriOf } from '../message/name-addr.ts';
import { withoutParameter } from '../message/parameters.ts';
import type { SipRequest } from '../message/sip-message.ts';
import { formatHostPort, parseSipUri } from '../message/uri.ts';
import { defaultPort, type Listener } from './hop.ts';

/** Whether a host and port of a URI mean this element; the port is that of the URI or its scheme's. */
export type IsOwn = (host: string, port: number) => boolean;

/**
 * A Contact that means this element, so that it names the listener which faces the peer (RFC 3261 §8.1.1.8); any other
 * Contact as it is.
 */
export function facingContact(value: string, isOwn: IsOwn, listener: Listener): string {
  const text = uriOf(value);
  const uri = parseSipUri(text);
  if (uri === null || !isOwn(uri.host, uri.port ?? defaultPort(uri.scheme === 'sips' ? 'tls' : 'udp'))) return value;
  const user = uri.user === null ? '' : `${uri.user}@`;
  // A sips URI says TLS by itself (RFC 3261 §19.1.2).
  const transport = listener.protocol === 'udp' || uri.scheme === 'sips' ? '' : `;transport=${listener.protocol}`;
  const parameters = withoutParameter(uri.parameters, 'transport');
  const own = `${uri.scheme}:${user}${formatHostPort(listener.host, listener.port)}${parameters}${transport}${uri.headers}`;
  if (own === text) return value;
  return value.includes('<') ? value.replace(text, () => own) : value.replace(text, () => `<${own}>`);
}

/** The request with every Contact of ours naming that listener. */
export function facingRequest(request: SipRequest, isOwn: IsOwn, listener: Listener): SipRequest {
  let changed = false;
  const headers = request.headers.map((field) => {
    if (field.key !== 'contact') return field;
    const value = facingContact(field.value, isOwn, listener);
    if (value === field.value) return field;
    changed = true;
    return { ...field, value };
  });
  return changed ? { ...request, headers } : request;
}
