/**
 * Which codecs stand in a description of ours. Media that the two legs number differently is renumbered on its way, and
 * A-law becomes µ-law or back where a leg has only the other (`media/relay.ts`). Nothing else is transcoded, so that
 * neither leg may agree to a codec that leaves it without one in common with the other.
 */
import { CODECS, type CodecName, FRAME_MS, isLaw } from '../audio/codec.ts';
import type { NegotiatedCodec } from '../call/remote-media.ts';
import { EVENT_MEANINGS, meaningOf } from './audio-formats.ts';
import type { PeerDescription } from './peer-description.ts';
import type { LocalMedia } from './sdp.ts';

/**
 * What is chosen: everything of a description but address, direction and transport. In an offer the numbers are wishes,
 * which `payloadNumbers` brings in line with what the peer knows.
 */
export type CodecChoice = Pick<
  LocalMedia,
  'codecs' | 'parameters' | 'telephoneEventPayloadType' | 'telephoneEvent48kPayloadType' | 'ptimeMs' | 'maxptimeMs'
>;

/** The payload types we would give telephone-event (RFC 4733) where the peer has none for it: the field's habits. */
const EVENT_NUMBERS = { narrow: 101, opus: 110 } as const;

/** RFC 3551 §3: numbers for whatever a session likes, those that RTCP leaves free (RFC 5761 §4) and everybody uses. */
const DYNAMIC_FIRST = 96;
const DYNAMIC_LAST = 127;

/**
 * An offer of what the other peer offers or uses, in its order, under the numbers it has there where a codec has none of its
 * own; all that may be served where there is no other peer yet, or it has made no offer.
 */
export function offerOf(other: PeerDescription | null, served: readonly CodecName[]): CodecChoice {
  if (other !== null) {
    const { codecs, telephoneEventPayloadType, telephoneEvent48kPayloadType } = other.media;
    return {
      codecs: codecs.filter(({ name }) => served.includes(name)).map(wished),
      parameters: other.parameters,
      telephoneEventPayloadType,
      telephoneEvent48kPayloadType: telephoneEvent48kPayloadType ?? null,
      ...packetTimesOf(other),
    };
  }
  return {
    codecs: served.map(defaultNumber),
    parameters: {},
    telephoneEventPayloadType: EVENT_NUMBERS.narrow,
    telephoneEvent48kPayloadType: served.includes('opus') ? EVENT_NUMBERS.opus : null,
    ...packetTimesOf(null),
  };
}

/**
 * The answer to an offer: what the other peer uses, in its order and under the offer's numbers; the laws of the offer
 * where the legs have one law each.
 */
export function answerTo(offer: PeerDescription, other: PeerDescription | null): CodecChoice {
  const offered = offer.media;
  const theirs = other?.media.codecs ?? [];
  const common = theirs.flatMap(({ name }) => offered.codecs.filter((codec) => codec.name === name));
  const laws = offered.codecs.filter(({ name }) => isLaw(name));
  const codecs = common.length > 0 ? common : laws.length > 0 ? laws : offered.codecs;
  const hasOpus = codecs.some(({ name }) => name === 'opus');
  return {
    codecs: other === null ? offered.codecs : codecs,
    parameters: other?.parameters ?? {},
    telephoneEventPayloadType:
      other === null || other.media.telephoneEventPayloadType !== null ? offered.telephoneEventPayloadType : null,
    telephoneEvent48kPayloadType:
      other === null || (hasOpus && hasOpusEvents(other)) ? (offered.telephoneEvent48kPayloadType ?? null) : null,
    ...packetTimesOf(other),
  };
}

/**
 * An offer to a peer that asked for one (RFC 3261 §14.2): everything that may be served, what it uses now, or else what the
 * other peer uses, first. Where the other peer is bound to its codecs already, only what passes between the two.
 *
 * @param peer what this peer uses; null before its first description
 */
export function openOffer(
  peer: PeerDescription | null,
  other: PeerDescription | null,
  served: readonly CodecName[],
): CodecChoice {
  const used = (peer ?? other)?.media.codecs.map(({ name }) => name) ?? [];
  const names = [...new Set([...used, ...served])].filter((name) => other === null || passes([name], namesOf(other)));
  return { ...offerOf(other, served), codecs: names.map(defaultNumber) };
}

/** Whether audio passes between legs with these codecs: one in common, or one law each. */
export function passes(one: readonly CodecName[], other: readonly CodecName[]): boolean {
  return one.some((name) => other.includes(name)) || (one.some(isLaw) && other.some(isLaw));
}

/** The codecs of a description. */
export function namesOf({ media }: PeerDescription): readonly CodecName[] {
  return media.codecs.map(({ name }) => name);
}

/**
 * The numbers of an offer of ours (RFC 3264 §8.3.2: a number once given to a codec keeps its meaning for the session, and
 * what has a number keeps that): those of the session, else those wished for, else a free one.
 *
 * @param known what every number of this session has meant so far; what is given here is added
 */
export function payloadNumbers(choice: CodecChoice, known: Map<number, string>): CodecChoice {
  const numbered = (meaning: string, wish: number): number | null => {
    for (const [number, meant] of known) if (meant === meaning) return number;
    const number = known.has(wish) ? freeNumber(known) : wish;
    if (number !== null) known.set(number, meaning);
    return number;
  };
  const { telephoneEventPayloadType: narrow, telephoneEvent48kPayloadType: opus } = choice;
  return {
    ...choice,
    codecs: choice.codecs.flatMap(({ name, payloadType }): NegotiatedCodec[] => {
      const number = numbered(meaningOf(name), payloadType);
      return number === null ? [] : [{ name, payloadType: number }];
    }),
    telephoneEventPayloadType: narrow === null ? null : numbered(EVENT_MEANINGS.narrow, narrow),
    telephoneEvent48kPayloadType: opus === null ? null : numbered(EVENT_MEANINGS.opus, opus),
  };
}

function freeNumber(known: ReadonlyMap<number, string>): number | null {
  for (let number = DYNAMIC_FIRST; number <= DYNAMIC_LAST; number += 1) if (!known.has(number)) return number;
  return null;
}

function packetTimesOf(peer: PeerDescription | null): Pick<CodecChoice, 'ptimeMs' | 'maxptimeMs'> {
  const { ptimeMs = FRAME_MS, maxptimeMs = null } = peer?.media ?? {};
  return { ptimeMs: maxptimeMs === null ? ptimeMs : Math.min(ptimeMs, maxptimeMs), maxptimeMs };
}

function hasOpusEvents({ media }: PeerDescription): boolean {
  return (media.telephoneEvent48kPayloadType ?? null) !== null;
}

/** A codec with a number of its own (RFC 3551 §6) goes by that, whatever a peer calls it. */
function wished({ name, payloadType }: NegotiatedCodec): NegotiatedCodec {
  const own = CODECS[name].payloadType;
  return { name, payloadType: own < DYNAMIC_FIRST ? own : payloadType };
}

function defaultNumber(name: CodecName): NegotiatedCodec {
  return { name, payloadType: CODECS[name].payloadType };
}
