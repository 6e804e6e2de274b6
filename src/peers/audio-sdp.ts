import { LAW_NAMES, LAWS, type Law, lawByName } from '../audio/codec.ts';
import type { RtpAddress } from '../call/remote-media.ts';

/**
 * One audio stream as a peer's SDP tells it (RFC 8866, RFC 3264). Read and written here by hand, and not by what Brusio
 * reads and writes its own with, so that a mistake on one side is not mirrored on the other.
 */
export type AudioDescription = {
  readonly rtp: RtpAddress;
  /** In order of preference; only codecs this project knows. */
  readonly codecs: readonly PeerCodec[];
  /** RFC 4733, or null when it is not in the description. */
  readonly telephoneEventPayloadType: number | null;
};

/** A codec under the payload type the description gives it. */
export type PeerCodec = { readonly codec: Law; readonly payloadType: number };

/** The payload type under which a peer offers telephone-event: the one most equipment uses. */
export const TELEPHONE_EVENT_PAYLOAD_TYPE = 101;

/** What a peer offers: A-law, µ-law, telephone-event. */
export function audioOffer(rtp: RtpAddress): AudioDescription {
  const codecs = [LAWS.PCMA, LAWS.PCMU].map((codec) => ({ codec, payloadType: codec.payloadType }));
  return { rtp, codecs, telephoneEventPayloadType: TELEPHONE_EVENT_PAYLOAD_TYPE };
}

/** The answer to an offer: its first codec we know, and telephone-event if offered. Null when there is none in common. */
export function audioAnswer(offer: AudioDescription, rtp: RtpAddress): AudioDescription | null {
  const first = offer.codecs[0];
  if (first === undefined) return null;
  return { rtp, codecs: [first], telephoneEventPayloadType: offer.telephoneEventPayloadType };
}

/** The description as an SDP body; `version` grows by one with every change (RFC 3264 §8). */
export function writeAudioSdp(description: AudioDescription, version: number): string {
  const { address, port } = description.rtp;
  const network = `IN ${address.includes(':') ? 'IP6' : 'IP4'} ${address}`;
  const payloadTypes = description.codecs.map((one) => one.payloadType);
  const attributes = description.codecs.map(
    ({ codec, payloadType }) => `a=rtpmap:${payloadType} ${codec.name}/${codec.clockRateHz}`,
  );
  const event = description.telephoneEventPayloadType;
  if (event !== null) {
    payloadTypes.push(event);
    attributes.push(`a=rtpmap:${event} telephone-event/8000`, `a=fmtp:${event} 0-15`);
  }
  return [
    'v=0',
    `o=- ${port} ${version} ${network}`,
    's=-',
    `c=${network}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${payloadTypes.join(' ')}`,
    ...attributes,
    'a=ptime:20',
    'a=sendrecv',
    '',
  ].join('\r\n');
}

/** Reads the first audio stream of an SDP body; null when there is none, or none that says where it is. */
export function readAudioSdp(body: string): AudioDescription | null {
  const lines = body.split(/\r?\n/);
  const mediaAt = lines.findIndex((line) => line.startsWith('m=audio '));
  if (mediaAt < 0) return null;
  const nextMedia = lines.findIndex((line, index) => index > mediaAt && line.startsWith('m='));
  const session = lines.slice(
    0,
    lines.findIndex((line) => line.startsWith('m=')),
  );
  const media = lines.slice(mediaAt, nextMedia < 0 ? lines.length : nextMedia);
  const address = connectionAddress(media) ?? connectionAddress(session);
  const [, portText = '', , ...formats] = (media[0] ?? '').split(' ');
  const port = Number.parseInt(portText, 10);
  if (address === null || !Number.isInteger(port)) return null;

  const codecs: PeerCodec[] = [];
  let telephoneEventPayloadType: number | null = null;
  for (const payloadType of formats.map(Number)) {
    const encoding = encodingName(media, payloadType);
    if (encoding?.toLowerCase() === 'telephone-event') telephoneEventPayloadType = payloadType;
    const codec = encoding === null ? lawOfStatic(payloadType) : lawByName(encoding);
    if (codec !== null) codecs.push({ codec, payloadType });
  }
  return { rtp: { address, port }, codecs, telephoneEventPayloadType };
}

/** RFC 3551 Table 4: a static number needs no `rtpmap`. */
function lawOfStatic(payloadType: number): Law | null {
  return LAW_NAMES.map((name) => LAWS[name]).find((law) => law.payloadType === payloadType) ?? null;
}

function connectionAddress(lines: readonly string[]): string | null {
  const line = lines.find((candidate) => candidate.startsWith('c='));
  return line === undefined ? null : (/^c=IN IP[46] ([^\s/]+)/.exec(line)?.[1] ?? null);
}

function encodingName(media: readonly string[], payloadType: number): string | null {
  const prefix = `a=rtpmap:${payloadType} `;
  const line = media.find((candidate) => candidate.startsWith(prefix));
  return line === undefined ? null : (line.slice(prefix.length).split('/')[0] ?? null);
}
