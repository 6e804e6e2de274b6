/** Brusio's own descriptions (RFC 8866): always at Brusio's own address, and with nothing of the other side's SDP. */
import { isIP } from 'node:net';
import * as sdpTransform from 'sdp-transform';
import { CODECS, type CodecName } from '../audio/codec.ts';
import type { NegotiatedCodec, RtpAddress } from '../call/remote-media.ts';
import { type CodecParameters, EVENT_MEANINGS, type MediaLine } from './audio-formats.ts';
import type { Direction } from './direction.ts';
import type { AudioProfile, Stream } from './peer-description.ts';
import type { CryptoAttribute } from './sdes.ts';

/** Which description of a session this is; each change raises the version by one (RFC 3264 §8). */
export type DescriptionId = { readonly sessionId: string; readonly version: number };

/** What an SDP of ours says of the audio. */
export type LocalMedia = {
  /** The peer has taken the stream away: its m-line comes back as it came, with port 0 (RFC 3264 §8.2). */
  readonly removed: boolean;
  readonly rtp: RtpAddress;
  readonly profile: AudioProfile;
  readonly codecs: readonly NegotiatedCodec[];
  /** What the peer whose packets these will not be would like of a codec. */
  readonly parameters: CodecParameters;
  readonly telephoneEventPayloadType: number | null;
  readonly telephoneEvent48kPayloadType: number | null;
  readonly direction: Direction;
  /** The packet times we would like to receive: those of the other peer, to whom these packets go. */
  readonly ptimeMs: number;
  readonly maxptimeMs: number | null;
  /** RTCP comes over the RTP port (RFC 5761). */
  readonly rtcpMux: boolean;
  /** Our keys; empty where the stream is not protected. */
  readonly crypto: readonly CryptoAttribute[];
};

/** The m-lines of a session that has more than ours. */
export type Frame = { readonly streams: readonly Stream[]; readonly audio: number };

/**
 * A description.
 *
 * @param frame the session's m-lines so far: ours is written at its place and every other one with port 0, since no m-line
 * ever goes away (RFC 3264 §6, §8); null when ours is the only one
 */
export function writeSdp(local: LocalMedia, id: DescriptionId, frame: Frame | null = null): string {
  const ipVer = isIP(local.rtp.address) === 6 ? 6 : 4;
  return sdpTransform.write({
    version: 0,
    origin: {
      username: '-',
      sessionId: id.sessionId,
      sessionVersion: id.version,
      netType: 'IN',
      ipVer,
      address: local.rtp.address,
    },
    name: '-',
    timing: { start: 0, stop: 0 },
    connection: { version: ipVer, ip: local.rtp.address },
    media:
      frame === null
        ? [audioOf(local)]
        : frame.streams.map((stream, index) => {
            if (index !== frame.audio) return refused(stream);
            return local.removed ? { ...refused(stream), direction: local.direction } : audioOf(local);
          }),
  });
}

function refused({ type, protocol, payloads }: Stream): MediaLine {
  return { type, port: 0, protocol, payloads, rtp: [], fmtp: [] };
}

function audioOf(local: LocalMedia): MediaLine {
  const events = [
    { payload: local.telephoneEventPayloadType, meaning: EVENT_MEANINGS.narrow },
    { payload: local.telephoneEvent48kPayloadType, meaning: EVENT_MEANINGS.opus },
  ].flatMap(({ payload, meaning }) => (payload === null ? [] : [{ payload, meaning }]));
  const formats = [
    ...local.codecs.map(({ name, payloadType }) => ({ payload: payloadType, meaning: CODECS[name].rtpmap })),
    ...events,
  ];
  return {
    type: 'audio',
    port: local.rtp.port,
    protocol: local.profile,
    payloads: formats.map(({ payload }) => payload).join(' '),
    rtp: formats.map(({ payload, meaning }) => {
      const [codec = '', rate = '', channels] = meaning.split('/');
      const rtp = { payload, codec, rate: Number(rate) };
      return channels === undefined ? rtp : { ...rtp, encoding: Number(channels) };
    }),
    fmtp: [
      ...local.codecs.flatMap(({ name, payloadType }) => {
        const config = parametersOf(name, local.parameters);
        return config === null ? [] : [{ payload: payloadType, config }];
      }),
      // RFC 4733 §2.4.1: the sixteen keys and the hook flash.
      ...events.map(({ payload }) => ({ payload, config: '0-16' })),
    ],
    ptime: local.ptimeMs,
    ...(local.maxptimeMs === null ? {} : { maxptime: local.maxptimeMs }),
    direction: local.direction,
    ...(local.crypto.length === 0 ? {} : { crypto: local.crypto.map(cryptoOf) }),
    ...(local.rtcpMux ? { rtcpMux: 'rtcp-mux' } : {}),
  };
}

function cryptoOf({ tag, key }: CryptoAttribute): NonNullable<MediaLine['crypto']>[number] {
  return { id: tag, suite: key.suite, config: `inline:${key.master}` };
}

/** What is always said of a codec stands before what a peer would like of it. */
function parametersOf(name: CodecName, wanted: CodecParameters): string | null {
  const said = [CODECS[name].fmtp, wanted[name]].filter((text) => text !== null && text !== undefined);
  return said.length === 0 ? null : said.join(';');
}
