/** What a person should know of a sound before callees hear it, each in a sentence with its time. */
import { dbovToDbm0, levelDbov, loopSlice, sliceLevelsDbov } from '../loudness.ts';
import { hearSignallingTones, SIGNALLING_TONES } from '../signalling-tones.ts';
import { TELEPHONE_RATE_HZ } from '../telephone-band.ts';

/** Shorter than this, and people who are called twice hear the same again (policy of comfort noise, §5). */
const SECONDS_ADVISED = 30;
/** A call hears no more than three seconds, which should be as loud as any others. */
const SLICE_SECONDS = 3;
const SLICE_DB_MAX = 3;
/** Half a second this far under the mean is heard as a hole. */
const GAP_SECONDS = 0.5;
const GAP_DB = 15;
/** Samples at full scale in a row: one may be a peak, three are a clipped one. */
const CLIPPED_RUN = 3;
const FULL_SCALE = 32_700;
/** Of full scale; microphones and cheap sound cards have more. */
const DC_SHARE_MAX = 0.01;
/** A seam louder than this from the half second before to the half second after is heard. */
const SEAM_DB_MAX = 6;
/** A step at the seam of so many times the largest one within the 50 ms around it clicks. */
const SEAM_STEP_RATIO = 1.5;
/** The first few of a kind say it all. */
const SAID_MAX = 5;

/** Of an ambience's file as it came; `samples` of 16-bit scale. */
export function sourceFindings(samples: Float64Array, sampleRateHz: number): string[] {
  const findings: string[] = [];
  const seconds = samples.length / sampleRateHz;
  if (seconds < SECONDS_ADVISED) {
    findings.push(
      `it has ${seconds.toFixed(1)} s; ${SECONDS_ADVISED} s or more are advised, so that no two calls are alike`,
    );
  }
  return [...findings, ...sourceFaults(samples, sampleRateHz)];
}

/** What was wrong with its recording. */
export function sourceFaults(samples: Float64Array, sampleRateHz: number): string[] {
  const findings: string[] = [];
  const offset = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  if (Math.abs(offset) > DC_SHARE_MAX * 32_768) {
    findings.push(
      `it is off centre by ${((100 * Math.abs(offset)) / 32_768).toFixed(1)} % of full scale; that was taken away`,
    );
  }
  const clipped = clippedAt(samples, sampleRateHz);
  for (const seconds of clipped.slice(0, SAID_MAX)) {
    findings.push(`at ${clock(seconds)} it is clipped: recorded too loud, which crackles`);
  }
  if (clipped.length > SAID_MAX) findings.push(`it is clipped in ${clipped.length} seconds in all`);
  return findings;
}

/** The seconds in which samples stand at full scale in a row. */
function clippedAt(samples: Float64Array, sampleRateHz: number): number[] {
  const seconds: number[] = [];
  let run = 0;
  for (let i = 0; i < samples.length; i++) {
    run = Math.abs(samples[i] ?? 0) >= FULL_SCALE ? run + 1 : 0;
    const last = seconds.at(-1);
    if (run >= CLIPPED_RUN && (last === undefined || i / sampleRateHz - last > 1)) seconds.push(i / sampleRateHz);
  }
  return seconds;
}

/** Of the loop in the telephone band, at 8 kHz, as callees hear it. */
export function loopFindings(loop: Int16Array): string[] {
  return [...gaps(loop), ...unevenSlices(loop), ...tones(loop), ...seam(loop)];
}

function gaps(loop: Int16Array): string[] {
  const mean = levelDbov(loop);
  const step = TELEPHONE_RATE_HZ / 10;
  const levels = sliceLevelsDbov(loop, GAP_SECONDS * TELEPHONE_RATE_HZ, step);
  return stretches(levels.map((level) => level < mean - GAP_DB)).map(
    ({ from, to }) =>
      `at ${clock(from / 10)} it is nearly silent for ${((to - from) / 10 + GAP_SECONDS).toFixed(1)} s: callees take that for a dead line`,
  );
}

function unevenSlices(loop: Int16Array): string[] {
  const mean = dbovToDbm0(levelDbov(loop), 'PCMA');
  const levels = sliceLevelsDbov(loop, SLICE_SECONDS * TELEPHONE_RATE_HZ, TELEPHONE_RATE_HZ / 10);
  const off = levels.map((level) => dbovToDbm0(level, 'PCMA') - mean);
  const said = (which: (db: number) => boolean, word: string) =>
    stretches(off.map(which)).map(({ from, to }) => {
      const most = off.slice(from, to).reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
      return `at ${clock(from / 10)} three seconds are ${Math.abs(most).toFixed(1)} dB ${word} than the whole; ${SLICE_DB_MAX} dB are advised`;
    });
  return [
    ...said((db) => db < -SLICE_DB_MAX, 'softer').slice(0, SAID_MAX),
    ...said((db) => db > SLICE_DB_MAX, 'louder').slice(0, SAID_MAX),
  ];
}

function tones(loop: Int16Array): string[] {
  // A little more than the loop, so that a tone across the seam is heard whole.
  const round = Int16Array.from(loopSlice(loop, 0, loop.length + TELEPHONE_RATE_HZ));
  const heard = hearSignallingTones(round);
  const names = [...new Set(heard.map(({ name }) => name))];
  return names.flatMap((name) => {
    const all = heard.filter((one) => one.name === name);
    const use = SIGNALLING_TONES.find(({ hz }) => `${hz} Hz` === name)?.use ?? 'a key press';
    const said = all
      .slice(0, SAID_MAX)
      .map(
        ({ atMs, lengthMs }) =>
          `at ${clock(atMs / 1000)} there is a tone, ${name} for ${Math.round(lengthMs)} ms, that exchanges and dialers take for a signal (${use})`,
      );
    return all.length > SAID_MAX ? [...said, `there are ${all.length} such tones of ${name} in all`] : said;
  });
}

function seam(loop: Int16Array): string[] {
  const half = TELEPHONE_RATE_HZ / 2;
  const db = levelDbov(loopSlice(loop, 0, half)) - levelDbov(loopSlice(loop, loop.length - half, half));
  const steps = Array.from({ length: TELEPHONE_RATE_HZ / 20 }, (_, i) => {
    const at = loop.length - TELEPHONE_RATE_HZ / 40 + i;
    return Math.abs((loop[(at + 1) % loop.length] ?? 0) - (loop[at % loop.length] ?? 0));
  });
  const own = steps[TELEPHONE_RATE_HZ / 40 - 1] ?? 0;
  const others = Math.max(...steps.filter((_, i) => i !== TELEPHONE_RATE_HZ / 40 - 1));
  const findings: string[] = [];
  const advice = 'where the end meets the beginning';
  if (Math.abs(db) > SEAM_DB_MAX) {
    findings.push(`${advice} the level changes by ${Math.abs(db).toFixed(1)} dB; --seamless blends the two`);
  }
  if (own > SEAM_STEP_RATIO * others) findings.push(`${advice} there is a click; --seamless blends the two`);
  return findings;
}

/** Runs of true: the first place and the one after the last. */
function stretches(flags: readonly boolean[]): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = [];
  flags.forEach((flag, i) => {
    const last = runs.at(-1);
    if (!flag) return;
    if (last !== undefined && last.to === i) last.to = i + 1;
    else runs.push({ from: i, to: i + 1 });
  });
  return runs;
}

/** Seconds as `1:02.4`. */
export function clock(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, '0')}.${tenths % 10}`;
}
