/**
 * From the 16 kHz master to what a telephone carries: 8 kHz, 300–3400 Hz (ITU-T G.712's pass band).
 *
 * One linear-phase FIR does both: a Kaiser-windowed sinc difference, −6 dB at 230 Hz and 3550 Hz, flat within 0.1 dB
 * from 300 to 3400 Hz, and 60 dB down from 3700 Hz on, so that nothing folds back below 4 kHz that could be heard. It is
 * applied around the loop, so that a seamless loop stays one.
 */
import { kaiser } from './kaiser.ts';
import { sine } from './portable-math.ts';

const LOW_HZ = 230;
const HIGH_HZ = 3550;
/** Half the filter's length at 16 kHz, in samples: ±16 ms. */
const HALF_LENGTH = 256;
const KAISER_BETA = 5.65;

/** The sample rate that goes in. */
export const MASTER_RATE_HZ = 16000;

/** The sample rate that comes out. */
export const TELEPHONE_RATE_HZ = 8000;

/** The filter's middle tap and those on one side of it. */
const TAPS = Float64Array.from(
  { length: HALF_LENGTH + 1 },
  (_, n) => (lowPassTap(HIGH_HZ, n) - lowPassTap(LOW_HZ, n)) * kaiser(n / HALF_LENGTH, KAISER_BETA),
);

/** A loop at 16 kHz (an even number of samples) to the same loop at 8 kHz in the telephone band, half as many samples. */
export function toTelephoneBand(loop: Int16Array | Float64Array): Float64Array {
  const length = loop.length;
  const padded = new Float64Array(length + 2 * HALF_LENGTH);
  padded.set(loop, HALF_LENGTH);
  for (let i = 1; i <= HALF_LENGTH; i++) {
    padded[HALF_LENGTH - i] = loop[(length - (i % length)) % length] ?? 0;
    padded[HALF_LENGTH + length + i - 1] = loop[(i - 1) % length] ?? 0;
  }
  const output = new Float64Array(length / 2);
  for (let n = 0; n < output.length; n++) output[n] = filteredAt(padded, 2 * n + HALF_LENGTH);
  return output;
}

/** Linear phase: the taps are the same on both sides of the middle one, so each pair costs one multiplication. */
function filteredAt(padded: Float64Array, middle: number): number {
  let sum = (TAPS[0] ?? 0) * (padded[middle] ?? 0);
  for (let k = 1; k <= HALF_LENGTH; k++) {
    sum += (TAPS[k] ?? 0) * ((padded[middle - k] ?? 0) + (padded[middle + k] ?? 0));
  }
  return sum;
}

function lowPassTap(cutOffHz: number, n: number): number {
  const turns = (2 * cutOffHz) / MASTER_RATE_HZ;
  return n === 0 ? turns : sine(Math.PI * turns * n) / (Math.PI * n);
}
