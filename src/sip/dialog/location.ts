import type { Hop, TransportProtocol } from '../transaction/hop.ts';
import type { Dialog } from './dialog.ts';
import { route } from './route-set.ts';

/**
 * Where a URI leads: to hops at once, to hops after a look-up (none when the name has no address), or not at all. Hops
 * are in the order in which they are to be tried (RFC 3263 §4.3).
 */
export type Location =
  | { readonly kind: 'hops'; readonly hops: readonly Hop[] }
  | {
      readonly kind: 'look-up';
      /** What the request will most likely go over: what its receipt says. */
      readonly protocol: TransportProtocol;
      readonly found: Promise<readonly Hop[]>;
    }
  | { readonly kind: 'unsupported-transport' }
  | { readonly kind: 'unsupported-scheme' }
  | { readonly kind: 'unreadable' };

/** Finds next hops. `anyTransport`: the peer reached us somehow, whatever its URI claims. */
export type Locator = { locate(uri: string, anyTransport: boolean): Location };

/**
 * Where the next request of a dialog goes: back the way its peer came while that is open, else where its route set or its
 * remote target lead.
 */
export function locateWithin(
  { locator, isOpen }: { readonly locator: Locator; readonly isOpen: (hop: Hop) => boolean },
  { natHop, remoteTarget, routeSet }: Pick<Dialog, 'natHop' | 'remoteTarget' | 'routeSet'>,
): Location {
  if (natHop !== null && isOpen(natHop)) return { kind: 'hops', hops: [natHop] };
  return locator.locate(route(remoteTarget, routeSet).nextUri, true);
}

/** No place at all, for what is not sent. */
export const NOWHERE: Hop = { protocol: 'udp', address: '', port: 0 };

/** The hop that comes first as far as one can say before a look-up: its transport, perhaps no address yet. */
export function firstHop(location: Location): Hop {
  if (location.kind === 'look-up') return { ...NOWHERE, protocol: location.protocol };
  return (location.kind === 'hops' ? location.hops[0] : undefined) ?? NOWHERE;
}
