/**
 * A receiver for the tones by which networks, fax machines and dialers talk to each other, to prove that an ambience
 * has none of them. Whatever common receivers ask before they report a tone, this one asks less of:
 *
 * - **A tone** sounds while it has half the power of each 20 ms block (10 ms apart) and the block is above −42 dBm0:
 *   spandsp's call-progress receiver asks the same half, its fax receiver and Asterisk's 97 % (16 dB over the rest).
 *   It is reported after `SignallingTone.shortestMs`: four fifths of the shortest element of any cadence that is made
 *   of it, and less than half of what fax receivers wait for (spandsp 415 ms, Asterisk 450 ms of the CNG's 500 ms).
 * - **A DTMF digit** sounds while one tone of each group has the most power of its group by 8 dB, the two are within 8 dB of
 *   each other either way (ITU-T Q.24 leaves twist to administrations; AT&T: 8 and 4 dB) and have 70 % of the power of
 *   a block of 102 samples above −42 dBm0 (spandsp and Asterisk: 82 %). It is reported after two blocks in a row, 25 ms,
 *   where Q.24 asks for 40 ms and forbids less than 20 ms.
 */

/** A tone no ambience may have. */
export type SignallingTone = { readonly hz: number; readonly shortestMs: number; readonly use: string };

/** A tone or digit that was heard. */
export type HeardTone = { readonly name: string; readonly atMs: number; readonly lengthMs: number };

/** The tones of call progress (ITU-T E.180 and its Supplement 2), fax (T.30) and modems (V.25, Bell 103). */
export const SIGNALLING_TONES: readonly SignallingTone[] = [
  { hz: 350, shortestMs: 160, use: 'dial tone, North America' },
  { hz: 425, shortestMs: 160, use: 'all call progress, Italy and most of Europe: continuous, 1 s / 4 s, 0.5 s, 0.2 s' },
  { hz: 440, shortestMs: 160, use: 'ringing and dial tone, North America' },
  { hz: 480, shortestMs: 160, use: 'ringing and busy, North America' },
  { hz: 620, shortestMs: 160, use: 'busy and reorder, North America' },
  { hz: 950, shortestMs: 160, use: 'special information tone, first third of a second' },
  { hz: 1400, shortestMs: 160, use: 'special information tone, second third' },
  { hz: 1800, shortestMs: 160, use: 'special information tone, last third' },
  { hz: 1100, shortestMs: 200, use: 'fax calling (CNG)' },
  { hz: 1300, shortestMs: 200, use: 'modem calling' },
  { hz: 2100, shortestMs: 200, use: 'fax and modem answering (CED, ANS)' },
  { hz: 2225, shortestMs: 200, use: 'modem answering, Bell 103' },
];

/** The two groups of DTMF (ITU-T Q.23). */
export const DTMF_HZ = { low: [697, 770, 852, 941], high: [1209, 1336, 1477, 1633] } as const;

const DTMF_DIGITS = ['123A', '456B', '789C', '*0#D'] as const;
/** −42 dBm0 as a mean square of 16-bit samples: below, no receiver listens. */
const POWER_MIN = 0.5 * 32768 ** 2 * 10 ** ((-42 - 3.14) / 10);
const TONE_SHARE_MIN = 0.5;
const TONE_BLOCK = 160;
const TONE_HOP = 80;
const DTMF_BLOCK = 102;
const DTMF_SHARE_MIN = 0.7;
const DTMF_BLOCKS_MIN = 2;
/** 8 dB as a ratio of powers. */
const EIGHT_DB = 10 ** 0.8;
const SAMPLES_PER_MS = 8;

/** Every signalling tone and digit in `samples`, 8 kHz, in the order of the table; for a loop give it twice. */
export function hearSignallingTones(samples: Int16Array): HeardTone[] {
  const tones = SIGNALLING_TONES.flatMap((tone) =>
    toneRuns(samples, tone.hz).filter(({ lengthMs }) => lengthMs >= tone.shortestMs),
  );
  return [...tones, ...hearDigits(samples, 0), ...hearDigits(samples, DTMF_BLOCK / 2)];
}

/** What came nearest to being reported as a tone: `nearness` 1 is one. Null where no tone ever has half of the power. */
export function nearestTone(samples: Int16Array): (HeardTone & { readonly nearness: number }) | null {
  const runs = SIGNALLING_TONES.flatMap(({ hz, shortestMs }) =>
    toneRuns(samples, hz).map((run) => ({ ...run, nearness: run.lengthMs / shortestMs })),
  );
  return runs.sort((a, b) => b.nearness - a.nearness)[0] ?? null;
}

/** Every stretch, however short, in which one tone has half of the power. Its length is that of the sound itself. */
export function toneRuns(samples: Int16Array, hz: number): HeardTone[] {
  const runs: HeardTone[] = [];
  let blocks = 0;
  for (let start = 0; start + TONE_BLOCK <= samples.length; start += TONE_HOP) {
    const power = powerOf(samples, start, TONE_BLOCK);
    const sounds = power > POWER_MIN && tonePower(samples, start, TONE_BLOCK, hz) > TONE_SHARE_MIN * power;
    if (sounds) blocks++;
    if (blocks > 0 && (!sounds || start + TONE_HOP + TONE_BLOCK > samples.length)) {
      const end = sounds ? start : start - TONE_HOP;
      const first = end - (blocks - 1) * TONE_HOP;
      const lengthMs = (end + TONE_BLOCK - first) / SAMPLES_PER_MS;
      runs.push({ name: `${hz} Hz`, atMs: first / SAMPLES_PER_MS, lengthMs });
      blocks = 0;
    }
  }
  return runs;
}

function hearDigits(samples: Int16Array, offset: number): HeardTone[] {
  const heard: HeardTone[] = [];
  let [last, blocks] = ['', 0];
  for (let start = offset; start + DTMF_BLOCK <= samples.length; start += DTMF_BLOCK) {
    const digit = digitIn(samples, start);
    blocks = digit !== '' && digit === last ? blocks + 1 : 1;
    last = digit;
    if (digit !== '' && blocks === DTMF_BLOCKS_MIN) {
      const first = start - (blocks - 1) * DTMF_BLOCK;
      const lengthMs = (blocks * DTMF_BLOCK) / SAMPLES_PER_MS;
      heard.push({ name: `DTMF ${digit}`, atMs: first / SAMPLES_PER_MS, lengthMs });
    }
  }
  return heard;
}

/** The digit that a block of 102 samples is, or nothing. */
function digitIn(samples: Int16Array, start: number): string {
  const power = powerOf(samples, start, DTMF_BLOCK);
  if (power < POWER_MIN) return '';
  const low = strongest(DTMF_HZ.low.map((hz) => tonePower(samples, start, DTMF_BLOCK, hz)));
  const high = strongest(DTMF_HZ.high.map((hz) => tonePower(samples, start, DTMF_BLOCK, hz)));
  if (low === null || high === null || low.power + high.power < DTMF_SHARE_MIN * power) return '';
  if (low.power > EIGHT_DB * high.power || high.power > EIGHT_DB * low.power) return '';
  return DTMF_DIGITS[low.index]?.[high.index] ?? '';
}

/** The one of a group that is 8 dB over each of the others. */
function strongest(powers: readonly number[]): { readonly index: number; readonly power: number } | null {
  const power = Math.max(...powers);
  const index = powers.indexOf(power);
  return powers.every((other, i) => i === index || power > EIGHT_DB * other) ? { index, power } : null;
}

function powerOf(samples: Int16Array, start: number, length: number): number {
  let sum = 0;
  for (let i = start; i < start + length; i++) sum += (samples[i] ?? 0) ** 2;
  return sum / length;
}

/** The mean square of one frequency in a block: Goertzel's recurrence, no window, as receivers have it. */
function tonePower(samples: Int16Array, start: number, length: number, hz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / (1000 * SAMPLES_PER_MS));
  let [s1, s2] = [0, 0];
  for (let i = start; i < start + length; i++) {
    const s0 = (samples[i] ?? 0) + coefficient * s1 - s2;
    s2 = s1;
    s1 = s0;
  }
  return (2 * (s1 * s1 + s2 * s2 - coefficient * s1 * s2)) / length ** 2;
}
