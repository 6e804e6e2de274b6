/**
 * What a peer's SDP says (RFC 8866, RFC 3264): its audio as Brusio can serve it, and the m-lines around it. Nothing of one
 * side's SDP is copied to the other.
 */
import * as sdpTransform from 'sdp-transform';
import { CODEC_NAMES, type CodecName } from '../audio/codec.ts';
import { describeError } from '../base/errors.ts';
import { ok, type Result, refused } from '../base/result.ts';
import type { RemoteMedia, RtpAddress } from '../call/remote-media.ts';
import { SRTP_SUITES } from '../call/srtp.ts';
import { type CodecParameters, type MediaLine, readAudioFormats } from './audio-formats.ts';
import { type Direction, directionOf, flowOf } from './direction.ts';
import { type IpFamily, readMediaAddress } from './media-address.ts';
import { packetTimeMs } from './packet-time.ts';
import { type CryptoAttribute, cryptoAttributes, type SrtpMode } from './sdes.ts';
import type { SdpProblem, UnsupportedWarning } from './sdp-problem.ts';

/** What may be agreed with one peer. */
export type SdpRules = {
  /** Codecs that may be used, in the order in which we offer them of our own accord. */
  readonly codecs: readonly CodecName[];
  /** Of our own address on this leg: the peer's must be the same. */
  readonly family: IpFamily;
  readonly srtp: SrtpMode;
};

/** Every codec that some clip may have, at an IPv4 address. */
export const ALL_SERVED: SdpRules = { codecs: CODEC_NAMES, family: 4, srtp: 'accept' };

/** One m-line: what of it must come back in every description of this session (RFC 3264 §6, §8). */
export type Stream = { readonly type: string; readonly protocol: string; readonly payloads: string };

/** Transport protocols of an audio m-line that we serve (RFC 3551, RFC 4585, RFC 3711, RFC 5124). */
export type AudioProfile = 'RTP/AVP' | 'RTP/AVPF' | 'RTP/SAVP' | 'RTP/SAVPF';

/** Whether it is protected. */
export function isSecure(profile: AudioProfile): boolean {
  return profile === 'RTP/SAVP' || profile === 'RTP/SAVPF';
}

/** A peer's offer or answer. */
export type PeerDescription = {
  /** Its audio; the direction is what the whole description means, however it puts a call on hold. */
  readonly media: RemoteMedia;
  /** What it would like of a codec; for whoever sends to it, which is the other peer. */
  readonly parameters: CodecParameters;
  /** What every number of the audio stream means, in lower case: a number keeps its meaning for the session. */
  readonly meanings: ReadonlyMap<number, string>;
  readonly profile: AudioProfile;
  /** The keys it gives of which we understand everything; empty where the stream is not protected. */
  readonly crypto: readonly CryptoAttribute[];
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
export function readPeerDescription(
  sdp: string,
  before: PeerDescription | null,
  rules: SdpRules = ALL_SERVED,
): Result<PeerDescription, SdpProblem> {
  const parsed = parse(sdp);
  if (!parsed.ok) return parsed;
  const session = parsed.value;
  const lines = session.media;
  const index = audioIndex(session, before, rules);
  const audio = lines[index];
  if (audio === undefined) return refused(noAudio(lines, rules));
  if (!Number.isInteger(audio.port) || audio.port < 0 || audio.port > 65_535) return refused(malformed('bad port'));
  const address = readMediaAddress(audio.connection?.ip ?? session.connection?.ip, rules.family);
  if (!address.ok) return address;

  const removed = audio.port === 0;
  const formats = readAudioFormats(audio, rules.codecs);
  const codecs = formats.codecs.length === 0 && removed ? (before?.media.codecs ?? []) : formats.codecs;
  if (removed && before === null) return refused(unsupported(304, 'Media type not available: audio has port 0'));
  if (codecs.length === 0) return refused({ kind: 'no-common-codec', offered: formats.names });
  const profile = audio.protocol as AudioProfile;
  const crypto = isSecure(profile) ? (cryptoAttributes(sdp)[index] ?? []) : [];
  if (isSecure(profile) && crypto.length === 0 && !removed) return refused(unsupported(306, NO_KEYS));
  const ptimeMs = packetTimeMs(audio.ptime, false);
  const maxptimeMs = packetTimeMs(audio.maxptime, true);
  const rtp = { address: address.value, port: audio.port };
  const rtcpMux = audio.rtcpMux !== undefined;
  const rtcp = rtcpMux ? null : rtcpAddressOf(audio, rtp, rules.family);
  return ok({
    media: {
      rtp,
      ...(rtcpMux ? { rtcpMux } : {}),
      ...(rtcp === null ? {} : { rtcp }),
      codecs,
      telephoneEventPayloadType: formats.telephoneEventPayloadType,
      telephoneEvent48kPayloadType: formats.telephoneEvent48kPayloadType,
      ...(ptimeMs === null ? {} : { ptimeMs }),
      ...(maxptimeMs === null ? {} : { maxptimeMs }),
      direction: directionFrom(audio.direction ?? session.direction, address.value, removed),
    },
    parameters: formats.parameters,
    meanings: formats.meanings,
    profile,
    crypto,
    streams: lines.map(({ type, protocol, payloads }) => ({ type, protocol, payloads: String(payloads ?? '0') })),
    audio: index,
    removed,
  });
}

function parse(sdp: string): Result<sdpTransform.SessionDescription, SdpProblem> {
  if (sdp.length > SDP_OCTETS_MAX) return refused(malformed(`longer than ${SDP_OCTETS_MAX} octets`));
  // RFC 8866 §5.14 lets a port say how many ports there are; the parser knows none, and one is what it says without.
  const plain = sdp.replace(/^(m=\S+ \d+)\/1 /gm, '$1 ');
  let session: sdpTransform.SessionDescription;
  try {
    session = sdpTransform.parse(plain);
  } catch (thrown) {
    return refused(malformed(describeError(thrown)));
  }
  const lines = session.media ?? [];
  // An m-line that the parser knows nothing of could not be put in its place in an answer.
  if (lines.some(({ type, protocol }) => !type || !protocol)) return refused(malformed('an m-line cannot be read'));
  if (lines.length > STREAMS_MAX) return refused(malformed(`more than ${STREAMS_MAX} streams`));
  return ok(session);
}

/**
 * The stream in use when it is still there, else the first audio that is not refused, of our own family before any other (a
 * peer with both may offer a stream in each, RFC 5118 §4.8), else the first audio.
 */
function audioIndex(
  { media, connection }: sdpTransform.SessionDescription,
  before: PeerDescription | null,
  { srtp, family }: SdpRules,
): number {
  const isServed = ({ type, protocol }: MediaLine) => type === 'audio' && PROFILES[srtp].includes(protocol);
  const isOpen = (line: MediaLine) => isServed(line) && line.port !== 0;
  const inUse = before === null ? undefined : media[before.audio];
  if (before !== null && inUse !== undefined && isOpen(inUse)) return before.audio;
  const near = media.findIndex(
    (line) => isOpen(line) && readMediaAddress(line.connection?.ip ?? connection?.ip, family).ok,
  );
  const open = near === -1 ? media.findIndex(isOpen) : near;
  return open === -1 ? media.findIndex(isServed) : open;
}

const SECURE_PROFILES: readonly string[] = ['RTP/SAVP', 'RTP/SAVPF'];

const PROFILES: Readonly<Record<SrtpMode, readonly string[]>> = {
  accept: ['RTP/AVP', 'RTP/AVPF', ...SECURE_PROFILES],
  require: SECURE_PROFILES,
};

/** Neither their keys nor their names are repeated: a `Warning` is seen by everybody on the way. */
const NO_KEYS = `Attribute not understood: a=crypto is served with ${SRTP_SUITES.join(', ')}, one key and no identifier`;

/** Audio over something else is told from no audio at all. */
function noAudio(lines: readonly MediaLine[], { srtp }: SdpRules): SdpProblem {
  const audio = lines.find(({ type }) => type === 'audio');
  if (lines.length === 0) return malformed('no media');
  return audio === undefined
    ? unsupported(304, 'Media type not available: audio is served')
    : unsupported(302, `Incompatible transport protocol: ${PROFILES[srtp].join(', ')} with a=crypto are served`);
}

/** RFC 3605 §2.1; null where it says nothing that differs from the rule, or nothing that can be used. */
function rtcpAddressOf({ rtcp }: MediaLine, rtp: RtpAddress, family: IpFamily): RtpAddress | null {
  if (rtcp === undefined || !Number.isInteger(rtcp.port) || rtcp.port < 1 || rtcp.port > 65_535) return null;
  const address = rtcp.address === undefined ? ok(rtp.address) : readMediaAddress(rtcp.address, family);
  if (!address.ok || (address.value === rtp.address && rtcp.port === rtp.port + 1)) return null;
  return { address: address.value, port: rtcp.port };
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

function malformed(problem: string): SdpProblem {
  return { kind: 'malformed', problem };
}

function unsupported(warning: UnsupportedWarning, problem: string): SdpProblem {
  return { kind: 'unsupported', warning, problem };
}
