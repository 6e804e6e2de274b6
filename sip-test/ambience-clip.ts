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

/** 20 ms at 8 kHz. */
const FRAME_SAMPLES = 160;

/** How many 20 ms stretches of what a softphone decoded and recorded, at 8 kHz, are the clip's to the last bit. */
export function framesOfClip(alaw: ClipFile, recorded: Int16Array): number {
  const clip = new Int16Array(alaw.octets.length + FRAME_SAMPLES);
  for (let n = 0; n < clip.length; n += 1) clip[n] = fromAlaw(alaw.octets[n % alaw.octets.length] as number);
  const whole = Buffer.from(clip.buffer);
  let frames = 0;
  for (let at = 0; at + FRAME_SAMPLES <= recorded.length; at += FRAME_SAMPLES) {
    const frame = recorded.slice(at, at + FRAME_SAMPLES);
    if (frame.some((sample) => sample !== frame[0]) && isIn(whole, Buffer.from(frame.buffer))) frames += 1;
  }
  return frames;
}

/** At a whole sample. */
function isIn(clip: Buffer, frame: Buffer): boolean {
  let at = clip.indexOf(frame);
  while (at % 2 === 1) at = clip.indexOf(frame, at + 1);
  return at !== -1;
}

/** ITU-T G.711 table 1a, the 13 bits at the top of 16. */
function fromAlaw(octet: number): number {
  const bits = octet ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = ((bits & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (bits & 0x80) !== 0 ? magnitude : -magnitude;
}
