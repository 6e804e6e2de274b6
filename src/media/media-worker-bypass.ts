/** The way of packets that are not told through the compiled add-on: from one of its sockets out of another. */
import type { MonotonicMs } from '../base/clock.ts';
import type { MediaIo } from './media-io.ts';
import type { Bypass, EvenStream, Passed } from './media-worker-udp.ts';

/** By which `pass` and `passed` of bypass.c are told numbers and tell them. */
const FIGURES = 5;

/** One way. */
export class NativeBypass implements Bypass {
  readonly #io: MediaIo;
  readonly #fd: number;
  readonly #out: number;
  readonly #slotTold: () => number;
  readonly #figures = new Float64Array(FIGURES);
  readonly #passed: Passed = { packets: 0, at: 0 as MonotonicMs, jitter: 0 };

  /** `slotTold`: where the datagram is that is being told; -1: none is. */
  constructor(io: MediaIo, fd: number, out: number, slotTold: () => number) {
    this.#io = io;
    this.#fd = fd;
    this.#out = out;
    this.#slotTold = slotTold;
  }

  open({ headers, octets, ticks, clockRateHz, at, jitter }: EvenStream): boolean {
    const slot = this.#slotTold();
    if (slot < 0) return false;
    const figures = this.#figures;
    figures[0] = octets;
    figures[1] = ticks;
    figures[2] = clockRateHz;
    figures[3] = at;
    figures[4] = jitter;
    return this.#io.pass(this.#fd, slot, this.#out, headers, figures) === 0;
  }

  read(closes: boolean): Passed {
    const passed = this.#passed;
    passed.packets = this.#io.passed(this.#fd, closes, this.#figures);
    passed.at = this.#figures[0] as MonotonicMs;
    passed.jitter = this.#figures[1] as number;
    return passed;
  }
}
