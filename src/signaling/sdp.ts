/**
 * SDP in and out (RFC 8866, RFC 3264): what a peer's audio is, and Brusio's own descriptions, which always name
 * Brusio's own address. Nothing of one side's SDP is copied to the other.
 */

import { isIP } from 'node:net';
import * as sdpTransform from 'sdp-transform';
import { CODEC_NAMES, CODECS, codecByName } from '../audio/codec.ts';
import { describeError } from '../base/errors.ts';
import { ok, type Result, refused } from '../base/result.ts';
import type { NegotiatedCodec, RemoteMedia, RtpAddress } from '../call/remote-media.ts';

/** Why a description cannot be served. */
export type SdpProblem =
  | { readonly kind: 'malformed'; readonly problem: string }
  | { readonly kind: 'no-common-codec'; readonly offered: readonly string[] };

/** A description larger than this is an attack, not a call (UDP carries at most 65,507 octets). */
const SDP_OCTETS_MAX = 16_384;

/** RFC 3551 §6 table 4: names of static payload types that peers may leave without `a=rtpmap`. */
const STATIC_NAMES: Readonly<Record<number, string>> = {
  0: 'PCMU',
  3: 'GSM',
  4: 'G723',
  8: 'PCMA',
  9: 'G722',
  18: 'G729',
};

/** The payload type we give telephone-event when we make the offer (RFC 4733). */
const TELEPHONE_EVENT_PAYLOAD_TYPE = 101;

/** Reads the first accepted audio stream of a peer's offer or answer. */
export function readRemoteMedia(sdp: string): Result<RemoteMedia, SdpProblem> {
  if (sdp.length > SDP_OCTETS_MAX) return refused(malformed(`longer than ${SDP_OCTETS_MAX} octets`));
  let session: sdpTransform.SessionDescription;
  try {
    session = sdpTransform.parse(sdp);
  } catch (thrown) {
    return refused(malformed(describeError(thrown)));
  }
  const audio = session.media?.find(isAudio);
  if (audio === undefined) return refused(malformed('no audio stream over RTP/AVP'));
  const address = audio.connection?.ip ?? session.connection?.ip;
  if (address === undefined || isIP(address) === 0) return refused(malformed('no connection address'));
  if (!Number.isInteger(audio.port) || audio.port < 0 || audio.port > 65_535) return refused(malformed('bad port'));

  const formats = formatsOf(audio);
  const codecs = formats.flatMap(({ name, payloadType }): NegotiatedCodec[] => {
    const codec = codecByName(name);
    return codec === null ? [] : [{ name: codec.name, payloadType }];
  });
  if (codecs.length === 0 || audio.port === 0) {
    return refused({ kind: 'no-common-codec', offered: formats.map((format) => format.name) });
  }
  return ok({
    rtp: { address, port: audio.port },
    codecs,
    telephoneEventPayloadType: formats.find(isTelephoneEvent)?.payloadType ?? null,
    direction: directionOf(audio.direction ?? session.direction),
  });
}

/** Brusio's description of one leg; each change raises the version (RFC 3264 §8). */
export type LocalDescription = {
  readonly sessionId: string;
  readonly version: number;
};

/** What an SDP of ours says. */
export type LocalMedia = {
  readonly rtp: RtpAddress;
  readonly codecs: readonly NegotiatedCodec[];
  readonly telephoneEventPayloadType: number | null;
  readonly direction: RemoteMedia['direction'];
};

/** An offer of ours, or an answer whose offer had one m-line. */
export function writeSdp(local: LocalMedia, description: LocalDescription): string {
  return sdpTransform.write({ ...sessionOf(local, description), media: [audioOf(local)] });
}

/** An answer to `offer`, m-line by m-line: the stream we take, every other refused with port 0 (RFC 3264 §6). */
export function writeAnswer(offer: string, local: LocalMedia, description: LocalDescription): string {
  const offered = sdpTransform.parse(offer).media ?? [];
  const taken = offered.findIndex(isAudio);
  return sdpTransform.write({
    ...sessionOf(local, description),
    media: offered.map((media, index) =>
      index === taken
        ? audioOf(local)
        : {
            type: media.type,
            port: 0,
            protocol: media.protocol,
            payloads: String(media.payloads ?? '0'),
            rtp: [],
            fmtp: [],
          },
    ),
  });
}

/** What we offer the carrier for a dialer's offer: its codecs that we serve, in its order and under its numbers. */
export function carrierOffer(dialer: RemoteMedia | null, rtp: RtpAddress): LocalMedia {
  return {
    rtp,
    codecs: dialer?.codecs ?? CODEC_NAMES.map((name) => ({ name, payloadType: CODECS[name].payloadType })),
    telephoneEventPayloadType: dialer === null ? TELEPHONE_EVENT_PAYLOAD_TYPE : dialer.telephoneEventPayloadType,
    direction: 'sendrecv',
  };
}

/**
 * What we answer the dialer once the callee's description is known: the callee's choice under the dialer's numbers.
 *
 * @param dialer its offer, or null when it made none (then this is our offer)
 */
export function dialerAnswer(dialer: RemoteMedia | null, callee: RemoteMedia, rtp: RtpAddress): LocalMedia {
  if (dialer === null) {
    return {
      rtp,
      codecs: callee.codecs,
      telephoneEventPayloadType: callee.telephoneEventPayloadType,
      direction: 'sendrecv',
    };
  }
  const chosen = callee.codecs.flatMap(({ name }) => dialer.codecs.filter((codec) => codec.name === name));
  return {
    rtp,
    codecs: chosen.length > 0 ? chosen : dialer.codecs,
    telephoneEventPayloadType: callee.telephoneEventPayloadType === null ? null : dialer.telephoneEventPayloadType,
    direction: MIRRORED[dialer.direction],
  };
}

/** RFC 3264 §6.1: the answerer's direction for each of the offerer's. */
const MIRRORED: Readonly<Record<RemoteMedia['direction'], RemoteMedia['direction']>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

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

function directionOf(text: string | undefined): RemoteMedia['direction'] {
  return text === 'sendonly' || text === 'recvonly' || text === 'inactive' ? text : 'sendrecv';
}

function malformed(problem: string): SdpProblem {
  return { kind: 'malformed', problem };
}

function sessionOf(local: LocalMedia, description: LocalDescription): Omit<sdpTransform.SessionDescription, 'media'> {
  const ipVer = isIP(local.rtp.address) === 6 ? 6 : 4;
  return {
    version: 0,
    origin: {
      username: '-',
      sessionId: description.sessionId,
      sessionVersion: description.version,
      netType: 'IN',
      ipVer,
      address: local.rtp.address,
    },
    name: '-',
    timing: { start: 0, stop: 0 },
    connection: { version: ipVer, ip: local.rtp.address },
  };
}

function audioOf(local: LocalMedia): Media {
  const events = local.telephoneEventPayloadType;
  const rtp = local.codecs.map(({ name, payloadType }) => ({
    payload: payloadType,
    codec: name,
    rate: CODECS[name].clockRateHz,
  }));
  return {
    type: 'audio',
    port: local.rtp.port,
    protocol: 'RTP/AVP',
    payloads: [...rtp.map((one) => one.payload), ...(events === null ? [] : [events])].join(' '),
    rtp: events === null ? rtp : [...rtp, { payload: events, codec: 'telephone-event', rate: 8000 }],
    fmtp: events === null ? [] : [{ payload: events, config: '0-16' }],
    ptime: 20,
    direction: local.direction,
  };
}
