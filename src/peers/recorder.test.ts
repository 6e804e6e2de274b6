import { describe, expect, it } from 'vitest';
import { LAWS } from '../audio/codec.ts';
import type { MonotonicMs } from '../base/clock.ts';
import { createRecorder } from './recorder.ts';
import {
  firstPacketAfterMs,
  levelBetweenDbov,
  longestGap,
  packetsBeforeAnswer,
  streamFaults,
} from './recording-measures.ts';
import type { ArrivedPacket } from './rtp-endpoint.ts';

const ms = (value: number) => value as MonotonicMs;
const octet = (sample: number) => LAWS.PCMA.encode(Int16Array.of(sample))[0] ?? 0;

function packet(atMs: number, index: number, changes: Partial<ArrivedPacket> = {}): ArrivedPacket {
  return {
    atMs: ms(atMs),
    keptMs: 0,
    payloadType: 8,
    sequence: (65_534 + index) & 0xffff,
    timestamp: (2 ** 32 - 320 + index * 160) >>> 0,
    ssrc: 7,
    marker: index === 0,
    payload: new Uint8Array(160).fill(octet(1_000 * (index + 1))),
    ...changes,
  };
}

/** The moments, in ms, at which the level changes: what an editor would show. */
function steps(samples: Int16Array): number[] {
  const at: number[] = [];
  for (let i = 0; i < samples.length; i++) if (samples[i] !== (samples[i - 1] ?? 0)) at.push(i / 8);
  return at;
}

describe('a recorder', () => {
  it('lays packets out from the answer by their timestamps, over the wrap and whatever their jitter', () => {
    const recorder = createRecorder();
    recorder.answered(ms(1_000));
    for (const [index, late] of [5, 29, 41, 70].entries()) recorder.hear(packet(1_000 + late, index), LAWS.PCMA);
    recorder.ended(ms(1_100));
    const recording = recorder.recording();
    expect(recording.samples).toHaveLength(800);
    expect(steps(recording.samples)).toEqual([5, 25, 45, 65, 85]);
    expect(streamFaults(recording)).toEqual({ ssrcs: 1, breaks: [] });
  });

  it('leaves out what came before the answer and after the end', () => {
    const recorder = createRecorder();
    recorder.hear(packet(980, 0), LAWS.PCMA);
    recorder.answered(ms(1_010));
    recorder.hear(packet(1_010, 1), LAWS.PCMA);
    recorder.ended(ms(1_020));
    recorder.hear(packet(1_030, 2), LAWS.PCMA);
    const recording = recorder.recording();
    expect(recording.samples).toHaveLength(80);
    expect(recording.packets).toHaveLength(2);
    expect(packetsBeforeAnswer(recording)).toBe(1);
    expect(firstPacketAfterMs(recording)).toBe(0);
  });

  it('starts anew where another stream, or a leap of the timestamp, arrives', () => {
    const recorder = createRecorder();
    recorder.answered(ms(0));
    recorder.hear(packet(0, 0), LAWS.PCMA);
    recorder.hear(packet(50, 1, { ssrc: 8, timestamp: 99 }), LAWS.PCMA);
    recorder.hear(packet(100, 2, { ssrc: 8, timestamp: 99_999 }), LAWS.PCMA);
    const recording = recorder.recording();
    expect(steps(recording.samples)).toEqual([0, 20, 50, 70, 100]);
    expect(streamFaults(recording)).toEqual({
      ssrcs: 2,
      breaks: [{ atMs: 100, sequenceBy: 1, timestampBy: 99_900 }],
    });
  });

  it('knows the longest time without a packet, the edges included', () => {
    const recorder = createRecorder();
    recorder.answered(ms(0));
    for (const [index, atMs] of [10, 30, 95, 110].entries()) recorder.hear(packet(atMs, index), LAWS.PCMA);
    const recording = recorder.recording();
    expect(longestGap(recording, 0, 120)).toEqual({ atMs: 30, durationMs: 65 });
    expect(longestGap(recording, 0, 200)).toEqual({ atMs: 110, durationMs: 90 });
    recorder.hear(packet(190, 4, { keptMs: 30 }), LAWS.PCMA);
    expect(longestGap(recorder.recording(), 0, 200).durationMs).toBe(65);
    expect(longestGap({ ...recording, packets: [] }, 0, 40)).toEqual({ atMs: 0, durationMs: 40 });
  });

  it('hears a hole in the timestamps even if its own thread was too busy to see one in the arrivals', () => {
    const recorder = createRecorder();
    recorder.answered(ms(0));
    recorder.hear(packet(5, 0), LAWS.PCMA);
    recorder.hear(packet(105, 1, { keptMs: 90, timestamp: packet(0, 5).timestamp, marker: true }), LAWS.PCMA);
    expect(longestGap(recorder.recording(), 0, 110)).toEqual({ atMs: 5, durationMs: 100 });
  });

  it('measures the level between two moments', () => {
    const recorder = createRecorder();
    recorder.answered(ms(0));
    recorder.hear(packet(40, 0, { payload: new Uint8Array(160).fill(octet(16_384)) }), LAWS.PCMA);
    const recording = recorder.recording();
    expect(levelBetweenDbov(recording, 0, 40)).toBe(-127);
    expect(levelBetweenDbov(recording, 40, 60)).toBeCloseTo(-6, 0);
  });

  it('has no timeline without an answer', () => {
    const recorder = createRecorder();
    recorder.hear(packet(0, 0), LAWS.PCMA);
    expect(recorder.recording()).toMatchObject({ answeredAtMs: null, samples: new Int16Array() });
  });
});
