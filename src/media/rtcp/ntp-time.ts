/**
 * Wall-clock time as RTCP writes it (RFC 3550 §4): seconds since 1900 and a fraction of 2^-32 s, or the middle 32 bits of
 * the two, in units of 2^-16 s.
 */
import type { WallMs } from '../../base/clock.ts';

/** 1900 to 1970 in seconds. */
const SECONDS_1900_TO_1970 = 2_208_988_800;

/** Whole seconds since 1900, modulo 2^32. */
export function ntpSeconds(at: WallMs): number {
  return (Math.floor(at / 1000) + SECONDS_1900_TO_1970) >>> 0;
}

/** The part of a second, in 2^-32 s. */
export function ntpFraction(at: WallMs): number {
  return Math.floor(((at / 1000) % 1) * 2 ** 32) >>> 0;
}

/** The middle 32 bits. */
export function compactNtp(seconds: number, fraction: number): number {
  return ((seconds << 16) | (fraction >>> 16)) >>> 0;
}

/** A duration in units of 2^-16 s. */
export function compactDuration(durationMs: number): number {
  return Math.min(2 ** 32 - 1, Math.round((durationMs * 65_536) / 1000));
}

/** Milliseconds of a duration in units of 2^-16 s; negative where the 32 bits, read as signed, are. */
export function compactMs(duration: number): number {
  return ((duration | 0) * 1000) / 65_536;
}
