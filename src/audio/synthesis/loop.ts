/**
 * Sound on a circle: whatever rings on past the loop's end goes on at its beginning, so the loop has no seam.
 */
export type Filter = (sample: number) => number;

/** Adds `sound`, times `gain`, into `loop` from sample `start` on (any whole number), around the end. */
export function mixInto(loop: Float64Array, sound: Float64Array, start: number, gain = 1): void {
  const length = loop.length;
  let at = ((start % length) + length) % length;
  for (let i = 0; i < sound.length; i++) {
    loop[at] = (loop[at] ?? 0) + gain * (sound[i] ?? 0);
    if (++at === length) at = 0;
  }
}

/**
 * A filter's answer to the loop played for ever: the filter first hears the loop's last `memory` samples, by when what
 * it remembers of silence has died away.
 */
export function filterLoop(loop: Float64Array, filter: Filter, memory: number): Float64Array {
  const length = loop.length;
  for (let i = memory; i > 0; i--) filter(loop[(length - (i % length)) % length] ?? 0);
  return loop.map(filter);
}

/** Root mean square. */
export function rms(samples: Float64Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length));
}

/** Root mean square of the parts that are not silent: over the 20 ms blocks above a tenth of the loudest one. */
export function activeRms(samples: Float64Array, blockLength: number): number {
  const powers: number[] = [];
  for (let start = 0; start < samples.length; start += blockLength) {
    powers.push(rms(samples.subarray(start, start + blockLength)) ** 2);
  }
  const floor = powers.reduce((highest, power) => Math.max(highest, power), 0) / 100;
  const active = powers.filter((power) => power > floor);
  return Math.sqrt(active.reduce((sum, power) => sum + power, 0) / Math.max(1, active.length));
}
