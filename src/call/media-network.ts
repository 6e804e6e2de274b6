/**
 * The two networks that Brusio stands between. Each has media addresses of its own: which one a leg has follows from who is
 * at its end, not from who calls, since a carrier's calls come in the other way.
 */
export type MediaNetwork = 'dialers' | 'carriers';

/** One media address, an IP literal: what sockets bind to, and what stands in SDP. */
export type MediaAddress = { readonly bind: string; readonly advertised: string };

/** In which network each leg of a call is. `dialer` is the leg that the call came in on, `carrier` the other. */
export type CallNetworks = { readonly dialer: MediaNetwork; readonly carrier: MediaNetwork };

/** A call that a dialer places. */
export const OUTBOUND: CallNetworks = { dialer: 'dialers', carrier: 'carriers' };

/** A call that comes from a carrier, to a place of the user's own. */
export const INBOUND: CallNetworks = { dialer: 'carriers', carrier: 'dialers' };
