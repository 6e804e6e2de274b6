/**
 * A person's own WAV file as one channel of samples: any rate, depth and number of channels that recorders write. What a
 * file says of itself is checked before wavefile takes it apart, since that believes everything. The samples are read here:
 * wavefile takes the floating ones of an extensible header for whole numbers, and half a minute for a large file.
 */
import wavefile from 'wavefile';
import { describeError } from '../../base/errors.ts';
import { ok, type Result, refused } from '../../base/result.ts';
import { LAWS } from '../codec.ts';

/** One channel, of 16-bit scale however deep the file was. */
export type Sound = {
  readonly sampleRateHz: number;
  readonly samples: Float64Array;
  /** What the file held: `44100 Hz, 2 channels, 24 bits`. */
  readonly format: string;
};

/** A file larger than this is no ambience: a quarter of an hour at 192 kHz in stereo. */
export const WAV_OCTETS_MAX = 1_000_000_000;

const RATE_HZ_MIN = 8_000;
const RATE_HZ_MAX = 192_000;
const CHANNELS_MAX = 8;

/** Format tags (RFC 2361), and the depths that each has here. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = { 1: [8, 16, 24, 32], 3: [32, 64], 6: [8], 7: [8] };
const EXTENSIBLE = 0xfffe;

/** The parts of a file that decide how it is read. */
type Layout = {
  readonly tag: number;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly bits: number;
  readonly dataOctets: number;
};

/** Reads it; refused in words that tell a person what to do. */
export function readSound(octets: Uint8Array): Result<Sound, string> {
  if (octets.length > WAV_OCTETS_MAX) return refused(`larger than ${WAV_OCTETS_MAX} octets`);
  const layout = layoutOf(octets);
  if (!layout.ok) return layout;
  const { tag, channels, sampleRateHz, bits } = layout.value;
  try {
    const file = new wavefile.WaveFile();
    file.fromBuffer(octets);
    const { samples: data } = file.data as { samples: Uint8Array };
    const interleaved = linear(data, tag, bits);
    const format = `${sampleRateHz} Hz, ${channels} ${channels === 1 ? 'channel' : 'channels'}, ${depthOf(tag, bits)}`;
    return ok({ sampleRateHz, samples: mono(interleaved, channels), format });
  } catch (thrown) {
    return refused(`not a WAV file that can be read: ${describeError(thrown)}`);
  }
}

/**
 * ```
 * "RIFF" length "WAVE" { chunk id (4) | length (4, little-endian) | octets, padded to an even number } …
 * fmt : tag (2) | channels (2) | samples a second (4) | octets a second (4) | octets a frame (2) | bits (2) | …
 * ```
 */
function layoutOf(octets: Uint8Array): Result<Layout, string> {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const name = (at: number) => String.fromCharCode(...octets.subarray(at, at + 4));
  if (octets.length < 12 || name(0) !== 'RIFF' || name(8) !== 'WAVE') {
    return refused('not a WAV file (RIFF/WAVE); convert it: sox in.mp3 out.wav');
  }
  let format: Omit<Layout, 'dataOctets'> | null = null;
  let dataOctets: number | null = null;
  for (let at = 12; at + 8 <= octets.length; ) {
    const length = view.getUint32(at + 4, true);
    const rest = octets.length - at - 8;
    if (name(at) === 'fmt ') {
      if (length < 16 || length > rest) return refused('its fmt chunk is cut off');
      const tag = view.getUint16(at + 8, true);
      format = {
        tag: tag === EXTENSIBLE && length >= 26 ? view.getUint16(at + 32, true) : tag,
        channels: view.getUint16(at + 10, true),
        sampleRateHz: view.getUint32(at + 12, true),
        bits: view.getUint16(at + 22, true),
      };
    } else if (name(at) === 'data') {
      if (length > rest) {
        return refused(
          `it is cut off: ${rest} octets of sound where its header promises ${length}; write it anew with sox`,
        );
      }
      dataOctets = length;
    }
    at += 8 + length + (length % 2);
  }
  if (format === null) return refused('it has no fmt chunk, which says what its samples are');
  if (dataOctets === null || dataOctets === 0) return refused('it has no sound in it');
  return checked({ ...format, dataOctets });
}

function checked(layout: Layout): Result<Layout, string> {
  const { tag, channels, sampleRateHz, bits, dataOctets } = layout;
  const depths = DEPTHS[tag];
  if (depths === undefined) {
    return refused(`its encoding (tag ${tag}) is not read; convert it to PCM: sox in.wav -e signed -b 16 out.wav`);
  }
  if (!depths.includes(bits)) return refused(`${bits} bits a sample are not read, only ${depths.join(', ')}`);
  if (channels < 1 || channels > CHANNELS_MAX) return refused(`${channels} channels, 1 to ${CHANNELS_MAX} are read`);
  if (sampleRateHz < RATE_HZ_MIN || sampleRateHz > RATE_HZ_MAX) {
    return refused(`${sampleRateHz} samples a second, ${RATE_HZ_MIN} to ${RATE_HZ_MAX} are read`);
  }
  if (dataOctets % ((bits / 8) * channels) !== 0) return refused('its last sample is cut off; write it anew with sox');
  return ok(layout);
}

function depthOf(tag: number, bits: number): string {
  if (tag === 6) return 'A-law';
  if (tag === 7) return 'µ-law';
  return tag === 3 ? `${bits} bits floating` : `${bits} bits`;
}

/** Octets of a data chunk, little-endian, as samples of 16-bit scale. */
function linear(octets: Uint8Array, tag: number, bits: number): Float64Array {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const read = sampleReader(view, tag, bits);
  const step = bits / 8;
  const samples = new Float64Array(octets.length / step);
  for (let i = 0; i < samples.length; i++) samples[i] = read(i * step);
  return samples;
}

function sampleReader(view: DataView, tag: number, bits: number): (at: number) => number {
  if (tag === 6 || tag === 7) {
    const { sampleOf } = LAWS[tag === 6 ? 'PCMA' : 'PCMU'].tables;
    return (at) => sampleOf[view.getUint8(at)] ?? 0;
  }
  // What is no number is silence; what is absurdly loud is clipped, as a player would.
  const bounded = (sample: number) => (Number.isNaN(sample) ? 0 : Math.max(-2, Math.min(2, sample)) * 32768);
  if (tag === 3)
    return bits === 32 ? (at) => bounded(view.getFloat32(at, true)) : (at) => bounded(view.getFloat64(at, true));
  switch (bits) {
    case 8:
      return (at) => (view.getUint8(at) - 128) * 256;
    case 16:
      return (at) => view.getInt16(at, true);
    case 24:
      return (at) => view.getInt16(at + 1, true) + view.getUint8(at) / 256;
    default:
      return (at) => view.getInt32(at, true) / 65536;
  }
}

/** The mean of all channels. */
function mono(interleaved: Float64Array, channels: number): Float64Array {
  if (channels === 1) return interleaved;
  const samples = new Float64Array(interleaved.length / channels);
  for (let i = 0; i < samples.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += interleaved[i * channels + channel] ?? 0;
    samples[i] = sum / channels;
  }
  return samples;
}
