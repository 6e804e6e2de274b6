/**
 * The SDP that tells rtpengine of one leg, and what its answer says. Signaling owns the SDP of peers; between Brusio and
 * rtpengine there is only what a relay must know: where, which formats, which way.
 */
import { isIP, SocketAddress } from 'node:net';
import * as sdpTransform from 'sdp-transform';
import { CODECS } from '../../audio/codec.ts';
import type { RemoteMedia, RtpAddress } from '../../call/remote-media.ts';

/** What is told of one end of a leg. */
export type NgMedia = Pick<RemoteMedia, 'codecs' | 'telephoneEventPayloadType'> & {
  readonly rtp: RtpAddress;
  /** Null: the port above RTP's. */
  readonly rtcp: RtpAddress | null;
  readonly rtcpMux: boolean;
};

/** Where rtpengine listens, and sends from. */
export type NgAddresses = { readonly rtp: RtpAddress; readonly rtcp: RtpAddress };

/**
 * One audio stream, both ways. A peer that is on hold is told as it was before: rtpengine needs to know no more than
 * where it is, since Brusio sends nothing to a peer that does not listen.
 */
export function writeNgSdp(media: NgMedia): string {
  const { address, port } = media.rtp;
  const ipVer = isIP(address) === 6 ? 6 : 4;
  const formats = formatsOf(media);
  return sdpTransform.write({
    version: 0,
    origin: { username: '-', sessionId: 1, sessionVersion: 1, netType: 'IN', ipVer, address },
    name: '-',
    timing: { start: 0, stop: 0 },
    connection: { version: ipVer, ip: address },
    media: [
      {
        type: 'audio',
        port,
        protocol: 'RTP/AVP',
        payloads: formats.map(({ payload }) => payload).join(' '),
        rtp: formats,
        fmtp: [],
        direction: 'sendrecv',
        ...(media.rtcp === null ? {} : { rtcp: rtcpOf(media.rtcp) }),
        ...(media.rtcpMux ? { rtcpMux: 'rtcp-mux' } : {}),
      },
    ],
  });
}

type Format = { readonly payload: number; readonly codec: string; readonly rate: number; readonly encoding?: number };

function formatsOf({ codecs, telephoneEventPayloadType: events }: NgMedia): Format[] {
  const formats: Format[] = codecs.map(({ name, payloadType }) => {
    const [rate = '', channels] = CODECS[name].rtpmap.split('/').slice(1);
    const format = { payload: payloadType, codec: name, rate: Number(rate) };
    return channels === undefined ? format : { ...format, encoding: Number(channels) };
  });
  return events === null ? formats : [...formats, { payload: events, codec: 'telephone-event', rate: 8000 }];
}

function rtcpOf({ address, port }: RtpAddress): NonNullable<sdpTransform.MediaAttributes['rtcp']> {
  return { port, netType: 'IN', ipVer: isIP(address) === 6 ? 6 : 4, address };
}

/** Where rtpengine's SDP says it listens; null when it says nothing usable. */
export function readNgSdp(sdp: string): NgAddresses | null {
  const described = sdpTransform.parse(sdp);
  const audio = described.media[0];
  const address = spelled(audio?.connection?.ip ?? described.connection?.ip ?? '');
  const port = audio?.port ?? 0;
  if (isIP(address) === 0 || !isPort(port)) return null;
  const rtcpPort = audio?.rtcp?.port ?? port + 1;
  if (!isPort(rtcpPort)) return null;
  return { rtp: { address, port }, rtcp: { address: spelled(audio?.rtcp?.address ?? address), port: rtcpPort } };
}

/** An IPv6 address as sockets name it. */
function spelled(address: string): string {
  return isIP(address) === 6 ? new SocketAddress({ address, family: 'ipv6' }).address : address;
}

function isPort(port: unknown): port is number {
  return Number.isInteger(port) && Number(port) > 0 && Number(port) <= 65_535;
}
