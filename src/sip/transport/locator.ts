import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { Location, Locator } from '../dialog/location.ts';
import { parseHostPort, parseSipUri, type SipUri, uriParameter } from '../message/uri.ts';
import { defaultPort, type Hop, type Listener, type TransportProtocol } from '../transaction/hop.ts';
import { hasListener } from './listener-choice.ts';

/** What a locator goes by. */
export type LocatorOptions = {
  /** Name to IP address, looked at before anybody is asked. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Only what one of these can reach is a target. */
  readonly listeners: readonly Listener[];
};

/** A locator for literals, the names in `hosts`, and A and AAAA, which the system looks up without blocking. */
export function createLocator({ hosts, listeners }: LocatorOptions): Locator {
  const known = new Map(Object.entries(hosts).map(([name, address]) => [name.toLowerCase(), address]));

  return {
    locate(text, anyTransport): Location {
      // Applications write `proxy` both as a URI and as bare host:port.
      const withScheme = parseSipUri(text) === null && parseHostPort(text) !== null ? `sip:${text}` : text;
      const uri = parseSipUri(withScheme);
      if (uri === null) return { kind: /^[a-z][a-z0-9+.-]*:/i.test(text) ? 'unsupported-scheme' : 'unreadable' };
      const host = (uriParameter(uri, 'maddr') ?? uri.host).toLowerCase();
      const address = isIP(host) === 0 ? known.get(host) : host;
      const protocol = protocolOf(uri, address ?? '', anyTransport, listeners);
      if (protocol === null) return { kind: 'unsupported-transport' };
      const port = uri.port ?? defaultPort(protocol);
      const hopTo = (found: string): Hop => ({ protocol, address: found, port, name: host });
      if (address !== undefined) return { kind: 'hops', hops: [hopTo(address)] };
      const found = new Promise<readonly Hop[]>((resolve) => {
        lookup(host, (error, resolved) => resolve(error === null ? [hopTo(resolved)] : []));
      });
      return { kind: 'look-up', protocol, found };
    },
  };
}

const DEMANDED: Readonly<Record<string, TransportProtocol>> = { udp: 'udp', tcp: 'tcp', tls: 'tls' };

/**
 * The transport a URI asks for, or the one it means without asking (RFC 3263 §4.1); null when no listener of ours speaks it
 * to that address.
 */
function protocolOf(
  uri: SipUri,
  address: string,
  anyTransport: boolean,
  listeners: readonly Listener[],
): TransportProtocol | null {
  const can = (protocol: TransportProtocol) => hasListener(listeners, { protocol, address, port: 0 });
  const demanded = uriParameter(uri, 'transport');
  // `sips:…;transport=tcp` is TLS over TCP (RFC 3261 §26.2.2).
  const wanted = uri.scheme === 'sips' ? 'tls' : demanded === undefined ? undefined : DEMANDED[demanded];
  if (wanted !== undefined && can(wanted)) return wanted;
  if ((demanded !== undefined || uri.scheme === 'sips') && !anyTransport) return null;
  return (['udp', 'tcp', 'tls'] as const).find(can) ?? null;
}
