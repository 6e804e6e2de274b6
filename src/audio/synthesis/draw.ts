import { type Random, seededRandom } from '../../base/random.ts';

/** A generator of its own for each ingredient, so that changing one leaves the others' samples as they were. */
export function randomFor(seed: number, ingredient: string): Random {
  // FNV-1a over the name, from the seed.
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const character of ingredient) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return seededRandom(hash);
}

/** Uniform in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** A whole number, low and high included. */
export function wholeBetween(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** Roughly normal with deviation 1, never beyond ±3: the sum of four uniform numbers. */
export function bell(random: Random): number {
  return (random() + random() + random() + random() - 2) * Math.sqrt(3);
}

/** True with this probability. */
export function chance(random: Random, probability: number): boolean {
  return random() < probability;
}

/** One of a list that is not empty. */
export function pick<T>(random: Random, list: readonly [T, ...T[]]): T {
  return list[Math.floor(random() * list.length)] ?? list[0];
}

/** White noise, uniform in [−1, 1). */
export function noise(random: Random, length: number): Float64Array {
  return Float64Array.from({ length }, () => 2 * random() - 1);
}
