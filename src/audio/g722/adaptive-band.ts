import { ILB } from './quantizer-tables.ts';

/** What tells the two bands apart (ITU-T G.722 §3.5, §6.2.1.3, §6.2.2.3). */
export type BandKind = {
  /** By the bits sent: what they add to the logarithmic scale factor. */
  readonly scaleStep: Int16Array;
  /** The highest logarithmic scale factor. */
  readonly scaleLogMax: number;
  /** SHIFT of the scale factor's table: 8 in the lower band, 10 in the higher. */
  readonly scaleShift: number;
  /** The scale factor at reset. */
  readonly scaleAtReset: number;
};

/** Zeros of the predictor. */
const ZEROS = 6;

/**
 * One band's adaptive state, the same in encoder and decoder: the quantizer's scale factor, and a predictor of two poles
 * and six zeros. Both adapt by the bits sent alone. Block names are those of §6.2; all arithmetic is that of its 16 bits.
 */
export class AdaptiveBand {
  /** DETL or DETH: the quantizer's step. */
  scale: number;
  /** SL or SH: what the predictor says the next sample is. */
  predicted = 0;
  readonly #kind: BandKind;
  /** NBL or NBH. */
  #scaleLog = 0;
  #zeroPart = 0;
  /** The pole coefficients, and the two newest reconstructed samples with the partial signals' signs. */
  #a1 = 0;
  #a2 = 0;
  #reconstructed1 = 0;
  #reconstructed2 = 0;
  #partial1 = 0;
  #partial2 = 0;
  readonly #b = new Int16Array(ZEROS);
  readonly #differences = new Int16Array(ZEROS);

  constructor(kind: BandKind) {
    this.#kind = kind;
    this.scale = kind.scaleAtReset;
  }

  /** Adapts by `bits`, the index into the kind's `scaleStep`, and by the quantized difference they stand for. */
  adapt(bits: number, difference: number): void {
    this.#adaptScale(bits);
    const partial = saturate(this.#zeroPart + difference);
    const reconstructed = saturate(this.predicted + difference);
    this.#adaptPoles(partial);
    this.#adaptZeros(difference);
    this.#partial2 = this.#partial1;
    this.#partial1 = partial;
    this.#reconstructed2 = this.#reconstructed1;
    this.#reconstructed1 = reconstructed;
    this.#predict();
  }

  /** LOGSCL and SCALEL, LOGSCH and SCALEH. */
  #adaptScale(bits: number): void {
    const { scaleStep, scaleLogMax, scaleShift } = this.#kind;
    const leaked = (this.#scaleLog * 127) >> 7;
    this.#scaleLog = Math.max(0, Math.min(scaleLogMax, leaked + (scaleStep[bits] as number)));
    const mantissa = ILB[(this.#scaleLog >> 6) & 31] as number;
    const shift = scaleShift - (this.#scaleLog >> 11);
    this.scale = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
  }

  /** UPPOL2 and UPPOL1: by the signs of this partial signal and the two before. */
  #adaptPoles(partial: number): void {
    const same1 = partial >> 15 === this.#partial1 >> 15;
    const same2 = partial >> 15 === this.#partial2 >> 15;
    const steep = saturate(this.#a1 << 2);
    const turn = (same1 ? Math.min(32767, -steep) : steep) >> 7;
    const a2 = (same2 ? 128 : -128) + turn + ((this.#a2 * 32512) >> 15);
    this.#a2 = Math.max(-12288, Math.min(12288, a2));
    const a1 = saturate((same1 ? 192 : -192) + ((this.#a1 * 32640) >> 15));
    const limit = saturate(15360 - this.#a2);
    this.#a1 = Math.max(-limit, Math.min(limit, a1));
  }

  /** UPZERO and the delay line. */
  #adaptZeros(difference: number): void {
    const step = difference === 0 ? 0 : 128;
    const sign = difference >> 15;
    const b = this.#b;
    const differences = this.#differences;
    for (let i = ZEROS - 1; i >= 0; i--) {
      const gain = (differences[i] as number) >> 15 === sign ? step : -step;
      b[i] = saturate(gain + (((b[i] as number) * 32640) >> 15));
      differences[i] = i === 0 ? difference : (differences[i - 1] as number);
    }
  }

  /** FILTEP, FILTEZ and PREDIC. */
  #predict(): void {
    const pole1 = (this.#a1 * saturate(this.#reconstructed1 * 2)) >> 15;
    const pole2 = (this.#a2 * saturate(this.#reconstructed2 * 2)) >> 15;
    let zeros = 0;
    for (let i = ZEROS - 1; i >= 0; i--) {
      zeros += ((this.#b[i] as number) * saturate((this.#differences[i] as number) * 2)) >> 15;
    }
    this.#zeroPart = saturate(zeros);
    this.predicted = saturate(saturate(pole1 + pole2) + this.#zeroPart);
  }
}

/** To 16 bits. */
export function saturate(value: number): number {
  return value > 32767 ? 32767 : value < -32768 ? -32768 : value;
}
