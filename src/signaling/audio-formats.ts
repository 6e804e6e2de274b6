/** The formats of an audio m-line (RFC 8866 §5.14, §6.6): which of them are codecs of ours, and what their numbers mean. */
import type * as sdpTransform from 'sdp-transform';
import { CODECS, type CodecName } from '../audio/codec.ts';
import type { NegotiatedCodec } from '../call/remote-media.ts';
import { opusParameters } from './opus-parameters.ts';

/** An m-line with its attributes. */
export type MediaLine = sdpTransform.SessionDescription['media'][number];

/** What the formats of an m-line say. */
export type AudioFormats = {
  /** Those we serve, in the peer's order. */
  readonly codecs: readonly NegotiatedCodec[];
  /** What the peer would like to receive of a codec, as we would write it to somebody else. */
  readonly parameters: CodecParameters;
  readonly telephoneEventPayloadType: number | null;
  readonly telephoneEvent48kPayloadType: number | null;
  /** What each number means to the peer, as in its `a=rtpmap`, in lower case. */
  readonly meanings: ReadonlyMap<number, string>;
  /** The names, in the peer's order and spelling. */
  readonly names: readonly string[];
};

/** `a=fmtp` of a codec; none where there is nothing to say. */
export type CodecParameters = Readonly<Partial<Record<CodecName, string>>>;

/** More formats than any peer has: what stands behind them in an m-line is not looked at. */
const FORMATS_MAX = 64;

/** RFC 3551 §6 table 4: what static payload types mean that peers may leave without `a=rtpmap`. */
const STATIC_FORMATS: Readonly<Record<number, string>> = {
  0: 'PCMU',
  3: 'GSM',
  4: 'G723',
  8: 'PCMA',
  9: 'G722',
  13: 'CN',
  15: 'G728',
  18: 'G729',
};

/** RFC 3551 §4.5: the clock of every static format above. */
const STATIC_RATE_HZ = 8000;

/** Names under which some peers know a codec of ours: Annex A is the same bit stream (ITU-T G.729 A). */
const OTHER_NAMES: Readonly<Record<string, CodecName>> = { g729a: 'G729' };

/** RFC 4733 §2.1: events tick with the clock of the audio beside them. */
export const EVENT_MEANINGS = { narrow: 'telephone-event/8000', opus: 'telephone-event/48000' } as const;

type Format = { readonly payloadType: number; readonly name: string; readonly meaning: string };

/**
 * Reads the formats of an audio m-line.
 *
 * @param served codecs that may be used on this leg
 */
export function readAudioFormats(line: MediaLine, served: readonly CodecName[]): AudioFormats {
  const formats = formatsOf(line);
  const codecs: NegotiatedCodec[] = [];
  const parameters: Partial<Record<CodecName, string>> = {};
  for (const { payloadType, meaning } of formats) {
    const name = codecOf(meaning);
    if (name === null || !served.includes(name) || codecs.some((codec) => codec.name === name)) continue;
    codecs.push({ name, payloadType });
    const wanted = name === 'opus' ? opusParameters(fmtpOf(line, payloadType)) : null;
    if (wanted !== null) parameters[name] = wanted;
  }
  const numberOf = (meaning: string) => formats.find((one) => one.meaning === meaning)?.payloadType ?? null;
  return {
    codecs,
    parameters,
    telephoneEventPayloadType: numberOf(EVENT_MEANINGS.narrow),
    telephoneEvent48kPayloadType: numberOf(EVENT_MEANINGS.opus),
    meanings: new Map(formats.map(({ payloadType, meaning }) => [payloadType, meaning])),
    names: formats.map(({ name }) => name),
  };
}

/** What a codec's number means, in lower case: `opus/48000/2`. */
export function meaningOf(name: CodecName): string {
  return CODECS[name].rtpmap.toLowerCase();
}

/** Name, clock and channels must all be ours: PCMA/16000 is another codec. One channel may be said or not (RFC 8866 §6.6). */
function codecOf(meaning: string): CodecName | null {
  const [name = '', rate = ''] = meaning.split('/');
  const known = (Object.keys(CODECS) as CodecName[]).find((one) => meaningOf(one) === meaning);
  const other = OTHER_NAMES[name];
  return known ?? (other !== undefined && rate === String(STATIC_RATE_HZ) ? other : null);
}

function formatsOf(line: MediaLine): Format[] {
  const mapped = new Map(line.rtp?.map((rtp) => [rtp.payload, rtp]));
  const texts = String(line.payloads ?? '').split(/\s+/);
  const numbers = texts.filter((text) => /^\d{1,3}$/.test(text) && Number(text) < 128).map(Number);
  return [...new Set(numbers)].slice(0, FORMATS_MAX).map((payloadType) => {
    const rtp = mapped.get(payloadType);
    const name = rtp?.codec ?? STATIC_FORMATS[payloadType] ?? `payload-${payloadType}`;
    const channels = rtp?.encoding === undefined || Number(rtp.encoding) === 1 ? '' : `/${rtp.encoding}`;
    return { payloadType, name, meaning: `${name}/${rtp?.rate ?? STATIC_RATE_HZ}${channels}`.toLowerCase() };
  });
}

function fmtpOf(line: MediaLine, payloadType: number): string {
  return line.fmtp?.find((fmtp) => fmtp.payload === payloadType)?.config ?? '';
}
