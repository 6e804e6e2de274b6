/** The clip in `audio/` as policy wants it: a busy office in every three seconds, and nothing that a machine mistakes. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { clipEncoding, clipFromFiles, measuredLevelDbm0 } from './clip.ts';
import { LAW_NAMES, LAWS } from './codec.ts';
import { dbovToDbm0, levelDbov, loopSlice, peakDbov, sliceLevelsDbov } from './loudness.ts';
import { parseManifest } from './manifest.ts';
import { toTelephoneBand } from './telephone-band.ts';
import { measureTone } from './tone-detector.ts';
import { decodeWav, toInt16 } from './wav.ts';

const RATE_HZ = 8000;
const DTMF_GROUPS_HZ = [
  [697, 770, 852, 941],
  [1209, 1336, 1477, 1633],
] as const;

function read(path: string): { octets: Uint8Array; sha256: string } {
  const octets = readFileSync(new URL(`../../audio/${path}`, import.meta.url));
  return { octets, sha256: createHash('sha256').update(octets).digest('hex') };
}

const manifest = parseManifest(Buffer.from(read('manifest.json').octets).toString());
if (!manifest.ok) throw new Error(manifest.problem.join('; '));
const entry = manifest.value.clips[0] ?? expect.fail('the manifest has no clip');
const loaded = clipFromFiles(entry, new Map(entry.encodings.map(({ path }) => [path, read(path)])), entry.levelDbm0);
if (!loaded.ok) throw new Error(loaded.problem.join('; '));
const clip = loaded.value;
const sound = LAWS.PCMA.decode(clipEncoding(clip, 'PCMA').octets);

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

/** How deeply the envelope of three seconds moves at 2 to 8 Hz, where speech has its syllables; 0 is not at all. */
function modulation(slice: Float64Array): number {
  const block = RATE_HZ / 100;
  const envelope = Array.from({ length: slice.length / block }, (_, i) => {
    let sum = 0;
    for (let n = 0; n < block; n++) sum += (slice[i * block + n] ?? 0) ** 2;
    return Math.sqrt(sum / block);
  });
  const mean = envelope.reduce((sum, value) => sum + value, 0) / envelope.length;
  const seconds = slice.length / RATE_HZ;
  let power = 0;
  for (let turns = 2 * seconds; turns <= 8 * seconds; turns++) {
    let [real, imaginary] = [0, 0];
    envelope.forEach((value, i) => {
      const angle = (2 * Math.PI * turns * i) / envelope.length;
      real += (value - mean) * Math.cos(angle);
      imaginary += (value - mean) * Math.sin(angle);
    });
    power += (2 * (real * real + imaginary * imaginary)) / envelope.length ** 2;
  }
  return Math.sqrt(power) / mean;
}

/** Three seconds from every half second on, around the loop. */
function slices(loop: Int16Array | Float64Array): Float64Array[] {
  const starts = Array.from({ length: loop.length / (RATE_HZ / 2) }, (_, i) => (i * RATE_HZ) / 2);
  return starts.map((start) => loopSlice(loop, start, 3 * RATE_HZ));
}

describe('the shipped clip', () => {
  it('is whole frames, at least 30 s, and its files are those of the manifest', () => {
    expect(clip.durationMs).toBeGreaterThanOrEqual(30_000);
    for (const file of [entry.master, ...entry.encodings]) {
      const { octets, sha256 } = read(file.path);
      expect({ path: file.path, bytes: octets.length, sha256 }).toEqual({
        path: file.path,
        bytes: file.bytes,
        sha256: file.sha256,
      });
    }
  });

  it('has encodings that anybody can make from its master', () => {
    const master = decodeWav(read(entry.master.path).octets);
    if (!master.ok) throw new Error(master.problem);
    const band = toInt16(toTelephoneBand(master.value.samples));
    for (const codec of LAW_NAMES) {
      expect(Buffer.compare(LAWS[codec].encode(band), clipEncoding(clip, codec).octets)).toBe(0);
    }
  });

  it.each(LAW_NAMES)('is at −30 dBm0 in %s, and no sample reaches −15', (codec) => {
    const encoding = clipEncoding(clip, codec);
    expect(Math.abs(measuredLevelDbm0(encoding, codec) + 30)).toBeLessThan(0.1);
    expect(dbovToDbm0(peakDbov(LAWS[codec].decode(encoding.octets)), codec)).toBeLessThan(-15);
  });

  it('is within 3 dB of that in every three seconds, at whichever frame a call begins', () => {
    const levels = sliceLevelsDbov(sound, 3 * RATE_HZ, RATE_HZ / 50).map((dbov) => dbovToDbm0(dbov, 'PCMA'));
    expect(Math.min(...levels)).toBeGreaterThan(-33);
    expect(Math.max(...levels)).toBeLessThan(-27);
  });

  it('never falls silent: half a second is within 10 dB of the mean', () => {
    const levels = sliceLevelsDbov(sound, RATE_HZ / 2, RATE_HZ / 10).map((dbov) => dbovToDbm0(dbov, 'PCMA'));
    expect(Math.min(...levels)).toBeGreaterThan(-40);
  });

  it('moves as speech does in every three seconds, at least twice as deeply as noise of its spectrum ever does', () => {
    const noise = Math.max(...slices(withoutRhythm(sound)).map(modulation));
    expect(Math.min(...slices(sound).map(modulation))).toBeGreaterThan(2 * noise);
  });
});

describe('the seam of the shipped clip', () => {
  const step = (i: number) => Math.abs((sound[i % sound.length] ?? 0) - (sound[(i - 1) % sound.length] ?? 0));

  it('is a step like those on either side of it', () => {
    const around = Array.from({ length: RATE_HZ / 10 }, (_, i) => step(sound.length - RATE_HZ / 20 + i));
    expect(step(sound.length)).toBeLessThanOrEqual(Math.max(...around.filter((_, i) => i !== RATE_HZ / 20)));
  });

  it('changes level and spectrum no more than other places do', () => {
    const bandsHz = [400, 800, 1600, 2800];
    const half = RATE_HZ / 2;
    const change = (at: number) => {
      const [before, after] = [loopSlice(sound, at + sound.length - half, half), loopSlice(sound, at, half)];
      const bands = bandsHz.map((hz) => Math.abs(bandDb(after, hz) - bandDb(before, hz)));
      return Math.max(Math.abs(levelDbov(after) - levelDbov(before)), ...bands);
    };
    const elsewhere = Array.from({ length: 19 }, (_, i) => change((i + 1) * 2 * RATE_HZ)).sort((a, b) => a - b);
    expect(change(0)).toBeLessThan(elsewhere[17] ?? 0);
  });

  /** The level of an octave or so around `hz`, as the sum of tones 50 Hz apart. */
  function bandDb(samples: Float64Array, hz: number): number {
    let power = 0;
    for (let tone = hz * 0.75; tone <= hz * 1.25; tone += 50) power += measureTone(samples, tone, RATE_HZ).rms ** 2;
    return 10 * Math.log10(power);
  }
});

describe('a machine that listens to the shipped clip', () => {
  /** The largest share of a slice's power that one of these tones ever has. */
  const worst = (tonesHz: readonly number[], seconds: number) => {
    let share = 0;
    for (let start = 0; start < sound.length; start += (seconds * RATE_HZ) / 2) {
      const slice = loopSlice(sound, start, seconds * RATE_HZ);
      for (const hz of tonesHz) share = Math.max(share, measureTone(slice, hz, RATE_HZ).powerShare);
    }
    return share;
  };

  it('hears no call progress tone (ITU-T E.180: 425 Hz; North America: 440, 480, 620 Hz, 350 Hz)', () => {
    expect(worst([350, 425, 440, 480, 620], 0.5)).toBeLessThan(0.3);
  });

  it('hears no fax or modem (ITU-T T.30, V.25: 1100, 2100 Hz; Bell: 2225 Hz)', () => {
    expect(worst([1100, 2100, 2225], 0.25)).toBeLessThan(0.1);
  });

  it('hears no special information tone (ITU-T E.180: 950, 1400, 1800 Hz, a third of a second each)', () => {
    expect(worst([950, 1400, 1800], 0.25)).toBeLessThan(0.2);
  });

  /** One tone of each group, which together are most of what sounds: what a receiver takes for a digit. */
  const isDigit = (slice: Float64Array) => {
    const [low, high] = DTMF_GROUPS_HZ.map((group) =>
      Math.max(...group.map((hz) => measureTone(slice, hz, RATE_HZ).powerShare)),
    );
    return (low ?? 0) > 0.15 && (high ?? 0) > 0.15 && (low ?? 0) + (high ?? 0) > 0.7;
  };

  it('hears no DTMF digit (ITU-T Q.24: one tone of each group for 40 ms)', () => {
    for (let start = 0; start < sound.length; start += RATE_HZ / 50) {
      expect(isDigit(loopSlice(sound, start, RATE_HZ / 25)), `at ${start / RATE_HZ} s`).toBe(false);
    }
  });

  const withTones = (tonesHz: readonly number[], amplitude: number, length: number) =>
    Float64Array.from({ length }, (_, i) =>
      tonesHz.reduce((sum, hz) => sum + amplitude * Math.sin((2 * Math.PI * hz * i) / RATE_HZ), sound[i] ?? 0),
    );

  it.each([350, 425, 480, 950, 1100, 1800, 2100])('would hear %i Hz at the ambience’s own level', (hz) => {
    expect(measureTone(withTones([hz], 730, RATE_HZ / 2), hz, RATE_HZ).powerShare).toBeGreaterThan(0.3);
  });

  it('would hear a digit at −15 dBm0 a tone', () => {
    expect(isDigit(withTones([770, 1336], 4000, RATE_HZ / 25))).toBe(true);
  });
});
