/**
 * Sine, cosine, exponential and logarithm from IEEE 754's basic operations alone.
 *
 * ECMAScript leaves the last bits of `Math.sin`, `Math.exp`, `Math.log10` and of `**` to the engine, which takes them
 * from a library that may use the processor's fused multiplication. Addition, subtraction, multiplication, division and
 * `Math.sqrt` it does not: they are rounded alike everywhere. Whatever decides a sample of a clip is made of those, so
 * that the same seed gives the same octets on every machine. Errors are below 10⁻¹⁵ of the result.
 */

/** π/2 in two parts, of which the first has 33 bits: times a whole number below 2²⁰ it is exact (Cody and Waite). */
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_LOW = 6.077100506506192e-11;

/** ln 2 likewise. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** The reciprocals of the factorials of 3, 5 … 17 and of 2, 4 … 18, for Taylor's series up to π/4. */
const SINE_TERMS = reciprocalFactorials(3, 17);
const COSINE_TERMS = reciprocalFactorials(2, 18);
const EXPONENTIAL_TERMS = 14;
const LOGARITHM_TERMS = 25;

/** sin(x), x in radians, |x| < 10⁶. */
export function sine(x: number): number {
  const quarterTurns = Math.round(x / (HALF_PI_HIGH + HALF_PI_LOW));
  return sineFromQuarter(x - quarterTurns * HALF_PI_HIGH - quarterTurns * HALF_PI_LOW, quarterTurns);
}

/** cos(x), x in radians, |x| < 10⁶. */
export function cosine(x: number): number {
  const quarterTurns = Math.round(x / (HALF_PI_HIGH + HALF_PI_LOW));
  return sineFromQuarter(x - quarterTurns * HALF_PI_HIGH - quarterTurns * HALF_PI_LOW, quarterTurns + 1);
}

/** e to the power of x, x below 700; 0 below −700. */
export function exponential(x: number): number {
  if (x < -700) return 0;
  const doublings = Math.round(x / (LN2_HIGH + LN2_LOW));
  const rest = x - doublings * LN2_HIGH - doublings * LN2_LOW;
  let sum = 1;
  for (let n = EXPONENTIAL_TERMS; n > 0; n--) sum = 1 + (rest / n) * sum;
  return scaleByPowerOfTwo(sum, doublings);
}

/** The natural logarithm of a positive number. */
export function logarithm(x: number): number {
  let [mantissa, doublings] = [x, 0];
  for (; mantissa > Math.SQRT2; mantissa /= 2) doublings++;
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) doublings--;
  // ln m = 2 artanh((m − 1) / (m + 1)), whose argument is below 0.172.
  const argument = (mantissa - 1) / (mantissa + 1);
  const square = argument * argument;
  let sum = 0;
  for (let n = LOGARITHM_TERMS; n > 0; n -= 2) sum = 1 / n + square * sum;
  return doublings * LN2_HIGH + (doublings * LN2_LOW + 2 * argument * sum);
}

/** The ratio of amplitudes that is so many decibels. */
export function amplitudeOfDb(decibels: number): number {
  return exponential((decibels * Math.LN10) / 20);
}

/** How many decibels a ratio of amplitudes, a positive number, is. */
export function dbOfAmplitude(ratio: number): number {
  return (20 * logarithm(ratio)) / Math.LN10;
}

/** sin(x + quarters · π/2) for |x| ≤ π/4. */
function sineFromQuarter(x: number, quarters: number): number {
  const square = x * x;
  const odd = (quarters & 1) !== 0;
  const terms = odd ? COSINE_TERMS : SINE_TERMS;
  let sum = 0;
  for (let i = terms.length - 1; i >= 0; i--) sum = square * ((terms[i] ?? 0) - sum);
  const value = odd ? 1 - sum : x * (1 - sum);
  return (quarters & 2) === 0 ? value : -value;
}

function reciprocalFactorials(first: number, last: number): Float64Array {
  const terms: number[] = [];
  let factorial = 1;
  for (let n = 2; n <= last; n++) {
    factorial *= n;
    if ((n - first) % 2 === 0 && n >= first) terms.push(1 / factorial);
  }
  return Float64Array.from(terms);
}

function scaleByPowerOfTwo(value: number, exponent: number): number {
  let scaled = value;
  for (let n = exponent; n > 0; n--) scaled *= 2;
  for (let n = exponent; n < 0; n++) scaled /= 2;
  return scaled;
}
