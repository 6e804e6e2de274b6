/**
 * When the called person's greeting begins and ends, from the energy of what they say: what the rules of some countries
 * count their wait from. Energy alone: it tells sound from none, not a person from a machine.
 *
 * The sound is cut into blocks of 10 ms, each of which is speech or not by its power:
 *
 *     silent ── ONSET_MS of speech ──▶ speaking ── SILENCE_MS without ──▶ over
 *
 * - A block is speech above LEVEL_MIN_DBM0 and OVER_NOISE_DB above the noise floor, the softest block of the last
 *   FLOOR_WINDOW_MS to twice that: speech has dips of 10 ms in every half second, steady noise has none. A noise that is there
 *   from the first packet on is taken for speech until the floor has found it.
 * - Either moment is that of the sound, not of its discovery: the onset is told some 60 ms after it, the end SILENCE_MS after
 *   it, and both are told with the moment itself.
 * - The first greeting is the greeting: who says hello a second time, to nobody, does not make the wait longer.
 */
import { addMs, elapsedMs, type MonotonicMs } from '../../base/clock.ts';

/** What is judged at once: a pitch period or more of any voice. */
export const BLOCK_MS = 10;

/** Speech before it is believed: a click or a handset's rustle is shorter, no word is. */
export const ONSET_MS = 50;

/** Speech that ends a pause within the greeting: again more than a click. */
export const RESUME_MS = 30;

/** A pause after which the greeting is over: pauses within a phrase are shorter, and most of a wait of 2 s is still left. */
export const SILENCE_MS = 600;

/** Softer than this nobody greets: speech is about -19 dBm0, a soft talker's -35, a line's own noise under -50. */
export const LEVEL_MIN_DBM0 = -40;

/** Over the noise floor: blocks of steady noise vary by 4 dB. */
export const OVER_NOISE_DB = 9;

/** Of each of the two spans of which the floor is the minimum. */
export const FLOOR_WINDOW_MS = 500;

/** Samples of a block; all that is listened to has 8 kHz. */
const BLOCK_SAMPLES = 80;
const SAMPLES_PER_MS = 8;
const FLOOR_BLOCKS = FLOOR_WINDOW_MS / BLOCK_MS;
const OVER_NOISE = 10 ** (OVER_NOISE_DB / 10);
/** G.711's overload points (A-law 3.14, µ-law 3.17 dBm0) are near enough to one another here. */
const OVERLOAD_DBM0 = 3.14;
/** Mean square of a sine of 0 dBov, in 16 bits. */
const FULL_SCALE_POWER = 32_768 ** 2 / 2;
const POWER_MIN = FULL_SCALE_POWER * 10 ** ((LEVEL_MIN_DBM0 - OVERLOAD_DBM0) / 10);

/** What was found out. */
export type GreetingNews = 'speaks' | 'quiet' | null;

/** The detector of one call. */
export class GreetingDetector {
  /** When the greeting began; null: not yet. */
  startedAt: MonotonicMs | null = null;
  /** When it ended; null: not yet. */
  endedAt: MonotonicMs | null = null;

  #power = 0;
  #samples = 0;
  /** The softest block of this span and of the one before; before the first a line is taken to be quiet. */
  #softest = Number.POSITIVE_INFINITY;
  #softestBefore = 0;
  #blocksInSpan = 0;
  /** Speech of late, ms: blocks of speech fill it and others empty it. */
  #speechMs = 0;
  #speechFrom = 0 as MonotonicMs;
  #lastSpeechAt = 0 as MonotonicMs;
  #quietMs = 0;
  #heardAt = 0 as MonotonicMs;

  /** Whether there is nothing more to be found out. */
  get done(): boolean {
    return this.endedAt !== null;
  }

  /**
   * Listens to `octets` octets in `packet` from `at` on, one sample each, of which `squares` has the squared 16-bit value;
   * the packet came at `now`, when its last sample had just been said.
   */
  take(packet: Uint8Array, at: number, octets: number, squares: Float64Array, now: MonotonicMs): GreetingNews {
    let news: GreetingNews = null;
    this.#heardAt = now;
    for (let i = 0; i < octets; i++) {
      this.#power += squares[packet[at + i] as number] as number;
      this.#samples += 1;
      if (this.#samples === BLOCK_SAMPLES) news = this.#block(addMs(now, (i + 1 - octets) / SAMPLES_PER_MS)) ?? news;
    }
    return news;
  }

  /** The same of a codec that is no table: `decode` has the 16-bit sample of each octet, which are told in order. */
  takeDecoded(
    packet: Uint8Array,
    at: number,
    octets: number,
    decode: (octet: number) => number,
    now: MonotonicMs,
  ): GreetingNews {
    let news: GreetingNews = null;
    this.#heardAt = now;
    for (let i = 0; i < octets; i++) {
      const sample = decode(packet[at + i] as number);
      this.#power += sample * sample;
      this.#samples += 1;
      if (this.#samples === BLOCK_SAMPLES) news = this.#block(addMs(now, (i + 1 - octets) / SAMPLES_PER_MS)) ?? news;
    }
    return news;
  }

  /** Asked now and then: gateways send nothing at all while their side is silent (RFC 3551 §4.1). */
  look(now: MonotonicMs): GreetingNews {
    if (this.startedAt === null || this.endedAt !== null || elapsedMs(this.#heardAt, now) < SILENCE_MS) return null;
    this.endedAt = this.#lastSpeechAt;
    return 'quiet';
  }

  /** A block that was over at `endAt`. */
  #block(endAt: MonotonicMs): GreetingNews {
    const power = this.#power / BLOCK_SAMPLES;
    this.#power = 0;
    this.#samples = 0;
    const floor = Math.min(this.#softest, this.#softestBefore);
    this.#listenToNoise(power);
    if (this.endedAt !== null) return null;
    if (power >= POWER_MIN && power >= floor * OVER_NOISE) return this.#speech(endAt);
    this.#speechMs = Math.max(0, this.#speechMs - BLOCK_MS);
    if (this.startedAt === null) return null;
    this.#quietMs += BLOCK_MS;
    if (this.#quietMs < SILENCE_MS) return null;
    this.endedAt = this.#lastSpeechAt;
    return 'quiet';
  }

  #speech(endAt: MonotonicMs): GreetingNews {
    if (this.#speechMs === 0) this.#speechFrom = addMs(endAt, -BLOCK_MS);
    this.#speechMs = Math.min(ONSET_MS, this.#speechMs + BLOCK_MS);
    if (this.startedAt === null) {
      if (this.#speechMs < ONSET_MS) return null;
      this.startedAt = this.#speechFrom;
      this.#lastSpeechAt = endAt;
      return 'speaks';
    }
    if (this.#speechMs >= RESUME_MS) {
      this.#lastSpeechAt = endAt;
      this.#quietMs = 0;
    } else this.#quietMs += BLOCK_MS;
    return null;
  }

  #listenToNoise(power: number): void {
    this.#softest = Math.min(this.#softest, power);
    this.#blocksInSpan += 1;
    if (this.#blocksInSpan < FLOOR_BLOCKS) return;
    this.#softestBefore = this.#softest;
    this.#softest = Number.POSITIVE_INFINITY;
    this.#blocksInSpan = 0;
  }
}
