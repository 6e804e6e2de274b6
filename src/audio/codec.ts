import { ALAW_TABLES, decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw, type LawTables, ULAW_TABLES } from './g711.ts';

/**
 * The codecs for which an ambience can be made, by their RTP encoding names (RFC 3551 §6, RFC 7587 §7). A call may use
 * those of them that its clip has (`clipCodecs`).
 */
export type CodecName = 'PCMA' | 'PCMU' | 'G722' | 'opus' | 'G729';

/** The two codecs of ITU-T G.711, which differ by a table. */
export type LawName = 'PCMA' | 'PCMU';

/** What signalling and media must know of a codec. */
export type Codec<N extends CodecName = CodecName> = {
  readonly name: N;
  /** The static RTP payload type of RFC 3551 Table 4, or else the dynamic number that an offer of ours gives it. */
  readonly payloadType: number;
  /** The RTP timestamp's rate. G.722's is 8000 although its samples are 16,000 a second (RFC 3551 §4.5.2). */
  readonly clockRateHz: number;
  /** How many samples of sound a second has in an ambience of this codec. */
  readonly sampleRateHz: number;
  /** How far the RTP timestamp advances over one frame. */
  readonly frameTicks: number;
  /** Octets of one frame; null where the clip says it, since the bit rate is its own. */
  readonly frameOctets: number | null;
  /** The RTP timestamp's ticks in an octet of payload; 0 where the octets do not tell. */
  readonly ticksPerOctet: number;
  /** The value of the SDP attribute: `a=rtpmap:8 PCMA/8000` after its number (RFC 8866 §6.6). */
  readonly rtpmap: string;
  /** The parameters of `a=fmtp` that an offer of ours gives it (RFC 8866 §6.15); null for none. */
  readonly fmtp: string | null;
  /** A full-scale sine wave's level: what 0 dBm0 is told by. */
  readonly overloadDbm0: number;
};

/** One law: a codec that is a table, so that it can be encoded and decoded at run time. */
export type Law = Codec<LawName> & {
  readonly frameOctets: number;
  /** The octet of a sample of (almost) nothing. */
  readonly silenceOctet: number;
  readonly tables: LawTables;
  encode(samples: Int16Array): Uint8Array;
  decode(octets: Uint8Array): Int16Array;
};

/** One RTP packet's worth of audio: the default packet time of RFC 3551 §4.2, and the only one Brusio's ambience has. */
export const FRAME_MS = 20;

const G711 = {
  clockRateHz: 8000,
  sampleRateHz: 8000,
  frameTicks: 160,
  frameOctets: 160,
  ticksPerOctet: 1,
  fmtp: null,
} as const;

/** G.711 by law. Overload points: its Tables 5 and 6. */
export const LAWS: Readonly<Record<LawName, Law>> = {
  PCMA: {
    ...G711,
    name: 'PCMA',
    payloadType: 8,
    rtpmap: 'PCMA/8000',
    silenceOctet: 0xd5,
    tables: ALAW_TABLES,
    overloadDbm0: 3.14,
    encode: encodeAlaw,
    decode: decodeAlaw,
  },
  PCMU: {
    ...G711,
    name: 'PCMU',
    payloadType: 0,
    rtpmap: 'PCMU/8000',
    silenceOctet: 0xff,
    tables: ULAW_TABLES,
    overloadDbm0: 3.17,
    encode: encodeUlaw,
    decode: decodeUlaw,
  },
};

/**
 * Gateways and telephones carry 16-bit samples unchanged between A-law and the codecs that are no table, so that these
 * have A-law's scale.
 */
const LINEAR_OVERLOAD_DBM0 = LAWS.PCMA.overloadDbm0;

/** Every codec, by name. */
export const CODECS: { readonly [N in CodecName]: Codec<N> } = {
  PCMA: LAWS.PCMA as Codec<'PCMA'>,
  PCMU: LAWS.PCMU as Codec<'PCMU'>,
  G722: {
    name: 'G722',
    payloadType: 9,
    clockRateHz: 8000,
    sampleRateHz: 16000,
    frameTicks: 160,
    frameOctets: 160,
    ticksPerOctet: 1,
    rtpmap: 'G722/8000',
    fmtp: null,
    overloadDbm0: LINEAR_OVERLOAD_DBM0,
  },
  opus: {
    name: 'opus',
    // The number of the browsers' offers; 101, that of RFC 7587's examples, is everybody's telephone-event.
    payloadType: 111,
    clockRateHz: 48000,
    sampleRateHz: 16000,
    frameTicks: 960,
    frameOctets: null,
    ticksPerOctet: 0,
    // RFC 7587 §7: always 48000/2, whatever is encoded.
    rtpmap: 'opus/48000/2',
    fmtp: null,
    overloadDbm0: LINEAR_OVERLOAD_DBM0,
  },
  G729: {
    name: 'G729',
    payloadType: 18,
    clockRateHz: 8000,
    sampleRateHz: 8000,
    frameTicks: 160,
    frameOctets: 20,
    // 10 ms, 80 ticks, are 10 octets (RFC 3551 §4.5.6).
    ticksPerOctet: 8,
    rtpmap: 'G729/8000',
    // RFC 4856 §2.1.9: the default is yes, and our frames are Annex A's without comfort noise.
    fmtp: 'annexb=no',
    overloadDbm0: LINEAR_OVERLOAD_DBM0,
  },
};

/** Every codec's name, in the order in which the files of a clip are listed and an offer of ours names them. */
export const CODEC_NAMES: readonly CodecName[] = ['PCMA', 'PCMU', 'G722', 'opus', 'G729'];

/** Both laws. */
export const LAW_NAMES: readonly LawName[] = ['PCMA', 'PCMU'];

/** Whether a codec is one of the two laws. */
export function isLaw(name: CodecName): name is LawName {
  return name === 'PCMA' || name === 'PCMU';
}

/** The law an SDP encoding name means, whatever its case (RFC 4855 §3), or null. */
export function lawByName(encodingName: string): Law | null {
  const codec = codecByName(encodingName);
  return codec !== null && isLaw(codec.name) ? LAWS[codec.name] : null;
}

/** The codec an SDP encoding name means, whatever its case (RFC 4855 §3); null when no ambience is made for it. */
export function codecByName(encodingName: string): Codec | null {
  const lower = encodingName.toLowerCase();
  const name = CODEC_NAMES.find((one) => one.toLowerCase() === lower);
  return name === undefined ? null : CODECS[name];
}
