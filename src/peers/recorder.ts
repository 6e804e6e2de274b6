import type { Law } from '../audio/codec.ts';
import { elapsedMs, type MonotonicMs } from '../base/clock.ts';
import type { ArrivedPacket } from './rtp-endpoint.ts';

/** Everything that one side of a call heard. */
export type Recording = {
  /** The moment the samples are laid out from: the answer; null when the call was not answered. */
  readonly answeredAtMs: MonotonicMs | null;
  readonly endedAtMs: MonotonicMs | null;
  /** In order of arrival, those before the answer too. */
  readonly packets: readonly HeardPacket[];
  /** 8 kHz, from the answer to the end, silence where nothing came. Empty when the call was not answered. */
  readonly samples: Int16Array;
};

/** A packet that was heard; `samples` is its audio. */
export type HeardPacket = Omit<ArrivedPacket, 'payload'> & { readonly samples: Int16Array };

/** Collects a call's packets. */
export type Recorder = {
  hear(packet: ArrivedPacket, codec: Law): void;
  /** Sets the origin of the timeline; the first call counts. */
  answered(atMs: MonotonicMs): void;
  /** Nothing is recorded after it; the first call counts. */
  ended(atMs: MonotonicMs): void;
  recording(): Recording;
};

/** Packets kept for one call: 10 minutes. What comes later is not recorded. */
export const PACKETS_RECORDED_MAX = 30_000;

/** Every recording is at 8 kHz. */
export const SAMPLES_PER_MS = 8;

/**
 * A packet further than this from where its RTP timestamp puts it was sent on another timeline: it is laid where it
 * arrived. Well above any jitter on loopback, below what an ear would forgive.
 */
const REANCHOR_MS = 200;

/** Makes a recorder for one call. */
export function createRecorder(): Recorder {
  const packets: HeardPacket[] = [];
  let answeredAtMs: MonotonicMs | null = null;
  let endedAtMs: MonotonicMs | null = null;

  return {
    hear({ payload, ...packet }, codec) {
      if (endedAtMs !== null || packets.length >= PACKETS_RECORDED_MAX) return;
      packets.push({ ...packet, samples: codec.decode(payload) });
    },
    answered(atMs) {
      answeredAtMs ??= atMs;
    },
    ended(atMs) {
      endedAtMs ??= atMs;
    },
    recording: () => ({
      answeredAtMs,
      endedAtMs,
      packets: [...packets],
      samples: answeredAtMs === null ? new Int16Array() : layOut(packets, answeredAtMs, endedAtMs),
    }),
  };
}

/**
 * The packets' audio on one timeline from `originMs`. The first packet lies where it arrived and the others where their
 * RTP timestamps put them, so that jitter of the arrivals cannot be heard; a new SSRC or a leap starts anew.
 */
function layOut(packets: readonly HeardPacket[], originMs: MonotonicMs, endMs: MonotonicMs | null): Int16Array {
  const placed: { at: number; samples: Int16Array }[] = [];
  let anchor: Anchor | null = null;
  for (const { ssrc, timestamp, atMs, samples } of packets) {
    const arrivedAt = Math.round(elapsedMs(originMs, atMs) * SAMPLES_PER_MS);
    let at = placeBy(anchor, ssrc, timestamp);
    if (at === null || Math.abs(at - arrivedAt) > REANCHOR_MS * SAMPLES_PER_MS) {
      at = arrivedAt;
      anchor = { ssrc, timestamp, at };
    }
    placed.push({ at, samples });
  }
  const last = placed.reduce((end, { at, samples }) => Math.max(end, at + samples.length), 0);
  const length = endMs === null ? last : Math.round(elapsedMs(originMs, endMs) * SAMPLES_PER_MS);
  const timeline = new Int16Array(Math.max(0, length));
  for (const { at, samples } of placed) {
    const from = Math.max(0, -at);
    const to = Math.min(samples.length, timeline.length - at);
    if (to > from) timeline.set(samples.subarray(from, to), at + from);
  }
  return timeline;
}

/** A packet from which the places of others are counted, in samples of the timeline. */
type Anchor = { readonly ssrc: number; readonly timestamp: number; readonly at: number };

function placeBy(anchor: Anchor | null, ssrc: number, timestamp: number): number | null {
  if (anchor === null || anchor.ssrc !== ssrc) return null;
  // Timestamps wrap at 2^32: their difference is a signed word.
  return anchor.at + ((timestamp - anchor.timestamp) | 0);
}
