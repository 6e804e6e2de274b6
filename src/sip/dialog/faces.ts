import { formatHostPort } from '../message/uri.ts';
import type { Hop, Listener } from '../transaction/hop.ts';
import type { IsOwn } from '../transaction/own-contact.ts';

/** The places at which this element can be reached. */
export type Faces = {
  /** In the order of the settings; at least one. */
  readonly all: readonly Listener[];
  /** The listener that hop talks to, or would: what Via and Contact towards it say. */
  facing(hop: Hop): Listener;
  /** Whether that host and port, as a peer's copy of our Via or Contact names them, are a listener of ours. */
  readonly isOwn: IsOwn;
};

/**
 * `<sip:host:port>`, with `;transport=` where it is not UDP: our Contact where the application gave none. A request to a
 * sips URI has a sips Contact, and so has its answer (RFC 3261 §8.1.1.8, §12.1.1).
 */
export function contactOf(listener: Listener, requestUri: string): string {
  if (listener.protocol === 'tls' && /^sips:/i.test(requestUri)) {
    return `<sips:${formatHostPort(listener.host, listener.port)}>`;
  }
  const transport = listener.protocol === 'udp' ? '' : `;transport=${listener.protocol}`;
  return `<sip:${formatHostPort(listener.host, listener.port)}${transport}>`;
}
