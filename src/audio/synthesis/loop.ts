/**
 * Sound on a circle: whatever rings on past the loop's end goes on at its beginning, so the loop has no seam.
 */
export type Filter = (sample: number) => number;

/** Adds `sound`, times `gain`, into `loop` from sample `start` on (any whole number), around the end. */
export function mixInto(loop: Float64Array, sound: Float64Array, start: number, gain = 1): void {
  const length = loop.length;
  let at = ((start % length) + length) % length;
  // In straight runs up to the loop's end, so that no sample is asked whether it is the last.
  for (let done = 0; done < sound.length; at = 0) {
    const run = Math.min(sound.length - done, length - at);
    for (let i = 0; i < run; i++) loop[at + i] = (loop[at + i] ?? 0) + gain * (sound[done + i] ?? 0);
    done += run;
  }
}

/** Multiplies every sample, in place; the same array, for chaining. */
export function amplify(sound: Float64Array, gain: number): Float64Array {
  for (let i = 0; i < sound.length; i++) sound[i] = (sound[i] ?? 0) * gain;
  return sound;
}

/**
 * A filter's answer to the loop played for ever: the filter first hears the loop's last `memory` samples, by when what
 * it remembers of silence has died away.
 */
export function filterLoop(loop: Float64Array, filter: Filter, memory: number): Float64Array {
  const length = loop.length;
  const filtered = new Float64Array(length);
  for (let i = memory; i > 0; i--) filter(loop[(length - (i % length)) % length] ?? 0);
  for (let i = 0; i < length; i++) filtered[i] = filter(loop[i] ?? 0);
  return filtered;
}

/** Root mean square. */
export function rms(samples: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += (samples[i] ?? 0) * (samples[i] ?? 0);
  return Math.sqrt(sum / Math.max(1, samples.length));
}

/** Root mean square of the parts that are not silent: over the 20 ms blocks above a tenth of the loudest one. */
export function activeRms(samples: Float64Array, blockLength: number): number {
  const powers: number[] = [];
  for (let start = 0; start < samples.length; start += blockLength) {
    const level = rms(samples.subarray(start, start + blockLength));
    powers.push(level * level);
  }
  const floor = powers.reduce((highest, power) => Math.max(highest, power), 0) / 100;
  const active = powers.filter((power) => power > floor);
  return Math.sqrt(active.reduce((sum, power) => sum + power, 0) / Math.max(1, active.length));
}
