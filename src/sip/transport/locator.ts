import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { Locator } from '../dialog/location.ts';
import { DEFAULT_SIP_PORT, parseHostPort, parseSipUri, uriParameter } from '../message/uri.ts';
import type { Hop } from '../transaction/hop.ts';

/**
 * A locator (RFC 3263 reduced: literals, A and AAAA; no NAPTR and SRV) that looks names up in `hosts` (name to IP address)
 * first, then asks the system without blocking.
 */
export function createLocator(hosts: Readonly<Record<string, string>>): Locator {
  const known = new Map(Object.entries(hosts).map(([name, address]) => [name.toLowerCase(), address]));

  return {
    locate(text, anyTransport) {
      // Applications write `proxy` both as a URI and as bare host:port.
      const withScheme = parseSipUri(text) === null && parseHostPort(text) !== null ? `sip:${text}` : text;
      const uri = parseSipUri(withScheme);
      if (uri === null) return { kind: /^[a-z][a-z0-9+.-]*:/i.test(text) ? 'unsupported-scheme' : 'unreadable' };
      const transport = uriParameter(uri, 'transport');
      if (!anyTransport && (uri.scheme === 'sips' || (transport !== undefined && transport !== 'udp'))) {
        return { kind: 'unsupported-transport' };
      }
      const port = uri.port ?? DEFAULT_SIP_PORT;
      const maddr = uriParameter(uri, 'maddr');
      const host = (maddr ?? uri.host).toLowerCase();
      const address = isIP(host) === 0 ? known.get(host) : host;
      if (address !== undefined) return { kind: 'hop', hop: { protocol: 'udp', address, port } };
      const found = new Promise<Hop | null>((resolve) => {
        lookup(host, (error, resolved) =>
          resolve(error === null ? { protocol: 'udp', address: resolved, port } : null),
        );
      });
      return { kind: 'look-up', found };
    },
  };
}
