import { describe, expect, it } from 'vitest';
import {
  type ClipFile,
  clipCodecs,
  clipEncoding,
  clipFromFiles,
  frameAt,
  frameAtMs,
  frameOffset,
  measuredLevelDbm0,
} from './clip.ts';
import { type CodecName, isLaw, LAW_NAMES, LAWS } from './codec.ts';
import { decodeG722Loop, encodeG722Loop } from './g722/g722.ts';
import { dbm0ToDbov, dbovToDbm0, dbovToRms, levelDbov } from './loudness.ts';
import type { ManifestClip } from './manifest.ts';

/** Half a second of 510 Hz at −30 dBm0. */
const FRAMES = 25;
const AMPLITUDE = dbovToRms(dbm0ToDbov(-30, 'PCMA')) * Math.SQRT2;
const SOUND = Int16Array.from({ length: FRAMES * 160 }, (_, i) => AMPLITUDE * Math.sin((2 * Math.PI * 510 * i) / 8000));
const WIDE_SOUND = Int16Array.from(
  { length: FRAMES * 320 },
  (_, i) => AMPLITUDE * Math.sin((2 * Math.PI * 510 * i) / 16000),
);
const HASH = 'a'.repeat(64);
const MEASURED = { levelDbov: -36, levelDbm0: -30, peakDbov: -33, peakDbm0: -27 };

const ENTRY: ManifestClip = {
  ...{ name: 'tone', title: 'A tone', durationMs: 500, frameMs: 20, frames: FRAMES, levelDbm0: -30 },
  slices: { sliceMs: 3000, lowestDbm0: -30, highestDbm0: -30 },
  master: { path: 'tone/master.wav', bytes: 44, sha256: HASH, sampleRateHz: 16000, samples: 8000, ...MEASURED },
  encodings: [
    ...LAW_NAMES.map((codec) => ({
      ...{ codec, levelDbm0: -30, path: `tone/${codec.toLowerCase()}.raw`, bytes: 4000, sha256: HASH },
      ...{ frameOctets: 160, sampleRateHz: 8000, encoder: 'test', measured: MEASURED },
    })),
    {
      ...{ codec: 'G722' as const, levelDbm0: -30, path: 'tone/g722.g722', bytes: 4000, sha256: HASH },
      ...{ frameOctets: 160, sampleRateHz: 16000, encoder: 'test', measured: MEASURED },
    },
    ...[-36, -32, -28].map((levelDbm0) => ({
      ...{ codec: 'opus' as const, levelDbm0, path: `tone/opus${levelDbm0}.raw`, bytes: 1000, sha256: HASH },
      ...{ frameOctets: 40, sampleRateHz: 16000, encoder: 'test', measured: MEASURED },
    })),
  ],
  made: { generator: 'test', seed: 1, command: 'test' },
  ...{ provenance: 'test', licence: 'MIT' },
};

function octetsOf(codec: CodecName, levelDbm0: number): Uint8Array {
  if (isLaw(codec)) return LAWS[codec].encode(SOUND);
  return codec === 'G722' ? encodeG722Loop(WIDE_SOUND) : new Uint8Array(1000).fill(-levelDbm0);
}

const FILES: ReadonlyMap<string, ClipFile> = new Map(
  ENTRY.encodings.map(({ codec, levelDbm0, path }) => [path, { octets: octetsOf(codec, levelDbm0), sha256: HASH }]),
);

function tone(levelDbm0 = -30) {
  const clip = clipFromFiles(ENTRY, FILES, levelDbm0);
  if (!clip.ok) throw new Error(clip.problem.join('; '));
  return clip.value;
}

describe('a clip from its files', () => {
  it('has the frames of each codec', () => {
    const clip = tone();
    expect(clipCodecs(ENTRY)).toEqual(['PCMA', 'PCMU', 'G722', 'opus']);
    expect(clip).toMatchObject({ name: 'tone', durationMs: 500, frameCount: FRAMES, levelDbm0: -30 });
    expect(measuredLevelDbm0(clipEncoding(clip, 'PCMA'), 'PCMA')).toBeCloseTo(-30, 1);
  });

  it('is refused with a sentence for each file that is missing, another, or too short', () => {
    const [alaw, ulaw] = [...FILES.keys()];
    const octets = FILES.get(alaw ?? '')?.octets ?? new Uint8Array();
    const problems = (files: ReadonlyMap<string, ClipFile>) =>
      clipFromFiles({ ...ENTRY, encodings: ENTRY.encodings.slice(0, 2) }, files, -30);
    expect(problems(new Map())).toEqual({
      ok: false,
      problem: [`tone PCMA (${alaw}): the file is missing`, `tone PCMU (${ulaw}): the file is missing`],
    });
    expect(problems(new Map(FILES).set(alaw ?? '', { octets, sha256: 'b'.repeat(64) }))).toEqual({
      ok: false,
      problem: [`tone PCMA (${alaw}): SHA-256 ${'b'.repeat(64)} instead of ${HASH}`],
    });
    expect(problems(new Map(FILES).set(ulaw ?? '', { octets: octets.subarray(1), sha256: HASH }))).toEqual({
      ok: false,
      problem: [`tone PCMU (${ulaw}): 3999 octets of 4000`],
    });
  });

  it('is refused when it is not whole frames', () => {
    expect(clipFromFiles({ ...ENTRY, durationMs: 510 }, FILES, -30)).toEqual({
      ok: false,
      problem: ['tone: 510 ms are not 25 frames of 20 ms'],
    });
  });
});

describe('a clip that plays', () => {
  it('goes round: the frame after the last is the first', () => {
    const encoding = clipEncoding(tone(), 'PCMU');
    expect(frameOffset(encoding, FRAMES - 1)).toBe(3840);
    expect(frameOffset(encoding, FRAMES)).toBe(0);
    expect(frameAt(encoding, 7 * FRAMES + 3)).toEqual(encoding.octets.subarray(480, 640));
  });

  it('is entered at any frame', () => {
    expect([0, 240, 499, 520].map((atMs) => frameAtMs(tone(), atMs))).toEqual([0, 12, 24, 1]);
  });

  it.each([-36, -33, -28, -26])('can be set to %i dBm0 by table', (levelDbm0) => {
    const clip = tone(levelDbm0);
    expect(clip.levelDbm0).toBe(levelDbm0);
    for (const codec of LAW_NAMES) {
      expect(Math.abs(measuredLevelDbm0(clipEncoding(clip, codec), codec) - levelDbm0)).toBeLessThan(0.15);
    }
  });

  it.each([-36, -26])('can be set to %i dBm0 in G.722, which is encoded anew', (levelDbm0) => {
    const { octets } = clipEncoding(tone(levelDbm0), 'G722');
    const measured = dbovToDbm0(levelDbov(decodeG722Loop(octets)), 'G722');
    expect(Math.abs(measured - levelDbm0)).toBeLessThan(0.15);
  });

  it('is as near to the level as its files are in a codec that is no table, the lower of two', () => {
    const opus = (levelDbm0: number) => clipEncoding(tone(levelDbm0), 'opus');
    expect([-36, -35, -34, -31, -30, -29, -26].map((level) => opus(level).levelDbm0)).toEqual([
      -36, -36, -36, -32, -32, -28, -28,
    ]);
    expect(opus(-29).octets[0]).toBe(28);
    expect(frameOffset(opus(-29), FRAMES + 1)).toBe(40);
  });

  it('cannot be set to a level at which it would be lost or in the way', () => {
    expect(() => tone(-25)).toThrow('ambience level -25 dBm0 out of range');
    expect(() => tone(-37)).toThrow('ambience level -37 dBm0 out of range');
  });
});
