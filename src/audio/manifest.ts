import { z } from 'zod';
import { ok, type Result, refused } from '../base/result.ts';
import { CODEC_NAMES } from './codec.ts';

/** More than any frame of 20 ms has: Opus at its highest bit rate, 510 kbit/s (RFC 6716 §2.1.1). */
const FRAME_OCTETS_MAX = 1275;

/**
 * `audio/manifest.json`: what clips exist, what each sounds like, how it was made, and the hashes that prove that the
 * files are those. Paths are relative to the manifest, with `/`. Levels are those of `loudness.ts`.
 */
const level = z.number().min(-127).max(10);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits');

const file = z.object({
  path: z.string().regex(/^[a-z0-9-]+(\/[a-z0-9-]+)*\.[a-z0-9]+$/, 'a relative path in lower case'),
  bytes: z.int().positive(),
  sha256,
});

const measured = z.object({ levelDbov: level, levelDbm0: level, peakDbov: level, peakDbm0: level });

/**
 * One file: `frames` frames of `frameOctets` octets end to end, without a header; the RTP payloads as they are sent. A
 * codec that cannot be set to another level by a table or by an encoder of ours has a file for each of several levels.
 */
const encoding = file.extend({
  codec: z.enum(CODEC_NAMES),
  /** The nominal level, a whole number. */
  levelDbm0: level.int(),
  frameOctets: z.int().min(1).max(FRAME_OCTETS_MAX),
  /** The rate of the samples that were encoded. */
  sampleRateHz: z.int().positive(),
  /** What encoded it: this program's own encoder, or a library with its version. */
  encoder: z.string().min(1),
  /** The SHA-256 of the master it was made from, where another program encoded it and only its hash can be checked. */
  masterSha256: sha256.optional(),
  /** Of the frames decoded. */
  measured,
});

const clip = z.object({
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens'),
  title: z.string().min(1),
  /** A message that is played once; absent: ambience, which is a loop. */
  use: z.literal('announcement').optional(),
  durationMs: z.int().positive(),
  frameMs: z.literal(20),
  frames: z.int().positive(),
  /** The nominal level of the master, and of the encodings whose level is this one within 0.1 dB. */
  levelDbm0: level,
  /** Every slice of `sliceMs`, at whichever frame it begins, has a level between these two. */
  slices: z.object({ sliceMs: z.int().positive(), lowestDbm0: level, highestDbm0: level }),
  master: file.extend({
    sampleRateHz: z.int().positive(),
    samples: z.int().positive(),
    levelDbov: level,
    peakDbov: level,
  }),
  encodings: z
    .array(encoding)
    .min(1)
    .refine((all) => new Set(all.map((one) => `${one.codec} ${one.levelDbm0}`)).size === all.length, {
      error: 'two encodings of one codec have the same level',
    }),
  /** `seed` null: not made by chance. */
  made: z.object({ generator: z.string(), seed: z.int().nonnegative().nullable(), command: z.string() }),
  provenance: z.string().min(1),
  licence: z.string().min(1),
});

const manifest = z.object({ version: z.literal(2), clips: z.array(clip).min(1) });

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
