/**
 * What a peer's SDP says (RFC 8866, RFC 3264): its audio as Brusio can serve it, and the m-lines around it. Nothing of one
 * side's SDP is copied to the other.
 */
import { isIP } from 'node:net';
import * as sdpTransform from 'sdp-transform';
import { lawByName } from '../audio/codec.ts';
import { describeError } from '../base/errors.ts';
import { ok, type Result, refused } from '../base/result.ts';
import type { NegotiatedCodec, RemoteMedia } from '../call/remote-media.ts';
import { type Direction, directionOf, flowOf } from './direction.ts';

/** Why a description cannot be served. */
export type SdpProblem =
  | { readonly kind: 'malformed'; readonly problem: string }
  | { readonly kind: 'no-common-codec'; readonly offered: readonly string[] };

/** One m-line: what of it must come back in every description of this session (RFC 3264 §6, §8). */
export type Stream = { readonly type: string; readonly protocol: string; readonly payloads: string };

/** A peer's offer or answer. */
export type PeerDescription = {
  /** Its audio; the direction is what the whole description means, however it puts a call on hold. */
  readonly media: RemoteMedia;
  /** The packet time it would like to receive, ms; null when it does not say. */
  readonly ptimeMs: number | null;
  /** Every m-line in its order; never empty. */
  readonly streams: readonly Stream[];
  /** Which of them is the audio we take. */
  readonly audio: number;
  /** Port 0: the stream is taken away (RFC 3264 §8.2), which some peers call a hold. */
  readonly removed: boolean;
};

/** A description larger than this is an attack, not a call (UDP carries at most 65,507 octets). */
const SDP_OCTETS_MAX = 16_384;

/** More m-lines than any call has: each costs a line in every answer. */
const STREAMS_MAX = 16;

/** RFC 3551 §6 table 4: names of static payload types that peers may leave without `a=rtpmap`. */
const STATIC_NAMES: Readonly<Record<number, string>> = {
  0: 'PCMU',
  3: 'GSM',
  4: 'G723',
  8: 'PCMA',
  9: 'G722',
  18: 'G729',
};

/** Reads the audio stream of an INVITE's offer: one that is served at once, or refused. */
export function readRemoteMedia(sdp: string): Result<RemoteMedia, SdpProblem> {
  const description = readPeerDescription(sdp, null);
  return description.ok ? ok(description.value.media) : description;
}

/**
 * Reads a description.
 *
 * @param before the peer's description in force, or null when this is its first: only then may a stream be removed, and
 * its codecs are those of before where the removed stream names none of ours
 */
export function readPeerDescription(sdp: string, before: PeerDescription | null): Result<PeerDescription, SdpProblem> {
  if (sdp.length > SDP_OCTETS_MAX) return refused(malformed(`longer than ${SDP_OCTETS_MAX} octets`));
  let session: sdpTransform.SessionDescription;
  try {
    session = sdpTransform.parse(sdp);
  } catch (thrown) {
    return refused(malformed(describeError(thrown)));
  }
  const lines = session.media ?? [];
  if (lines.length > STREAMS_MAX) return refused(malformed(`more than ${STREAMS_MAX} streams`));
  const index = audioIndex(lines, before);
  const audio = lines[index];
  if (audio === undefined) return refused(malformed('no audio stream over RTP/AVP'));
  const address = audio.connection?.ip ?? session.connection?.ip;
  if (address === undefined || isIP(address) === 0) return refused(malformed('no connection address'));
  if (!Number.isInteger(audio.port) || audio.port < 0 || audio.port > 65_535) return refused(malformed('bad port'));

  const removed = audio.port === 0;
  const formats = formatsOf(audio);
  const named = formats.flatMap(({ name, payloadType }): NegotiatedCodec[] => {
    const codec = lawByName(name);
    return codec === null ? [] : [{ name: codec.name, payloadType }];
  });
  const codecs = named.length === 0 && removed ? (before?.media.codecs ?? []) : named;
  if (codecs.length === 0 || (removed && before === null)) {
    return refused({ kind: 'no-common-codec', offered: formats.map((format) => format.name) });
  }
  return ok({
    media: {
      rtp: { address, port: audio.port },
      codecs,
      telephoneEventPayloadType: formats.find(isTelephoneEvent)?.payloadType ?? null,
      direction: directionFrom(audio.direction ?? session.direction, address, removed),
    },
    ptimeMs: Number.isInteger(audio.ptime) && (audio.ptime as number) > 0 ? (audio.ptime as number) : null,
    streams: lines.map(({ type, protocol, payloads }) => ({ type, protocol, payloads: String(payloads ?? '0') })),
    audio: index,
    removed,
  });
}

/** The stream in use when it is still there, else the first audio that is not refused, else the first audio. */
function audioIndex(lines: readonly Media[], before: PeerDescription | null): number {
  const inUse = before === null ? undefined : lines[before.audio];
  if (before !== null && inUse !== undefined && isAudio(inUse) && inUse.port !== 0) return before.audio;
  const open = lines.findIndex((line) => isAudio(line) && line.port !== 0);
  return open === -1 ? lines.findIndex(isAudio) : open;
}

/**
 * The spellings of a hold: an attribute, of the stream or of the session (RFC 3264 §8.4); the address 0.0.0.0 of
 * RFC 2543, which wants nothing and may say what it likes; port 0.
 */
function directionFrom(attribute: string | undefined, address: string, removed: boolean): Direction {
  if (removed) return 'inactive';
  const said: Direction =
    attribute === 'sendonly' || attribute === 'recvonly' || attribute === 'inactive' ? attribute : 'sendrecv';
  if (address !== '0.0.0.0' && address !== '::') return said;
  return directionOf({ send: flowOf(said).send, receive: false });
}

type Media = sdpTransform.SessionDescription['media'][number];

function isAudio(media: Media): boolean {
  return media.type === 'audio' && media.protocol === 'RTP/AVP';
}

type Format = { readonly name: string; readonly payloadType: number; readonly rateHz: number };

/** RFC 4733 §2.1: events tick with the clock of the audio beside them, and ours is 8000 Hz. */
function isTelephoneEvent(format: Format): boolean {
  return format.name.toLowerCase() === 'telephone-event' && format.rateHz === 8000;
}

function formatsOf(media: Media): Format[] {
  return String(media.payloads ?? '')
    .split(/\s+/)
    .filter((text) => /^\d{1,3}$/.test(text) && Number(text) < 128)
    .map((text) => {
      const payloadType = Number(text);
      const mapped = media.rtp?.find((rtp) => rtp.payload === payloadType);
      const name = mapped?.codec ?? STATIC_NAMES[payloadType] ?? `payload-${payloadType}`;
      return { name, payloadType, rateHz: mapped?.rate ?? 8000 };
    });
}

function malformed(problem: string): SdpProblem {
  return { kind: 'malformed', problem };
}
