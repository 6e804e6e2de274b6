/**
 * A sound at one rate to the same at another: a windowed sinc, one filter for each of the places that a sample of the one
 * can have between two of the other (a polyphase filter). Flat within 0.01 dB up to 0.9 of the lower rate's half, 90 dB
 * down from there on, where what is higher would fold back.
 */
import { kaiser } from '../kaiser.ts';

/** The Kaiser window's parameter for 90 dB. */
const KAISER_BETA = 8.96;

/** Zero crossings of the sinc on either side, in samples of the lower rate: what 90 dB and the transition ask for. */
const HALF_CROSSINGS = 64;

/** Where the filter is 6 dB down, as a share of the lower rate's half: in the middle of its transition. */
const CUT_OFF = 0.95;

/**
 * The sound at `outHz`, as many samples as its duration has there. It is taken for a loop: what comes before its beginning
 * is its end, so that a loop without a seam stays one.
 */
export function resample(loop: Float64Array, inHz: number, outHz: number): Float64Array {
  if (inHz === outHz) return loop;
  const divisor = greatestCommonDivisor(inHz, outHz);
  // Output n lies at n · step / phases samples of the input.
  const [step, phases] = [inHz / divisor, outHz / divisor];
  const lowerHz = Math.min(inHz, outHz);
  const half = Math.ceil((HALF_CROSSINGS * inHz) / lowerHz);
  const filters = Array.from({ length: phases }, (_, phase) => taps(phase / phases, half, (CUT_OFF * lowerHz) / inHz));
  const padded = new Float64Array(loop.length + 2 * half + 1);
  for (let i = 0; i < padded.length; i++) padded[i] = loop[modulo(i - half, loop.length)] ?? 0;
  const output = new Float64Array(Math.round((loop.length * outHz) / inHz));
  for (let n = 0; n < output.length; n++) {
    const place = n * step;
    const filter = filters[place % phases] as Float64Array;
    const from = Math.floor(place / phases);
    let sum = 0;
    for (let k = 0; k < filter.length; k++) sum += (filter[k] as number) * (padded[from + k] ?? 0);
    output[n] = sum;
  }
  return output;
}

/** The filter for an output that lies `offset` of a sample after the middle input; its sum is 1. */
function taps(offset: number, half: number, cutOff: number): Float64Array {
  const filter = Float64Array.from({ length: 2 * half + 1 }, (_, k) => {
    const x = k - half - offset;
    return Math.abs(x) > half ? 0 : cutOff * sinc(cutOff * x) * kaiser(x / half, KAISER_BETA);
  });
  const sum = filter.reduce((all, tap) => all + tap, 0);
  return filter.map((tap) => tap / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function modulo(a: number, b: number): number {
  return ((a % b) + b) % b;
}

/** Without what it is off centre by. */
export function withoutOffset(samples: Float64Array): Float64Array {
  const offset = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  return samples.map((sample) => sample - offset);
}
