import { isIP } from 'node:net';
import type { Random } from '../../base/random.ts';
import type { Location, Locator } from '../dialog/location.ts';
import { parseHostPort, parseSipUri, type SipUri, uriParameter } from '../message/uri.ts';
import { defaultPort, type Hop, type Listener, type TransportProtocol } from '../transaction/hop.ts';
import { findTargets } from './find-targets.ts';
import { type HostPlace, readHostPlace } from './host-map.ts';
import { hasListener } from './listener-choice.ts';
import type { NameServer } from './name-server.ts';

/** What a locator goes by. */
export type LocatorOptions = {
  /** Names with their places (`readHostPlace`), in the order in which they are tried; looked at before anybody is asked. */
  readonly hosts: Readonly<Record<string, string | readonly string[]>>;
  /** Only what one of these can reach is a target. */
  readonly listeners: readonly Listener[];
  readonly names: NameServer;
  readonly random: Random;
  /** An application called a name that leads to this address. */
  readonly onCalled?: (address: string) => void;
};

/** A locator after RFC 3263, with the literal addresses and the `hosts` map before any look-up. */
export function createLocator({ hosts, listeners, names, random, onCalled }: LocatorOptions): Locator {
  const known = new Map<string, readonly HostPlace[]>(
    Object.entries(hosts).map(([name, places]) => [
      name.toLowerCase(),
      [places].flat().flatMap((place) => readHostPlace(place) ?? []),
    ]),
  );
  const canReach = (protocol: TransportProtocol, address: string) =>
    hasListener(listeners, { protocol, address, port: 0 });
  const canSpeak = (protocol: TransportProtocol, family: 4 | 6) =>
    listeners.some((one) => one.protocol === protocol && one.address.includes(':') === (family === 6));

  return {
    locate(text, anyTransport): Location {
      // Applications write `proxy` both as a URI and as bare host:port.
      const withScheme = parseSipUri(text) === null && parseHostPort(text) !== null ? `sip:${text}` : text;
      const uri = parseSipUri(withScheme);
      if (uri === null)
        return { kind: /^(?!sips?:)[a-z][a-z0-9+.-]*:/i.test(text) ? 'unsupported-scheme' : 'unreadable' };
      const host = (uriParameter(uri, 'maddr') ?? uri.host).toLowerCase();
      const isSips = uri.scheme === 'sips';
      const wanted = wantedProtocol(uri);
      // What the peer reached us over will do when what its URI asks for is not there.
      const protocolTo = (address: string): TransportProtocol | null => {
        if (wanted !== null && wanted !== 'unknown' && canReach(wanted, address)) return wanted;
        if (wanted !== null && !anyTransport) return null;
        return (['udp', 'tcp', 'tls'] as const).find((one) => canReach(one, address)) ?? null;
      };

      const places = isIP(host) === 0 ? known.get(host) : [{ address: host, port: null, protocol: null }];
      if (places !== undefined) {
        const hops = places.flatMap((place): readonly Hop[] => {
          const protocol = place.protocol ?? protocolTo(place.address);
          if (protocol === null || !canReach(protocol, place.address)) return [];
          if (place.protocol !== null && wanted !== null && place.protocol !== wanted && !anyTransport) return [];
          const port = uri.port ?? place.port ?? defaultPort(protocol);
          return [{ protocol, address: place.address, port, name: host }];
        });
        if (hops.length === 0) return { kind: 'unsupported-transport' };
        if (isIP(host) === 0 && !anyTransport) for (const { address } of hops) onCalled?.(address);
        return { kind: 'hops', hops };
      }

      const protocol = protocolTo('');
      if (protocol === null) return { kind: 'unsupported-transport' };
      const asked = {
        host,
        port: uri.port,
        isSips: isSips && protocol === 'tls',
        protocol: wanted === null ? null : protocol,
      };
      const found = findTargets(asked, { names, random, canSpeak });
      if (!anyTransport)
        void found.then((hops) => {
          for (const { address } of hops) onCalled?.(address);
        });
      return { kind: 'look-up', protocol, found };
    },
  };
}

const DEMANDED: Readonly<Record<string, TransportProtocol>> = { udp: 'udp', tcp: 'tcp', tls: 'tls' };

/** The transport a URI asks for; null where it leaves it open. `sips:…;transport=tcp` is TLS (RFC 3261 §26.2.2). */
function wantedProtocol(uri: SipUri): TransportProtocol | 'unknown' | null {
  if (uri.scheme === 'sips') return 'tls';
  const demanded = uriParameter(uri, 'transport');
  return demanded === undefined ? null : (DEMANDED[demanded] ?? 'unknown');
}
