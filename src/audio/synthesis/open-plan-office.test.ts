import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderClip } from '../render-clip.ts';

const sha256 = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex');
const render = (seed: number) => renderClip({ seed, seconds: 4, levelDbm0: -30 }, sha256, () => undefined);

describe('the synthesised office', () => {
  const { entry, files } = render(7);

  it('is the same, octet for octet, for the same seed, and another for another', () => {
    expect(render(7).entry).toEqual(entry);
    expect(render(8).entry.master.sha256).not.toBe(entry.master.sha256);
  });

  it('is a clip of the recipe’s length and level, with its files', () => {
    expect(entry).toMatchObject({ durationMs: 4000, frames: 200, levelDbm0: -30, made: { seed: 7 } });
    expect([...files.keys()]).toEqual([entry.master.path, ...entry.encodings.map(({ path }) => path)]);
    for (const { measured, bytes, frameOctets } of entry.encodings) {
      expect(Math.abs(measured.levelDbm0 + 30)).toBeLessThan(0.1);
      expect(measured.peakDbm0).toBeLessThan(-15);
      expect(bytes / frameOctets).toBe(200);
    }
  });
});
