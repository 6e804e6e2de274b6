/** The clip that a callee should have heard, read from the repository without any of the product's code. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RtpArrival } from './rtp-endpoint.ts';

/** The file of a clip in one codec's own octets: `open-plan-office`, `pcma.al`. */
export type ClipFile = { readonly sha256: string; readonly octets: Buffer };

/** Reads `audio/<clip>/<file>`. */
export function clipFile(clip: string, file: string): ClipFile {
  const octets = readFileSync(new URL(`../audio/${clip}/${file}`, import.meta.url));
  return { sha256: createHash('sha256').update(octets).digest('hex'), octets };
}

/** The clip rises from nothing in its first 5 ms. */
const FADE_IN_OCTETS = 40;

/** Whether the payloads, end to end and after the fade, are a stretch of the clip, which begins again at its end. */
export function isStretchOf(clip: ClipFile, packets: readonly RtpArrival[]): boolean {
  const heard = Buffer.concat(packets.map(({ payload }) => payload)).subarray(FADE_IN_OCTETS);
  return Buffer.concat([clip.octets, clip.octets]).includes(heard);
}
