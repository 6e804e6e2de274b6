/**
 * The codecs of libraries, Opus and G.729, for building clips: a C program of ours, `audio/encode-frames.c`, compiled
 * into a temporary folder against Debian's libopus and bcg729. Nothing of it is needed to run Brusio.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loopFaults, measureLoop } from '../../audio/clip-acceptance.ts';
import type { CodecName } from '../../audio/codec.ts';
import type { ForeignCodec } from '../../audio/render-clip.ts';
import { AppError } from '../../base/errors.ts';

/** `audio/` beside `src/` and beside `dist/`. */
const SOURCE = fileURLToPath(new URL('../../../audio/encode-frames.c', import.meta.url));
const PACKAGES = ['gcc', 'libc6-dev', 'pkg-config', 'libopus-dev', 'libbcg729-dev'] as const;
/** More than a minute of 16 kHz sound. */
const OUTPUT_OCTETS_MAX = 16 * 1024 * 1024;

/** The C program could not be built or did not do its work; the message says what to install. */
class FrameEncoderFailed extends AppError {
  constructor(message: string) {
    super('ambience.encoder-failed', message);
  }
}

/** A built `encode-frames`, to be removed when done. */
export type FrameEncoder = { readonly path: string; readonly versions: FrameEncoderVersions; remove(): void };

type FrameEncoderVersions = { readonly opus: string; readonly bcg729: string };

/** Compiles the program; throws with the `apt-get` line to call where a compiler or a library is missing. */
export function buildFrameEncoder(): FrameEncoder {
  const folder = mkdtempSync(join(tmpdir(), 'brusio-encode-frames-'));
  const path = join(folder, 'encode-frames');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const { status, stderr, error } = spawnSync('cc', ['-O2', '-o', path, SOURCE, '-lopus', '-lbcg729', '-lm'], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    remove();
    const why = error?.message ?? stderr.trim().split('\n').slice(0, 3).join('; ');
    throw new FrameEncoderFailed(
      `encode-frames.c does not compile here (${why}). On Debian: apt-get install ${PACKAGES.join(' ')}`,
    );
  }
  return { path, versions: versions(path), remove };
}

/** The two codecs of a built program. */
export function foreignCodecs({ path, versions: { opus, bcg729 } }: Omit<FrameEncoder, 'remove'>): ForeignCodec[] {
  return [
    {
      ...{ name: 'opus', sampleRateHz: 16000, encoder: `${opus}, CELT, wideband, 16 kbit/s hard CBR` },
      encode: (loop) => run(path, ['encode', 'opus'], octetsOf(loop)),
      decode: (octets) => samplesOf(run(path, ['decode', 'opus'], octets)),
      faults: faultsIn('opus'),
    },
    {
      ...{ name: 'G729', sampleRateHz: 8000, encoder: `bcg729 ${bcg729}, Annex A` },
      encode: (loop) => run(path, ['encode', 'g729'], octetsOf(loop)),
      decode: (octets) => samplesOf(run(path, ['decode', 'g729'], octets)),
      faults: faultsIn('G729'),
    },
  ];
}

/** Whether a loop sounds as an ambience must. */
function faultsIn(codec: CodecName): ForeignCodec['faults'] {
  return (band) => loopFaults(measureLoop(band, codec));
}

function versions(path: string): FrameEncoderVersions {
  const opus = execFileSync(path, ['version'], { encoding: 'utf8' }).trim();
  // bcg729 tells no version to a program; its package does.
  const { status, stdout } = spawnSync('pkg-config', ['--modversion', 'libbcg729'], { encoding: 'utf8' });
  return { opus, bcg729: status === 0 ? stdout.trim() : '(version unknown)' };
}

function run(path: string, args: readonly string[], input: Uint8Array): Uint8Array {
  const { status, stdout, stderr, error } = spawnSync(path, args, { input, maxBuffer: OUTPUT_OCTETS_MAX });
  if (status === 0) return stdout;
  throw new FrameEncoderFailed(`encode-frames ${args.join(' ')}: ${error?.message ?? stderr}`);
}

/** Little-endian, as every machine has it that Node's 16-bit arrays are written on. */
function octetsOf(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

function samplesOf(octets: Uint8Array): Int16Array {
  return new Int16Array(octets.buffer.slice(octets.byteOffset, octets.byteOffset + octets.byteLength));
}
