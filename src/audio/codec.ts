import { decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw } from './g711.ts';

/**
 * The codecs for which an ambience can be played, by their RTP encoding names (RFC 3551 §6). G.722 and Opus follow: a
 * codec is one more row here, one more encoding in each clip of `audio/`, and nothing else.
 */
export type CodecName = 'PCMA' | 'PCMU';

/** What signalling and media must know of a codec. */
export type Codec = {
  readonly name: CodecName;
  /** The static RTP payload type, RFC 3551 Table 4. */
  readonly payloadType: number;
  /** The RTP timestamp's rate, which G.722 taught us to keep apart from the sample rate. */
  readonly clockRateHz: number;
  readonly sampleRateHz: number;
  /** How far the RTP timestamp advances over one frame. */
  readonly frameTicks: number;
  readonly frameOctets: number;
  /** The value of the SDP attribute: `a=rtpmap:8 PCMA/8000`, without `a=` (RFC 8866 §6.6). */
  readonly rtpmap: string;
  /** The octet of a sample of (almost) nothing. */
  readonly silenceOctet: number;
  /** A full-scale sine wave's level, G.711 Tables 5 and 6: what 0 dBm0 is told by. */
  readonly overloadDbm0: number;
  encode(samples: Int16Array): Uint8Array;
  decode(octets: Uint8Array): Int16Array;
};

/** One RTP packet's worth of audio: the default packet time of RFC 3551 §4.2, and the only one Brusio sends. */
export const FRAME_MS = 20;

const FRAME_OCTETS_G711 = 160;

/** Every codec, by name. */
export const CODECS: Readonly<Record<CodecName, Codec>> = {
  PCMA: {
    name: 'PCMA',
    payloadType: 8,
    clockRateHz: 8000,
    sampleRateHz: 8000,
    frameTicks: 160,
    frameOctets: FRAME_OCTETS_G711,
    rtpmap: 'rtpmap:8 PCMA/8000',
    silenceOctet: 0xd5,
    overloadDbm0: 3.14,
    encode: encodeAlaw,
    decode: decodeAlaw,
  },
  PCMU: {
    name: 'PCMU',
    payloadType: 0,
    clockRateHz: 8000,
    sampleRateHz: 8000,
    frameTicks: 160,
    frameOctets: FRAME_OCTETS_G711,
    rtpmap: 'rtpmap:0 PCMU/8000',
    silenceOctet: 0xff,
    overloadDbm0: 3.17,
    encode: encodeUlaw,
    decode: decodeUlaw,
  },
};

/** Every codec's name, in the order in which the files of a clip are listed. */
export const CODEC_NAMES: readonly CodecName[] = ['PCMA', 'PCMU'];

/** The codec an SDP encoding name means, whatever its case (RFC 4855 §3); null when no ambience exists for it. */
export function codecByName(encodingName: string): Codec | null {
  const upper = encodingName.toUpperCase();
  return CODEC_NAMES.map((name) => CODECS[name]).find((codec) => codec.name === upper) ?? null;
}

/** The codec of a static payload type, for an offer that leaves the `rtpmap` out (RFC 3264 §5.1); null when unknown. */
export function codecByPayloadType(payloadType: number): Codec | null {
  return CODEC_NAMES.map((name) => CODECS[name]).find((codec) => codec.payloadType === payloadType) ?? null;
}
