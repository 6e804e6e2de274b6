import { uriOf } from '../message/name-addr.ts';
import { parameter } from '../message/parameters.ts';
import { parseSipUri } from '../message/uri.ts';

/** Where a request inside a dialog goes, and what it says on its first line and in Route (RFC 3261 §12.2.1.1). */
export type Routing = {
  readonly requestUri: string;
  readonly routes: readonly string[];
  /** The URI whose host is the next hop. */
  readonly nextUri: string;
};

/** Applies a route set (name-addr values, nearest first) to a remote target. */
export function route(remoteTarget: string, routeSet: readonly string[]): Routing {
  const first = routeSet[0];
  if (first === undefined) return { requestUri: remoteTarget, routes: [], nextUri: remoteTarget };
  const firstUri = uriOf(first);
  const parsed = parseSipUri(firstUri);
  if (parsed === null || parameter(parsed.parameters, 'lr') !== undefined) {
    return { requestUri: remoteTarget, routes: routeSet, nextUri: firstUri };
  }
  // A strict router of RFC 2543: its URI leads, the target goes to the end.
  return { requestUri: firstUri, routes: [...routeSet.slice(1), `<${remoteTarget}>`], nextUri: firstUri };
}
