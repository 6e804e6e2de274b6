import { levelDbov } from '../audio/loudness.ts';
import { measureTone } from '../audio/tone-detector.ts';
import { elapsedMs } from '../base/clock.ts';
import { type HeardPacket, type Recording, SAMPLES_PER_MS } from './recorder.ts';

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

/** A time without sound, from `atMs` after the answer on. */
export type Gap = { readonly atMs: number; readonly durationMs: number };

/**
 * The longest time between two packets from `fromMs` to `toMs`, both of which count as if a packet had come. It is told
 * by the arrivals or, when that is more, by the RTP timestamps: audio that was never sent is a hole however punctual its
 * neighbours are. What the listener's own thread may have kept waiting does not count: it proves nothing.
 */
export function longestGap(recording: Recording, fromMs: number, toMs: number): Gap {
  const { answeredAtMs, packets } = recording;
  let longest: Gap = { atMs: fromMs, durationMs: 0 };
  let lastMs = fromMs;
  let last: HeardPacket | null = null;
  const note = (durationMs: number) => {
    if (durationMs > longest.durationMs) longest = { atMs: lastMs, durationMs };
  };
  for (const packet of packets) {
    const readMs = elapsedMs(answeredAtMs ?? packet.atMs, packet.atMs);
    if (readMs <= fromMs || readMs >= toMs) continue;
    note(readMs - packet.keptMs - lastMs);
    if (last !== null && last.ssrc === packet.ssrc) note(((packet.timestamp - last.timestamp) | 0) / SAMPLES_PER_MS);
    lastMs = readMs;
    last = packet;
  }
  note(toMs - lastMs);
  return longest;
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
    if (tonesHz.some((hz) => measureTone(samples, hz, SAMPLES_PER_MS * 1000).powerShare >= TONE_POWER_SHARE_MIN))
      heard++;
  }
  return slices === 0 ? 0 : heard / slices;
}

/** Where one packet does not continue the one before it. */
export type StreamBreak = {
  /** When it was read, from the answer. */
  readonly atMs: number;
  /** How far the sequence number advanced, -32768 to 32767; 1 is right. */
  readonly sequenceBy: number;
  /** How far the timestamp advanced, in samples; a packet's worth for each packet is right. */
  readonly timestampBy: number;
};

/** What was heard as RTP streams (RFC 3550 §5.1): one SSRC and no breaks in a good call. */
export type StreamFaults = { readonly ssrcs: number; readonly breaks: readonly StreamBreak[] };

/** The faults of what was heard. At a marker the timestamp may leap, at nothing the sequence (RFC 3551 §4.1). */
export function streamFaults({ answeredAtMs, packets }: Recording): StreamFaults {
  const breaks: StreamBreak[] = [];
  packets.forEach((packet, index) => {
    const before = packets[index - 1];
    if (before === undefined || before.ssrc !== packet.ssrc) return;
    const sequenceBy = ((packet.sequence - before.sequence) << 16) >> 16;
    const timestampBy = (packet.timestamp - before.timestamp) | 0;
    if (sequenceBy === 1 && (packet.marker || timestampBy === before.samples.length)) return;
    breaks.push({ atMs: elapsedMs(answeredAtMs ?? packet.atMs, packet.atMs), sequenceBy, timestampBy });
  });
  return { ssrcs: new Set(packets.map((packet) => packet.ssrc)).size, breaks };
}

function arrivalsMs({ answeredAtMs, packets }: Recording): number[] {
  return answeredAtMs === null ? [] : packets.map((packet) => elapsedMs(answeredAtMs, packet.atMs));
}

function slice(recording: Recording, fromMs: number, toMs: number): Int16Array {
  return recording.samples.subarray(
    Math.max(0, Math.round(fromMs * SAMPLES_PER_MS)),
    Math.max(0, Math.round(toMs * SAMPLES_PER_MS)),
  );
}
