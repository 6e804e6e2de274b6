/** The 24-tap quadrature mirror filter of ITU-T G.722 §3.1 and §4.4 (coefficients of Table 11, times 2^12). */
import { saturate } from './adaptive-band.ts';

/** The first half of a symmetric impulse response: every second tap, from both ends. */
const HALF = Int16Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);
const TAPS = 24;

/** A delay line of 24 places that is moved by two; every value stands twice, so that the newest 24 are always in a row. */
class DelayLine {
  readonly #values = new Int32Array(2 * TAPS);
  #oldest = 0;
  /** The sums over the taps of either parity: A and B of §3.1. */
  evenSum = 0;
  oddSum = 0;

  push(first: number, second: number): void {
    const values = this.#values;
    values[this.#oldest] = values[this.#oldest + TAPS] = first;
    values[this.#oldest + 1] = values[this.#oldest + TAPS + 1] = second;
    this.#oldest = (this.#oldest + 2) % TAPS;
    const from = this.#oldest;
    let even = 0;
    let odd = 0;
    for (let i = 0; i < TAPS / 2; i++) {
      even += (values[from + 2 * i] as number) * (HALF[i] as number);
      odd += (values[from + 2 * i + 1] as number) * (HALF[TAPS / 2 - 1 - i] as number);
    }
    this.evenSum = even;
    this.oddSum = odd;
  }
}

/** Two samples at 16 kHz into one of each band at 8 kHz (the transmit QMF). */
export class BandSplitter {
  low = 0;
  high = 0;
  readonly #line = new DelayLine();

  split(first: number, second: number): void {
    this.#line.push(first, second);
    // 2^12 of the coefficients, and 2 bits more: a band's samples have 15 bits where the input has 16.
    this.low = (this.#line.oddSum + this.#line.evenSum) >> 14;
    this.high = (this.#line.oddSum - this.#line.evenSum) >> 14;
  }
}

/** One sample of each band into two at 16 kHz (the receive QMF). */
export class BandJoiner {
  first = 0;
  second = 0;
  readonly #line = new DelayLine();

  join(low: number, high: number): void {
    this.#line.push(low + high, low - high);
    this.first = saturate(this.#line.oddSum >> 11);
    this.second = saturate(this.#line.evenSum >> 11);
  }
}
