import { z } from 'zod';
import { ok, type Result, refused } from '../base/result.ts';

/**
 * `audio/manifest.json`: what clips exist, what each sounds like, how it was made, and the hashes that prove that the
 * files are those. Paths are relative to the manifest, with `/`. Levels are those of `loudness.ts`.
 */
const level = z.number().min(-127).max(10);

const file = z.object({
  path: z.string().regex(/^[a-z0-9-]+(\/[a-z0-9-]+)*\.[a-z0-9]+$/, 'a relative path in lower case'),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
});

const measured = z.object({ levelDbov: level, levelDbm0: level, peakDbov: level, peakDbm0: level });

const encoding = file.extend({
  codec: z.enum(['PCMA', 'PCMU']),
  sampleRateHz: z.int().positive(),
  samples: z.int().positive(),
  ...measured.shape,
});

const clip = z.object({
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens'),
  title: z.string().min(1),
  durationMs: z.int().positive(),
  frameMs: z.literal(20),
  frames: z.int().positive(),
  /** The nominal level, which the encodings have within 0.1 dB. */
  levelDbm0: level,
  /** Every slice of `sliceMs`, at whichever frame it begins, has a level between these two. */
  slices: z.object({ sliceMs: z.int().positive(), lowestDbm0: level, highestDbm0: level }),
  master: file.extend({
    sampleRateHz: z.int().positive(),
    samples: z.int().positive(),
    levelDbov: level,
    peakDbov: level,
  }),
  encodings: z.array(encoding).min(1),
  made: z.object({ generator: z.string(), seed: z.int().nonnegative(), command: z.string() }),
  provenance: z.string().min(1),
  licence: z.string().min(1),
});

const manifest = z.object({ version: z.literal(1), clips: z.array(clip).min(1) });

/** The whole manifest. */
export type Manifest = z.infer<typeof manifest>;

/** One clip's entry. */
export type ManifestClip = z.infer<typeof clip>;

/** One encoding's file within a clip's entry. */
export type ManifestEncoding = z.infer<typeof encoding>;

/** Reads the text of a manifest; every problem is a sentence that begins with its place, such as `clips.0.name`. */
export function parseManifest(json: string): Result<Manifest, readonly string[]> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return refused(['the manifest is not JSON']);
  }
  const parsed = manifest.safeParse(value);
  if (!parsed.success) return refused(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  return ok(parsed.data);
}
