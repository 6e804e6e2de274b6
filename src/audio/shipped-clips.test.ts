/** The clips in `audio/` as policy wants them: an office in every three seconds, and nothing that a machine mistakes. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { syllabicModulation, voicedFrames, voicedShares } from './babble-meter.ts';
import { clipFromFiles, encodingsNear } from './clip.ts';
import { loopFaults, measureLoop, sourceFaults } from './clip-acceptance.ts';
import { CLIP_RECIPES, FOREIGN_LEVELS_DBM0 } from './clip-recipes.ts';
import { CODEC_NAMES, isLaw, LAWS } from './codec.ts';
import { decodeG722Loop } from './g722/g722.ts';
import { seamProblems } from './loop-seam.ts';
import { levelDbov, loopSlice, sliceLevelsDbov } from './loudness.ts';
import { parseManifest } from './manifest.ts';
import { hearSignallingTones, SIGNALLING_TONES } from './signalling-tones.ts';
import { toTelephoneBand } from './telephone-band.ts';
import { decodeWav, toInt16 } from './wav.ts';

const RATE_HZ = 8000;
// A minute of sound is measured in a second or two of a processor's time, which on a busy machine is not its own.
vi.setConfig({ testTimeout: 180_000 });

function read(path: string): { octets: Uint8Array; sha256: string } {
  const octets = readFileSync(new URL(`../../audio/${path}`, import.meta.url));
  return { octets, sha256: createHash('sha256').update(octets).digest('hex') };
}

const manifest = parseManifest(Buffer.from(read('manifest.json').octets).toString());
if (!manifest.ok) throw new Error(manifest.problem.join('; '));
const { clips } = manifest.value;

/** The sound of a clip in a codec that we can decode, in the telephone band. */
function heard(clip: (typeof clips)[number], codec: 'PCMA' | 'PCMU' | 'G722'): Int16Array {
  const path = clip.encodings.find((one) => one.codec === codec)?.path ?? expect.fail(`${clip.name} has no ${codec}`);
  const { octets } = read(path);
  return isLaw(codec) ? LAWS[codec].decode(octets) : toInt16(toTelephoneBand(decodeG722Loop(octets)));
}

/** Three seconds from every half second on, around the loop. */
function slices(loop: Int16Array | Float64Array): Float64Array[] {
  const starts = Array.from({ length: loop.length / (RATE_HZ / 2) }, (_, i) => (i * RATE_HZ) / 2);
  return starts.map((start) => loopSlice(loop, start, 3 * RATE_HZ));
}

/** Everything of a loop's spectrum and nothing of its rhythm: many copies of it, turned by chance, on top of each other. */
function withoutRhythm(loop: Int16Array): Float64Array {
  const random = seededRandom(1);
  const sum = new Float64Array(loop.length);
  for (let copy = 0; copy < 48; copy++) {
    const [turn, sign] = [Math.floor(random() * loop.length), random() < 0.5 ? -1 : 1];
    for (let i = 0; i < loop.length; i++) sum[i] = (sum[i] ?? 0) + sign * (loop[(i + turn) % loop.length] ?? 0);
  }
  return sum;
}

describe('the shipped clips', () => {
  it('are the recipes’, the default first', () => {
    expect(clips.map(({ name }) => name)).toEqual(CLIP_RECIPES.map(({ name }) => name));
    expect(clips[0]?.name).toBe('open-plan-office');
  });
});

describe.each(clips)('the shipped clip $name', (clip) => {
  const sound = heard(clip, 'PCMA');

  it('lasts a minute, is at −30 dBm0, and is there for every codec at every level', () => {
    expect(clip).toMatchObject({ durationMs: 60_000, frames: 3000, levelDbm0: -30 });
    for (const level of FOREIGN_LEVELS_DBM0) {
      const near = encodingsNear(clip, level);
      expect(near.map(({ codec }) => codec)).toEqual(CODEC_NAMES);
      expect(near.slice(3).map(({ levelDbm0 }) => levelDbm0)).toEqual([level, level]);
    }
    const files = new Map(encodingsNear(clip, -30).map(({ path }) => [path, read(path)]));
    expect(clipFromFiles(clip, files, -30)).toMatchObject({ ok: true });
  });

  it('is the file that the manifest hashes, each of them, and what is decoded has the level it is told to have', () => {
    for (const { path, sha256, bytes } of [clip.master, ...clip.encodings]) {
      const file = read(path);
      expect({ sha256: file.sha256, bytes: file.octets.length }, path).toEqual({ sha256, bytes });
    }
    for (const { path, levelDbm0, measured } of clip.encodings) {
      expect(Math.abs(measured.levelDbm0 - levelDbm0), path).toBeLessThan(0.1);
      expect(measured.peakDbm0 - levelDbm0, path).toBeLessThan(15);
    }
  });

  it.each(['PCMA', 'PCMU', 'G722'] as const)('has, decoded from %s, all that an ambience must have', (codec) => {
    const measures = measureLoop(heard(clip, codec), codec);
    expect(loopFaults(measures)).toEqual([]);
    // The band's own level: what G.722 carries besides, below 300 and above 3400 Hz, is a decibel or two.
    expect(Math.abs(measures.levelDbm0 + 30)).toBeLessThan(codec === 'G722' ? 2 : 0.1);
    expect(measures.peakDbm0).toBeLessThan(-15);
    if (codec === 'PCMA') expect(sourceFaults(measures)).toEqual([]);
  });

  it('never falls silent: half a second is within 13 dB of the mean', () => {
    const levels = sliceLevelsDbov(sound, RATE_HZ / 2, RATE_HZ / 10);
    expect(Math.min(...levels)).toBeGreaterThan(levelDbov(sound) - 13);
  });

  it('moves as speech does in every three seconds, and is voiced, more than noise of its spectrum ever is', () => {
    const noise = withoutRhythm(sound);
    const syllables = (loop: Int16Array | Float64Array) =>
      slices(loop).map((slice) => syllabicModulation(slice, RATE_HZ));
    const voices = (loop: Int16Array | Float64Array) => voicedShares(voicedFrames(loop, RATE_HZ), 150, 25);
    expect(Math.min(...syllables(sound))).toBeGreaterThan(1.3 * Math.max(...syllables(noise)));
    expect(Math.min(...voices(sound))).toBeGreaterThan(Math.max(...voices(noise)));
  });

  it('is the master in the telephone band', () => {
    const master = decodeWav(read(clip.master.path).octets);
    const band = master.ok ? toInt16(toTelephoneBand(master.value.samples)) : expect.fail(master.problem);
    expect(LAWS.PCMA.encode(band)).toEqual(new Uint8Array(read(clip.encodings[0]?.path ?? '').octets));
  });

  const withTones = (tonesHz: readonly number[], amplitude: number, seconds: number) =>
    Int16Array.from({ length: seconds * RATE_HZ }, (_, i) =>
      tonesHz.reduce((sum, hz) => sum + amplitude * Math.sin((2 * Math.PI * hz * i) / RATE_HZ), sound[i] ?? 0),
    );

  it.each(SIGNALLING_TONES)('would be refused with $hz Hz in it, 3 dB over the ambience', ({ hz }) => {
    expect(hearSignallingTones(withTones([hz], 1000, 0.5)).map(({ name }) => name)).toContain(`${hz} Hz`);
  });

  it('would be refused with a digit of 50 ms in it at −15 dBm0 a tone', () => {
    expect(hearSignallingTones(withTones([770, 1336], 4000, 0.05)).map(({ name }) => name)).toContain('DTMF 5');
  });

  it('would be refused if it were cut short where it does not meet its beginning', () => {
    const last = sound.subarray(-5 * RATE_HZ);
    const farthest = last.reduce((most, sample) => Math.max(most, Math.abs(sample - (sound[0] ?? 0))), 0);
    const cut = sound.length - last.length + last.findIndex((one) => Math.abs(one - (sound[0] ?? 0)) === farthest) + 1;
    expect(seamProblems(sound.subarray(0, cut)).join()).toContain('click');
  });
});
