/**
 * What Brusio asks of rtpengine. One call there has four ends, each with a tag:
 *
 *     dialer ── outside port │ inside port ── Brusio ── inside port │ outside port ── callee
 *     "dialer"               │  "brusio-dialer"    "brusio-callee"  │              "callee"
 *
 * A port belongs to its end for the call's life. Offer and answer couple two ends: each of Brusio's with its peer while
 * the audio passes Brusio, the peers with each other once it does not.
 */
import type { CallId } from '../../call/call-facts.ts';
import type { BencodedDictionary } from './bencode.ts';
import { isDictionary, type NgRequest } from './ng-message.ts';

/** An end of a call at rtpengine. */
export type End = 'dialer' | 'brusio-dialer' | 'brusio-callee' | 'callee';

/** The names of rtpengine's interfaces towards each side; null: it has one for all. */
export type NgInterfaces = { readonly brusio: string; readonly dialers: string; readonly carriers: string } | null;

/** One half of an offer/answer exchange. `from` offers, `to` answers, in both halves. */
export type Exchange = {
  readonly callId: CallId;
  readonly from: End;
  /** Null: the end is not known yet, a first offer. */
  readonly to: End | null;
  /** Of the end that speaks: `from` in an offer, `to` in an answer. */
  readonly sdp: string;
  /** It may send from another address than its SDP names. */
  readonly nat: boolean;
  /** IP family of the port that the SDP of the reply names: of the end that the reply is for. */
  readonly family: 4 | 6;
};

/** Is it there? */
export const PING: NgRequest = { command: 'ping' };

/** The first half. */
export function offerRequest(exchange: Exchange, towards: End, interfaces: NgInterfaces): NgRequest {
  const way =
    interfaces === null
      ? {}
      : { direction: [interfaceOf(exchange.from, interfaces), interfaceOf(towards, interfaces)] };
  return { command: 'offer', ...exchangeOf(exchange), ...way };
}

/** The second half. */
export function answerRequest(exchange: Exchange): NgRequest {
  return { command: 'answer', ...exchangeOf(exchange) };
}

function exchangeOf({ callId, from, to, sdp, nat, family }: Exchange) {
  return {
    'call-id': callId,
    'from-tag': from,
    ...(to === null ? {} : { 'to-tag': to }),
    sdp,
    'address-family': `IP${family}`,
    ICE: 'remove',
    // A port stays when its peer's address changes. Who speaks from another place than the one it named is not heard,
    // unless it may stand behind a NAT: then rtpengine learns the place in the first seconds.
    flags: ['port-latching', 'strict-source', ...(nat ? [] : ['asymmetric'])],
  };
}

function interfaceOf(end: End, interfaces: NonNullable<NgInterfaces>): string {
  if (end === 'dialer') return interfaces.dialers;
  return end === 'callee' ? interfaces.carriers : interfaces.brusio;
}

/** What it knows of a call; refused when it does not know the call. */
export function queryRequest(callId: CallId): NgRequest {
  return { command: 'query', 'call-id': callId };
}

/** The end of a call. Its ports rest as long as rtpengine's `delete-delay` says. */
export function deleteRequest(callId: CallId): NgRequest {
  return { command: 'delete', 'call-id': callId };
}

/** RTP packets that rtpengine received from an end, from the answer to a query; 0 when it does not say. */
export function packetsFrom(end: End, query: BencodedDictionary): number {
  let packets = 0;
  for (const media of list(dictionary(dictionary(query.tags)[end]).medias)) {
    const [rtp] = list(media.streams);
    const count = dictionary(rtp?.stats).packets;
    if (typeof count === 'number') packets += count;
  }
  return packets;
}

const NOTHING: BencodedDictionary = {};

function dictionary(value: BencodedDictionary[string] | undefined): BencodedDictionary {
  return isDictionary(value) ? value : NOTHING;
}

function list(value: BencodedDictionary[string] | undefined): readonly BencodedDictionary[] {
  return Array.isArray(value) ? value.map(dictionary) : [];
}
