import { levelDbov } from '../audio/loudness.ts';
import { measureTone } from '../audio/tone-detector.ts';
import { elapsedMs } from '../base/clock.ts';
import type { Recording } from './recorder.ts';

/** What a recording tells about a call. All times are in ms from the answer, and pure arithmetic on what was heard. */

/** From the answer to the first packet after it; null when there was neither. */
export function firstPacketAfterMs(recording: Recording): number | null {
  return arrivalsMs(recording).find((atMs) => atMs >= 0) ?? null;
}

/** Packets that came before the answer. */
export function packetsBeforeAnswer(recording: Recording): number {
  const { answeredAtMs, packets } = recording;
  return answeredAtMs === null ? packets.length : packets.filter((packet) => packet.atMs < answeredAtMs).length;
}

/** The longest time without a packet between two moments, both counted as if a packet had come. */
export function longestGapMs(recording: Recording, fromMs: number, toMs: number): number {
  let longestMs = 0;
  let lastMs = fromMs;
  for (const atMs of [...arrivalsMs(recording).filter((one) => one > fromMs && one < toMs), toMs]) {
    longestMs = Math.max(longestMs, atMs - lastMs);
    lastMs = atMs;
  }
  return longestMs;
}

/** The level between two moments, as `levelDbov` measures it. */
export function levelBetweenDbov(recording: Recording, fromMs: number, toMs: number): number {
  return levelDbov(slice(recording, fromMs, toMs));
}

/** How finely a melody is looked for: half of a note. */
const TONE_SLICE_MS = 100;

/** The share of a slice's power that makes one of the tones heard in it. */
const TONE_POWER_SHARE_MIN = 0.5;

/** The share (0–1) of the 100 ms slices between two moments in which one of the tones is most of what is heard. */
export function toneShare(recording: Recording, tonesHz: readonly number[], fromMs: number, toMs: number): number {
  let slices = 0;
  let heard = 0;
  for (let atMs = fromMs; atMs + TONE_SLICE_MS <= toMs; atMs += TONE_SLICE_MS) {
    const samples = slice(recording, atMs, atMs + TONE_SLICE_MS);
    slices++;
    if (tonesHz.some((hz) => measureTone(samples, hz, 8000).powerShare >= TONE_POWER_SHARE_MIN)) heard++;
  }
  return slices === 0 ? 0 : heard / slices;
}

/** What a receiver must not see in one RTP stream (RFC 3550 §5.1): each count is 0 in a good one, `ssrcs` 1. */
export type StreamFaults = {
  readonly ssrcs: number;
  /** Packets whose sequence number is not the one after the packet before. */
  readonly sequenceBreaks: number;
  /** Packets whose timestamp did not advance with their sequence number. */
  readonly timestampBreaks: number;
};

/** The faults of the stream that was heard. */
export function streamFaults(recording: Recording): StreamFaults {
  let sequenceBreaks = 0;
  let timestampBreaks = 0;
  recording.packets.forEach((packet, index) => {
    const before = recording.packets[index - 1];
    if (before === undefined) return;
    if (((packet.sequence - before.sequence) & 0xffff) !== 1) sequenceBreaks++;
    if ((packet.timestamp - before.timestamp) >>> 0 !== before.samples.length) timestampBreaks++;
  });
  return { ssrcs: new Set(recording.packets.map((packet) => packet.ssrc)).size, sequenceBreaks, timestampBreaks };
}

function arrivalsMs({ answeredAtMs, packets }: Recording): number[] {
  return answeredAtMs === null ? [] : packets.map((packet) => elapsedMs(answeredAtMs, packet.atMs));
}

function slice(recording: Recording, fromMs: number, toMs: number): Int16Array {
  return recording.samples.subarray(Math.max(0, Math.round(fromMs * 8)), Math.max(0, Math.round(toMs * 8)));
}
