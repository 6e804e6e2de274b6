/**
 * `brusio make-ambience`: writes the ambience clips, their encodings and `manifest.json`, or checks that the ones there
 * are what the code makes.
 */
import { parseArgs } from 'node:util';
import { CLIP_RECIPES } from '../../audio/clip-recipes.ts';
import { elapsedMs, systemClock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import { EX_USAGE } from '../settings-argument.ts';
import { checkAudioFolder, readAudioFolder, writeAudioFolder } from './audio-folder.ts';
import { buildFrameEncoder } from './frame-encoder.ts';
import { renderClips } from './render-clips.ts';

const USAGE = `Usage: brusio make-ambience [--clip <name>] [--seed <n>] [--out <folder>] [--encodings | --check]

Synthesizes the ambience clips from code and a seed, the same octets on every machine, and writes
<folder>/manifest.json and, per clip, a 16 kHz master and its encodings: A-law, µ-law and G.722.

  --clip <name>   only this one: ${CLIP_RECIPES.map(({ name }) => name).join(', ')}
  --seed <n>      instead of each clip's own: a whole number, 0 to 4294967295
  --out <folder>  where to write, or what to check (default audio)
  --encodings     also Opus and G.729 at each of six levels, by a small C program of ours, which needs
                  apt-get install gcc libc6-dev pkg-config libopus-dev libbcg729-dev; takes minutes
  --check         write nothing; exit 1 when a file is not what the code makes. Opus and G.729 are
                  checked by their hash and by that of the master they were made from
  --help          this text

Without --encodings those that are there stay, as long as their master stays the same.
`;

/** Runs the command with the arguments after its name; the exit status: 0, 1 (failed), 64 (wrong arguments). */
export async function makeAmbience(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${USAGE}`);
    return EX_USAGE;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    return await make(options, (step) => process.stderr.write(`make-ambience: ${step}\n`));
  } catch (thrown) {
    process.stderr.write(`make-ambience: ${describeError(thrown)}\n`);
    return 1;
  }
}

async function make(options: Options, report: (step: string) => void): Promise<number> {
  const beganMs = systemClock.monotonicMs();
  const encoder = options.encodings ? buildFrameEncoder() : null;
  try {
    const recipes = CLIP_RECIPES.filter(({ name }) => options.clip === null || name === options.clip);
    const orders = recipes.map(({ name, seed }) => ({
      ...{ name, seed: options.seed ?? seed },
      encoder: encoder === null ? null : { path: encoder.path, versions: encoder.versions },
    }));
    const rendered = await renderClips(orders, report);
    report(`rendered in ${(elapsedMs(beganMs, systemClock.monotonicMs()) / 1000).toFixed(1)} s`);
    const there = await readAudioFolder(options.out);
    if (options.check) return checkAudioFolder(options.out, there, rendered, report);
    await writeAudioFolder(options.out, there, rendered, report);
    return 0;
  } finally {
    encoder?.remove();
  }
}

type Options = {
  readonly clip: string | null;
  readonly seed: number | null;
  readonly out: string;
  readonly encodings: boolean;
  readonly check: boolean;
  readonly help: boolean;
};

function readOptions(argv: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        clip: { type: 'string' },
        seed: { type: 'string' },
        out: { type: 'string', default: 'audio' },
        encodings: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const { clip = null, seed = null, ...rest } = values;
    if (clip !== null && !CLIP_RECIPES.some(({ name }) => name === clip)) return `--clip ${clip}: no such clip`;
    if (seed !== null && (!/^\d+$/.test(seed) || Number(seed) > 0xffffffff)) {
      return `--seed ${seed}: a whole number is needed`;
    }
    if (rest.check && rest.encodings) return '--check and --encodings: choose one';
    return { clip, seed: seed === null ? null : Number(seed), ...rest };
  } catch (thrown) {
    return describeError(thrown);
  }
}
