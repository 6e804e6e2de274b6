/** The arguments that the actions of `brusio clip` share. */
import { parseArgs } from 'node:util';
import { describeError } from '../../base/errors.ts';
import { clipsDirOf, SHIPPED_CLIPS_DIR } from '../../config/clip-catalogue.ts';
import { loadSettings } from '../../config/load-settings.ts';
import { complaint, EX_CONFIG } from '../settings-argument.ts';

/** Wrong arguments, in words; the usage is shown after them. */
export class WrongUsage extends Error {}

/** What a person gave. */
export type ClipArguments = {
  readonly positionals: readonly string[];
  readonly name: string | null;
  readonly title: string | null;
  readonly level: string | null;
  readonly seamless: boolean;
  readonly replace: boolean;
  readonly announcement: boolean;
  readonly shippedDir: string;
  readonly ownDir: string;
};

const OPTIONS = {
  name: { type: 'string' },
  title: { type: 'string' },
  level: { type: 'string' },
  seamless: { type: 'boolean' },
  replace: { type: 'boolean' },
  announcement: { type: 'boolean' },
  config: { type: 'string', short: 'c' },
  out: { type: 'string' },
} as const;

/** Reads them; an exit status, after everything was said, when the settings are wrong. Throws `WrongUsage`. */
export function clipArguments(argv: readonly string[]): ClipArguments | number {
  let given: ReturnType<typeof parse>;
  try {
    given = parse(argv);
  } catch (thrown) {
    throw new WrongUsage(describeError(thrown));
  }
  const { values, positionals } = given;
  let ownDir = values.out;
  if (ownDir === undefined) {
    const settings = loadSettings(values.config ?? null, process.env);
    if (!settings.ok) {
      process.stderr.write(complaint(values.config, settings.problem));
      return EX_CONFIG;
    }
    ownDir = clipsDirOf(settings.value);
  }
  const { name = null, title = null, level = null } = values;
  const { seamless = false, replace = false, announcement = false } = values;
  return { positionals, name, title, level, seamless, replace, announcement, shippedDir: SHIPPED_CLIPS_DIR, ownDir };
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: withLevelJoined(argv), options: OPTIONS, allowPositionals: true });
}

/** `parseArgs` takes a value that begins with a dash, as every level does, only as `--level=-33`. */
function withLevelJoined(argv: readonly string[]): string[] {
  const at = argv.indexOf('--level');
  if (at === -1 || !/^-\d/.test(argv[at + 1] ?? '')) return [...argv];
  return [...argv.slice(0, at), `--level=${argv[at + 1]}`, ...argv.slice(at + 2)];
}
