/**
 * UDP port pairs for RTP: the even port and the odd one above, which is RTCP's (RFC 3550 §11).
 *
 * Pairs are taken in turn from a start that the caller chose at random, and rest after use: packets of an ended call
 * that are still on their way must not be heard in the next one.
 */
import { addMs, type MonotonicMs } from '../base/clock.ts';

/**
 * How long a pair rests after its call. A call's ports are released in the turn in which its BYEs leave, and a peer sends
 * until one of them is with it: over UDP the fourth goes out after 3.5 s (T1, 2·T1, 4·T1 of RFC 3261 §17.1.2.2), and half a
 * second is more than packets travel. At 150 calls a second 1,200 pairs rest, a quarter of the default range.
 */
export const PORT_REST_MS = 4000;

/** The pairs of a range, each one free, resting or in use. */
export class PortPool {
  readonly #restMs: number;
  /** A ring of the pairs not in use, the longest unused first, with the moment from which each may be used. */
  readonly #ports: Uint16Array;
  readonly #freeFrom: Float64Array;
  #head = 0;
  #count: number;

  /** `portMin` and `portMax` are inclusive; `uniform` in [0, 1) chooses where in the range the first pair is taken. */
  constructor(portMin: number, portMax: number, uniform: number, restMs: number = PORT_REST_MS) {
    const first = portMin + (portMin % 2);
    const pairs = Math.max(0, Math.floor((portMax - first + 1) / 2));
    const start = Math.floor(uniform * pairs);
    this.#restMs = restMs;
    this.#count = pairs;
    this.#ports = Uint16Array.from({ length: pairs }, (_, index) => first + 2 * ((start + index) % pairs));
    this.#freeFrom = new Float64Array(pairs).fill(Number.NEGATIVE_INFINITY);
  }

  /** The even port of a pair that is now in use, or null when every pair is in use or resting. */
  take(now: MonotonicMs): number | null {
    const port = this.#ports[this.#head];
    if (this.#count === 0 || port === undefined || (this.#freeFrom[this.#head] ?? 0) > now) return null;
    this.#head = (this.#head + 1) % this.#ports.length;
    this.#count -= 1;
    return port;
  }

  /** Gives back the pair of an even port that `take` gave. */
  release(port: number, now: MonotonicMs): void {
    const tail = (this.#head + this.#count) % this.#ports.length;
    this.#ports[tail] = port;
    this.#freeFrom[tail] = addMs(now, this.#restMs);
    this.#count += 1;
  }

  /** Pairs of a fresh pool that were in use just before, by their even ports: they rest, behind all others. */
  rest(ports: readonly number[], now: MonotonicMs): void {
    const resting = new Set(ports);
    const pairs: number[] = [];
    for (let port = this.take(now); port !== null; port = this.take(now)) pairs.push(port);
    for (const port of pairs) if (!resting.has(port)) this.release(port, addMs(now, -this.#restMs));
    for (const port of pairs) if (resting.has(port)) this.release(port, now);
  }
}
