/** Brusio's own descriptions (RFC 8866): always at Brusio's own address, and with nothing of the other side's SDP. */
import { isIP } from 'node:net';
import * as sdpTransform from 'sdp-transform';
import { CODECS } from '../audio/codec.ts';
import type { NegotiatedCodec, RtpAddress } from '../call/remote-media.ts';
import type { Direction } from './direction.ts';
import type { Stream } from './peer-description.ts';

/** Which description of a session this is; each change raises the version by one (RFC 3264 §8). */
export type DescriptionId = { readonly sessionId: string; readonly version: number };

/** What an SDP of ours says of the audio. */
export type LocalMedia = {
  /** Port 0 takes the stream away. */
  readonly rtp: RtpAddress;
  readonly codecs: readonly NegotiatedCodec[];
  readonly telephoneEventPayloadType: number | null;
  readonly direction: Direction;
  /** The packet time we would like to receive: that of the other peer, whose packets these will be. */
  readonly ptimeMs: number;
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
        : frame.streams.map((stream, index) => (index === frame.audio ? audioOf(local) : refused(stream))),
  });
}

type Media = sdpTransform.SessionDescription['media'][number];

function refused({ type, protocol, payloads }: Stream): Media {
  return { type, port: 0, protocol, payloads, rtp: [], fmtp: [] };
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
    ptime: local.ptimeMs,
    direction: local.direction,
  };
}
