/**
 * SHA-256 (FIPS 180-4) from the state after some whole blocks on. Node's own does not take one. With it an entry's part in a
 * chain is checked by somebody who is not shown the entry.
 */

/** Octets of a block. */
export const BLOCK_OCTETS = 64;
/** Octets of a state. */
const STATE_OCTETS = 32;

/** Of the cube roots of the first 64 (FIPS 180-4 §4.2.2). */
const ROUND = roundConstants();

/** The hash, hexadecimal, of octets whose first `before`, whole blocks, left this state and whose others are `rest`. */
export function hashFrom(state: Uint8Array, before: number, rest: Uint8Array): string {
  const words = Int32Array.from({ length: 8 }, (_, index) => wordAt(state, index * 4));
  const padded = new Uint8Array(Math.ceil((rest.length + 9) / BLOCK_OCTETS) * BLOCK_OCTETS);
  padded.set(rest);
  padded[rest.length] = 0x80;
  const bits = (before + rest.length) * 8;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bits / 2 ** 32));
  view.setUint32(padded.length - 4, bits >>> 0);
  absorb(words, padded);
  return Buffer.from(octetsOf(words)).toString('hex');
}

const schedule = new Int32Array(64);

/** FIPS 180-4 §6.2.2. */
function absorb(state: Int32Array, octets: Uint8Array): void {
  const w = schedule;
  for (let block = 0; block < octets.length; block += BLOCK_OCTETS) {
    for (let t = 0; t < 16; t++) w[t] = wordAt(octets, block + t * 4);
    for (let t = 16; t < 64; t++) {
      const early = w[t - 15] as number;
      const late = w[t - 2] as number;
      const sigma0 = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
      const sigma1 = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
      w[t] = ((w[t - 16] as number) + sigma0 + (w[t - 7] as number) + sigma1) | 0;
    }
    let a = state[0] as number;
    let b = state[1] as number;
    let c = state[2] as number;
    let d = state[3] as number;
    let e = state[4] as number;
    let f = state[5] as number;
    let g = state[6] as number;
    let h = state[7] as number;
    for (let t = 0; t < 64; t++) {
      const sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
      const chosen = (e & f) ^ (~e & g);
      const first = (h + sum1 + chosen + (ROUND[t] as number) + (w[t] as number)) | 0;
      const sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
      const majority = (a & b) ^ (a & c) ^ (b & c);
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + sum0 + majority) | 0;
    }
    state[0] = (state[0] as number) + a;
    state[1] = (state[1] as number) + b;
    state[2] = (state[2] as number) + c;
    state[3] = (state[3] as number) + d;
    state[4] = (state[4] as number) + e;
    state[5] = (state[5] as number) + f;
    state[6] = (state[6] as number) + g;
    state[7] = (state[7] as number) + h;
  }
}

function rotated(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** Big-endian; what is not there counts as 0. */
function wordAt(octets: Uint8Array, at: number): number {
  const high = ((octets[at] as number) << 24) | ((octets[at + 1] as number) << 16);
  return high | ((octets[at + 2] as number) << 8) | (octets[at + 3] as number);
}

function octetsOf(words: Int32Array): Uint8Array {
  const octets = new Uint8Array(STATE_OCTETS);
  const view = new DataView(octets.buffer);
  for (const [index, word] of words.entries()) view.setInt32(index * 4, word);
  return octets;
}

function roundConstants(): Int32Array {
  const primes: bigint[] = [];
  for (let n = 2n; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0n)) primes.push(n);
  // The cube root with 32 fractional bits is the whole cube root of prime · 2^96.
  return Int32Array.from(primes, (prime) => Number(cubeRoot(prime << 96n) & 0xffff_ffffn));
}

function cubeRoot(value: bigint): bigint {
  let low = 0n;
  let high = 1n << 36n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle * middle <= value) low = middle;
    else high = middle;
  }
  return low;
}
