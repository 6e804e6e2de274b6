/** WAV files that a user agent plays, and how loud what it recorded is. 16-bit mono at 8 kHz throughout. */
import { readFileSync, writeFileSync } from 'node:fs';

const RATE_HZ = 8_000;
const WAV_HEADER_OCTETS = 44;
const AMPLITUDE = 8_000;

/** Writes a steady tone; returns the path. */
export function toneFile(path: string, frequencyHz: number, seconds: number): string {
  const samples = Buffer.alloc(RATE_HZ * seconds * 2);
  for (let n = 0; n < RATE_HZ * seconds; n += 1)
    samples.writeInt16LE(Math.round(AMPLITUDE * Math.sin((2 * Math.PI * frequencyHz * n) / RATE_HZ)), n * 2);
  const header = Buffer.alloc(WAV_HEADER_OCTETS);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE_HZ, 24);
  header.writeUInt32LE(RATE_HZ * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.length, 40);
  writeFileSync(path, Buffer.concat([header, samples]));
  return path;
}

/** The samples of a recording; none while it has no samples yet. */
export function samplesOf(path: string): Int16Array {
  const file = readFileSync(path);
  const at = file.indexOf('data', 12, 'latin1');
  const data = at === -1 ? Buffer.alloc(0) : file.subarray(at + 8);
  const samples = new Int16Array(data.length >> 1);
  for (let n = 0; n < samples.length; n += 1) samples[n] = data.readInt16LE(n * 2);
  return samples;
}

/** How many 100 ms stretches of a recording hold something else than silence (louder than −60 dB below full scale). */
export function soundingStretches(samples: Int16Array): number {
  return stretches(samples).filter((stretch) => Math.sqrt(power(stretch)) > 32_768 / 1_000).length;
}

/** How many 100 ms stretches are mostly a tone of this frequency: over half of their power (Goertzel). */
export function toneStretches(samples: Int16Array, frequencyHz: number): number {
  return stretches(samples).filter((stretch) => {
    const all = power(stretch);
    return all > 100 && tonePower(stretch, frequencyHz) > all / 2;
  }).length;
}

function stretches(samples: Int16Array): Int16Array[] {
  const length = RATE_HZ / 10;
  return Array.from({ length: Math.floor(samples.length / length) }, (_, n) =>
    samples.subarray(n * length, (n + 1) * length),
  );
}

function power(samples: Int16Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
}

function tonePower(samples: Int16Array, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / RATE_HZ);
  let [before, last] = [0, 0];
  for (const sample of samples) [before, last] = [last, sample + coefficient * last - before];
  const energy = before * before + last * last - coefficient * before * last;
  return (2 * energy) / samples.length ** 2;
}
