import type { Faces } from '../dialog/faces.ts';
import type { Hop, Listener } from '../transaction/hop.ts';
import { type AddressScope, ipOctets, scopeOf, sharedBits } from './ip-address.ts';

/** Addresses whose listener is remembered; over it all are worked out anew. */
const CHOICES_MAX = 1_024;

/**
 * Which of our listeners talks to a peer: the one it came to, else among those of its protocol and address family the one
 * whose address reaches as far as the peer's (a loopback, private or public one), of several the one in the nearest
 * network, and the first of the list where nothing tells them apart. Throws on an empty list.
 */
export function createFaces(listeners: readonly Listener[]): Faces {
  const [first] = listeners;
  if (first === undefined) throw new RangeError('no listener');
  const choices = new Map<string, Listener>();
  const own = new Set(listeners.map(({ host, port }) => `${host.toLowerCase()} ${port}`));

  return {
    all: listeners,
    facing(hop) {
      if (hop.listener !== undefined) return hop.listener;
      if (listeners.length === 1) return first;
      const key = `${hop.protocol} ${hop.address}`;
      const known = choices.get(key);
      if (known !== undefined) return known;
      const choice = chosen(listeners, hop) ?? first;
      if (choices.size >= CHOICES_MAX) choices.clear();
      choices.set(key, choice);
      return choice;
    },
    isOwn: (host, port) => own.has(`${host.toLowerCase()} ${port}`),
  };
}

/** Whether there is a listener of that protocol and of the family of that address (any family for ''). */
export function hasListener(listeners: readonly Listener[], { protocol, address }: Hop): boolean {
  return listeners.some((one) => one.protocol === protocol && isOfFamily(one, address));
}

function chosen(listeners: readonly Listener[], hop: Hop): Listener | undefined {
  const ofProtocol = listeners.filter((one) => one.protocol === hop.protocol);
  const candidates = ofProtocol.filter((one) => isOfFamily(one, hop.address));
  const peer = ipOctets(hop.address);
  if (peer === null || candidates.length < 2) return candidates[0] ?? ofProtocol[0];
  const scope = scopeOf(peer);
  let best: Listener | undefined;
  let bestRank = -1;
  for (const candidate of candidates) {
    const rank = rankOf(candidate, peer, scope);
    if (rank > bestRank) [best, bestRank] = [candidate, rank];
  }
  return best;
}

/** The scope of what peers know it by counts most, then that of where it is bound, then nearness. */
function rankOf(listener: Listener, peer: Uint8Array, scope: AddressScope): number {
  const host = ipOctets(listener.host);
  const bound = ipOctets(listener.address);
  const shared = bound === null || bound.length !== peer.length ? 0 : sharedBits(bound, peer);
  return (
    (host !== null && scopeOf(host) === scope ? 1_024 : 0) +
    (bound !== null && scopeOf(bound) === scope ? 512 : 0) +
    shared
  );
}

function isOfFamily(listener: Listener, address: string): boolean {
  return address === '' || listener.address.includes(':') === address.includes(':');
}
