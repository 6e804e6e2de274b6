/**
 * Desk telephones ringing across the room: two tones in quick alternation, as electronic ringers warble.
 *
 * No tone a network, a fax or a dialer listens for is among them or among their harmonics: not 425 Hz nor 440/480 Hz
 * (call progress, ITU-T E.180), not 950/1400/1800 Hz (special information tone), not 1100/2100 Hz (fax, ITU-T T.30), no
 * DTMF frequency with 3.5 % on either side (ITU-T Q.23 and Q.24), not 2225 or 2400/2600 Hz (modems, old trunks).
 */
import type { Random } from '../../base/random.ts';
import { exponential, sine } from '../portable-math.ts';
import { MASTER_RATE_HZ } from '../telephone-band.ts';
import { between } from './draw.ts';
import { samplesOf } from './filters.ts';
import { mixInto } from './loop.ts';

/** How a telephone rings. */
export type Ringer = {
  readonly lowHz: number;
  readonly highHz: number;
  /** Full alternations a second. */
  readonly warblesPerSecond: number;
  readonly burstSeconds: number;
  /** From one burst's start to the next one's, within a ring. */
  readonly burstEverySeconds: number;
  readonly burstsPerRing: number;
  readonly ringEverySeconds: number;
};

/** The desk telephone two rows away. */
export const DESK_RINGER: Ringer = {
  lowHz: 1020,
  highHz: 1270,
  warblesPerSecond: 13,
  burstSeconds: 0.85,
  burstEverySeconds: 1,
  burstsPerRing: 1,
  ringEverySeconds: 2.6,
};

/** The one at the other end of the room: higher, in double bursts. */
export const FAR_RINGER: Ringer = {
  lowHz: 1960,
  highHz: 2320,
  warblesPerSecond: 9,
  burstSeconds: 0.34,
  burstEverySeconds: 0.5,
  burstsPerRing: 2,
  ringEverySeconds: 3.1,
};

/** A small modern one: a quick trill between DTMF's columns and the special information tone. */
export const TRILL_RINGER: Ringer = {
  lowHz: 1553,
  highHz: 1720,
  warblesPerSecond: 19,
  burstSeconds: 0.45,
  burstEverySeconds: 0.62,
  burstsPerRing: 2,
  ringEverySeconds: 3.4,
};

/** Mixes `rings` rings into the loop from `start` on; somebody may pick up in the middle of the last. */
export function ring(random: Random, ringer: Ringer, rings: number, loop: Float64Array, start: number): void {
  for (let i = 0; i < rings; i++) {
    for (let burst = 0; burst < ringer.burstsPerRing; burst++) {
      const pickedUp = i === rings - 1 && burst === ringer.burstsPerRing - 1;
      const seconds = ringer.burstSeconds * (pickedUp ? between(random, 0.4, 0.9) : 1);
      const at = samplesOf(i * ringer.ringEverySeconds + burst * ringer.burstEverySeconds);
      mixInto(loop, warble(ringer, seconds), start + at);
    }
  }
}

/** The share of the second, fourth… harmonics: a small loudspeaker driven hard. */
const SECOND_HARMONIC = 0.25;
const CROSSFADE_SECONDS = 0.006;

function warble(ringer: Ringer, seconds: number): Float64Array {
  const sound = new Float64Array(samplesOf(seconds + 0.03));
  let [phase, share] = [0, 0];
  for (let i = 0; i < sound.length; i++) {
    const t = i / MASTER_RATE_HZ;
    const wanted = (t * ringer.warblesPerSecond) % 1 < 0.5 ? 0 : 1;
    share += (wanted - share) / (CROSSFADE_SECONDS * MASTER_RATE_HZ);
    phase = (phase + (ringer.lowHz + share * (ringer.highHz - ringer.lowHz)) / MASTER_RATE_HZ) % 1;
    const level = Math.min(1, t / 0.004) * (t < seconds ? 1 : exponential((seconds - t) / 0.006));
    sound[i] = level * (sine(2 * Math.PI * phase) + SECOND_HARMONIC * sine(4 * Math.PI * phase));
  }
  return sound;
}
