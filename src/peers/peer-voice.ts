import { toInt16 } from '../audio/wav.ts';

/**
 * What the peers say: sounds made by arithmetic that no ear and no detector takes for the ambience or for each other.
 * Frame `index` of a source is the same 160 samples whenever it is asked for.
 */
export type AudioSource = (index: number) => Int16Array;

/** Samples of one frame: 20 ms at 8 kHz. */
export const FRAME_SAMPLES = 160;

/** The notes of the agent's melody (C5, E5, G5, C6). */
export const AGENT_NOTES_HZ: readonly number[] = [523.25, 659.26, 783.99, 1046.5];

/** The two pitches of the called person's "hel-lo?". */
export const CALLEE_PITCHES_HZ: readonly number[] = [330, 440];

/** The Italian ringing tone, as a carrier plays it in early media (ITU-T E.180). */
export const RINGING_TONE_HZ = 425;

const SAMPLE_RATE_HZ = 8000;

/** Nothing at all: what a dialer without an agent sends. */
export const silence: AudioSource = () => new Int16Array(FRAME_SAMPLES);

/** The agent: a melody of four notes of 240 ms, each struck and fading like a marimba's, without end. */
export const agentMelody: AudioSource = loopOf(() => {
  const noteSamples = 0.24 * SAMPLE_RATE_HZ;
  return Float64Array.from({ length: noteSamples * AGENT_NOTES_HZ.length }, (_, i) => {
    const hz = AGENT_NOTES_HZ[Math.floor(i / noteSamples)] ?? 0;
    const seconds = (i % noteSamples) / SAMPLE_RATE_HZ;
    const strike = Math.min(1, seconds / 0.005) * Math.exp(-seconds / 0.2);
    return 11_000 * strike * (sine(hz, seconds) + 0.15 * sine(3 * hz, seconds));
  });
});

/** The called person: two voiced syllables, the second higher, then a wait for somebody to answer; every 2 s. */
export const calleeGreeting: AudioSource = loopOf(() =>
  Float64Array.from({ length: 2 * SAMPLE_RATE_HZ }, (_, i) => {
    const seconds = i / SAMPLE_RATE_HZ;
    const second = seconds >= 0.22;
    const within = second ? seconds - 0.22 : seconds;
    const length = second ? 0.3 : 0.18;
    if (within >= length) return 0;
    const pitch = CALLEE_PITCHES_HZ[second ? 1 : 0] ?? 0;
    let voice = 0;
    for (let harmonic = 1; harmonic <= 6; harmonic++) voice += sine(harmonic * pitch, within) / harmonic ** 1.5;
    return 5_000 * Math.sin((Math.PI * within) / length) * voice;
  }),
);

/** A steady ringing tone: without its pauses, so that a short listen is enough to hear it. */
export const ringingTone: AudioSource = loopOf(() =>
  Float64Array.from({ length: SAMPLE_RATE_HZ }, (_, i) => 4_000 * sine(RINGING_TONE_HZ, i / SAMPLE_RATE_HZ)),
);

function loopOf(make: () => Float64Array): AudioSource {
  let samples: Int16Array | null = null;
  return (index) => {
    samples ??= toInt16(make());
    const start = (index * FRAME_SAMPLES) % samples.length;
    return samples.subarray(start, start + FRAME_SAMPLES);
  };
}

function sine(hz: number, seconds: number): number {
  return Math.sin(2 * Math.PI * hz * seconds);
}
