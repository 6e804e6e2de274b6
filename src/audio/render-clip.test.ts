import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { CLIP_RECIPES, type ClipRecipe, FOREIGN_LEVELS_DBM0 } from './clip-recipes.ts';
import { addForeignEncodings, type ForeignCodec, renderClip } from './render-clip.ts';

const tools = {
  sha256: (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex'),
  report: () => undefined,
};
// Seconds of a processor's time, which on a busy machine is not its own.
vi.setConfig({ testTimeout: 180_000 });
const [recipe] = CLIP_RECIPES as readonly [ClipRecipe];
const render = (seed: number) => renderClip({ ...recipe, seconds: 4, seed }, tools);

describe('a clip rendered from a recipe', () => {
  const clip = render(7);
  const { entry, files } = clip;

  it('is the same, octet for octet, for the same seed, and another for another', () => {
    expect(render(7).entry).toEqual(entry);
    expect(render(8).entry.master.sha256).not.toBe(entry.master.sha256);
  });

  it('is the recipe’s length and level, with its files', () => {
    expect(entry).toMatchObject({ durationMs: 4000, frames: 200, levelDbm0: -30, made: { seed: 7 } });
    expect([...files.keys()]).toEqual([entry.master.path, ...entry.encodings.map(({ path }) => path)]);
    expect(entry.encodings.map(({ codec }) => codec)).toEqual(['PCMA', 'PCMU', 'G722']);
    for (const { measured, bytes, frameOctets } of entry.encodings) {
      expect(Math.abs(measured.levelDbm0 + 30)).toBeLessThan(0.1);
      expect(measured.peakDbm0).toBeLessThan(-15);
      expect(bytes / frameOctets).toBe(200);
    }
  });

  it('gets the encodings of another program at every level, as loud as told although that coder loses a decibel', () => {
    /** A coder of one octet a sample that gives back nine tenths of what it was given, and a peak of its own. */
    const lossy: ForeignCodec = {
      ...{ name: 'opus', sampleRateHz: 16_000, encoder: 'a coder that loses 0.9 dB' },
      encode: (loop) => Uint8Array.from(loop, (sample) => Math.round(sample / 32) + 128),
      decode: (octets) => Int16Array.from(octets, (octet) => (octet - 128) * 29),
      faults: () => [],
    };
    const added = addForeignEncodings(clip, lossy, tools);
    const foreign = added.entry.encodings.filter(({ codec }) => codec === 'opus');
    expect(foreign.map(({ levelDbm0 }) => levelDbm0)).toEqual(FOREIGN_LEVELS_DBM0);
    for (const { levelDbm0, measured, masterSha256, path } of foreign) {
      expect(Math.abs(measured.levelDbm0 - levelDbm0)).toBeLessThan(0.1);
      expect(measured.peakDbm0).toBeLessThan(levelDbm0 + 15);
      expect(masterSha256).toBe(entry.master.sha256);
      expect(added.files.has(path)).toBe(true);
    }
  });
});
