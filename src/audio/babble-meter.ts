/**
 * How much of a sound is talk: whether its level moves as syllables do, and whether something in it is voiced.
 *
 * Speech has most of its modulation between 2 and 8 syllables a second (T. Houtgast and H. Steeneken, JASA 77(3), 1985;
 * it peaks near 4 Hz in every language measured), and its vowels are periodic at 75 to 350 Hz. Ventilation has neither,
 * keys have only the first, a ringing telephone only a period far above.
 */

/** The envelope is measured in blocks of this length. */
const BLOCK_MS = 10;
const SYLLABLES_PER_SECOND_MIN = 2;
const SYLLABLES_PER_SECOND_MAX = 8;

/**
 * How deeply the envelope of `samples` moves at 2 to 8 Hz: the root mean square of that part, as a share of the mean.
 * 0 is not at all; one talker without pause has about 0.8, thirty talkers at equal distances 0.15.
 */
export function syllabicModulation(samples: Float64Array, sampleRateHz: number): number {
  const envelope = blockLevels(samples, (sampleRateHz * BLOCK_MS) / 1000);
  const mean = envelope.reduce((sum, value) => sum + value, 0) / envelope.length;
  if (mean === 0) return 0;
  const seconds = (envelope.length * BLOCK_MS) / 1000;
  let power = 0;
  for (let turns = SYLLABLES_PER_SECOND_MIN * seconds; turns <= SYLLABLES_PER_SECOND_MAX * seconds; turns++) {
    let [real, imaginary] = [0, 0];
    envelope.forEach((value, i) => {
      const angle = (2 * Math.PI * turns * i) / envelope.length;
      real += (value - mean) * Math.cos(angle);
      imaginary += (value - mean) * Math.sin(angle);
    });
    power += (2 * (real * real + imaginary * imaginary)) / envelope.length ** 2;
  }
  return Math.sqrt(power) / mean;
}

/** Vowels are periodic within these pitches. */
const PITCH_HZ_MIN = 75;
const PITCH_HZ_MAX = 350;
/** Three periods of the lowest voice; half of a frame is the next one's too. */
const VOICE_FRAME_MS = 40;
/** Above this everything is left out: there a telephone rings, and no harmonic is told from its neighbour's. */
const VOICE_BAND_HZ_MAX = 900;
/** What is left below it is looked at at this rate. */
const VOICE_RATE_HZ = 4000;
/** A frame this similar to itself one period later is voiced; noise of speech's spectrum seldom is. */
const VOICED_CORRELATION = 0.55;

/** Frames begin this often. */
export const VOICE_HOP_MS = VOICE_FRAME_MS / 2;

/** Which 40 ms frames of a loop, one every 20 ms, are periodic at a voice's pitch. `sampleRateHz` is a multiple of 4000. */
export function voicedFrames(loop: Int16Array | Float64Array, sampleRateHz: number): boolean[] {
  const low = lowPassed(loop, sampleRateHz);
  const length = (VOICE_RATE_HZ * VOICE_FRAME_MS) / 1000;
  return Array.from({ length: Math.floor((2 * low.length) / length) }, (_, i) => {
    const start = (i * length) / 2;
    const frame = Float64Array.from({ length }, (__, n) => low[(start + n) % low.length] ?? 0);
    return bestCorrelation(frame) > VOICED_CORRELATION;
  });
}

/** The share of voiced frames in every stretch of `count` frames of a loop, one stretch beginning every `step` frames. */
export function voicedShares(frames: readonly boolean[], count: number, step: number): number[] {
  return Array.from({ length: Math.floor(frames.length / step) }, (_, i) => {
    let voiced = 0;
    for (let k = 0; k < count; k++) if (frames[(i * step + k) % frames.length] === true) voiced++;
    return voiced / count;
  });
}

/** The largest normalised correlation of a frame with itself, a voice's period later. */
function bestCorrelation(frame: Float64Array): number {
  let best = 0;
  for (let lag = Math.ceil(VOICE_RATE_HZ / PITCH_HZ_MAX); lag <= VOICE_RATE_HZ / PITCH_HZ_MIN; lag++) {
    let [product, before, after] = [0, 0, 0];
    for (let i = 0; i + lag < frame.length; i++) {
      const [a, b] = [frame[i] ?? 0, frame[i + lag] ?? 0];
      product += a * b;
      before += a * a;
      after += b * b;
    }
    best = Math.max(best, product / Math.sqrt(before * after || 1));
  }
  return best;
}

const LOW_PASS_ORDER = 4;

/** Four times a first-order low-pass, 3 dB down at 900 Hz together, then every second (or fourth…) sample. */
function lowPassed(samples: Int16Array | Float64Array, sampleRateHz: number): Float64Array {
  const cutOffHz = VOICE_BAND_HZ_MAX / Math.sqrt(2 ** (1 / LOW_PASS_ORDER) - 1);
  const step = 1 - Math.exp((-2 * Math.PI * cutOffHz) / sampleRateHz);
  const state = new Float64Array(LOW_PASS_ORDER);
  const every = sampleRateHz / VOICE_RATE_HZ;
  const low = new Float64Array(Math.floor(samples.length / every));
  for (let i = 0; i < samples.length; i++) {
    let signal = samples[i] ?? 0;
    for (let k = 0; k < LOW_PASS_ORDER; k++) {
      signal = (state[k] ?? 0) + step * (signal - (state[k] ?? 0));
      state[k] = signal;
    }
    if (i % every === 0) low[i / every] = signal;
  }
  return low;
}

/** The root mean square of each block. */
function blockLevels(samples: Float64Array, blockLength: number): number[] {
  return Array.from({ length: Math.floor(samples.length / blockLength) }, (_, block) => {
    let sum = 0;
    for (let i = block * blockLength; i < (block + 1) * blockLength; i++) sum += (samples[i] ?? 0) ** 2;
    return Math.sqrt(sum / blockLength);
  });
}
