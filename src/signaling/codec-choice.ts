/**
 * Which codecs, under which payload type numbers, stand in a description of ours. Media that the two legs name differently
 * is renumbered on its way, and A-law becomes µ-law or back where a leg has only the other (`media/relay.ts`): no
 * combination is ever a dead end.
 */
import { CODECS, FRAME_MS, LAW_NAMES } from '../audio/codec.ts';
import type { NegotiatedCodec, RemoteMedia } from '../call/remote-media.ts';
import type { PeerDescription } from './peer-description.ts';
import type { LocalMedia } from './sdp.ts';

/** What is chosen: everything of a description but address and direction. */
export type CodecChoice = Pick<LocalMedia, 'codecs' | 'telephoneEventPayloadType' | 'ptimeMs'>;

/** The payload type we give telephone-event when we make the offer and the peer has none for it yet (RFC 4733). */
const TELEPHONE_EVENT_PAYLOAD_TYPE = 101;

/** The first offer to the carrier: the dialer's codecs in its order and under its numbers; all we have without one. */
export function firstOffer(dialer: PeerDescription | null): CodecChoice {
  if (dialer === null) {
    return {
      codecs: LAW_NAMES.map(staticCodec),
      telephoneEventPayloadType: TELEPHONE_EVENT_PAYLOAD_TYPE,
      ptimeMs: FRAME_MS,
    };
  }
  const { codecs, telephoneEventPayloadType } = dialer.media;
  return { codecs, telephoneEventPayloadType, ptimeMs: dialer.ptimeMs ?? FRAME_MS };
}

/**
 * The answer to an offer: what the other peer uses, in its order and under the offer's numbers; the whole offer where
 * they have nothing in common.
 */
export function answerTo(offer: PeerDescription, other: PeerDescription | null): CodecChoice {
  const offered = offer.media;
  const common = (other?.media.codecs ?? []).flatMap(({ name }) =>
    offered.codecs.filter((codec) => codec.name === name),
  );
  const eventsPass = other === null || other.media.telephoneEventPayloadType !== null;
  return {
    codecs: common.length > 0 ? common : offered.codecs,
    telephoneEventPayloadType: eventsPass ? offered.telephoneEventPayloadType : null,
    ptimeMs: other?.ptimeMs ?? FRAME_MS,
  };
}

/** An offer to one peer of what the other one has offered: its codecs, under the numbers that this leg knows them by. */
export function offerOf(wanted: PeerDescription, peer: RemoteMedia): CodecChoice {
  return {
    codecs: wanted.media.codecs.map(({ name }) => numbered(name, peer)),
    telephoneEventPayloadType: wanted.media.telephoneEventPayloadType === null ? null : eventsOf(peer),
    ptimeMs: wanted.ptimeMs ?? FRAME_MS,
  };
}

/**
 * An offer to a peer that asked for one (RFC 3261 §14.2): everything we have, what it uses now, or else what the other peer
 * uses, first.
 *
 * @param peer what this peer uses; null before its first description
 */
export function openOffer(peer: RemoteMedia | null, other: PeerDescription | null): CodecChoice {
  const used = (peer ?? other?.media)?.codecs.map(({ name }) => name) ?? [];
  const names = [...new Set([...used, ...LAW_NAMES])];
  const eventsPass = other === null || other.media.telephoneEventPayloadType !== null;
  return {
    codecs: names.map((name) => numbered(name, peer)),
    telephoneEventPayloadType: eventsPass ? eventsOf(peer) : null,
    ptimeMs: other?.ptimeMs ?? FRAME_MS,
  };
}

/** RFC 3264 §8.3.2: a number once given to a codec keeps its meaning for the session. */
function numbered(name: NegotiatedCodec['name'], peer: RemoteMedia | null): NegotiatedCodec {
  return peer?.codecs.find((codec) => codec.name === name) ?? staticCodec(name);
}

function eventsOf(peer: RemoteMedia | null): number {
  return peer?.telephoneEventPayloadType ?? TELEPHONE_EVENT_PAYLOAD_TYPE;
}

function staticCodec(name: NegotiatedCodec['name']): NegotiatedCodec {
  return { name, payloadType: CODECS[name].payloadType };
}
