import type { Hop } from '../transaction/hop.ts';

/** Where a URI leads: at once, after a look-up (null when the name has no address), or not at all. */
export type Location =
  | { readonly kind: 'hop'; readonly hop: Hop }
  | { readonly kind: 'look-up'; readonly found: Promise<Hop | null> }
  | { readonly kind: 'unsupported-transport' }
  | { readonly kind: 'unsupported-scheme' }
  | { readonly kind: 'unreadable' };

/** Finds next hops. `anyTransport`: the peer reached us over UDP, whatever its URI claims. */
export type Locator = { locate(uri: string, anyTransport: boolean): Location };

/** The next hop of a request inside a dialog: `nextUri`, or where the peer really is when it lies behind a NAT. */
export function locateWithin(locator: Locator, natHop: Hop | null, nextUri: string): Location {
  return natHop === null ? locator.locate(nextUri, true) : { kind: 'hop', hop: natHop };
}
