/** The arguments that the commands about numbers of people share. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { describeError } from '../../base/errors.ts';
import { loadSettings } from '../../config/load-settings.ts';
import type { Settings } from '../../config/settings.ts';
import { complaint, EX_CONFIG, EX_USAGE } from '../settings-argument.ts';

/** What a person gave, and the settings. */
export type PeopleArguments = {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly settings: Settings;
};

/** Runs a command with its arguments read: `--config` and `--help` beside its own. Every problem is said; the exit status. */
export async function withPeopleArguments(
  argv: readonly string[],
  usage: string,
  options: NonNullable<ParseArgsConfig['options']>,
  work: (given: PeopleArguments) => Promise<number>,
): Promise<number> {
  const misused = (problem: string) => {
    process.stderr.write(`brusio: ${problem}\n\n${usage}`);
    return EX_USAGE;
  };
  let parsed: { values: Record<string, string | boolean | undefined>; positionals: string[] };
  try {
    const own = { config: { type: 'string', short: 'c' }, help: { type: 'boolean', short: 'h' } } as const;
    parsed = parseArgs({ args: [...argv], options: { ...options, ...own }, allowPositionals: true }) as typeof parsed;
  } catch (thrown) {
    return misused(describeError(thrown));
  }
  const { values, positionals } = parsed;
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const file = typeof values.config === 'string' ? values.config : null;
  const settings = loadSettings(file, process.env);
  if (!settings.ok) {
    process.stderr.write(complaint(file ?? undefined, settings.problem));
    return EX_CONFIG;
  }
  try {
    return await work({ positionals, values, settings: settings.value });
  } catch (thrown) {
    if (thrown instanceof WrongUsage) return misused(thrown.message);
    process.stderr.write(`brusio: ${describeError(thrown)}\n`);
    return 1;
  }
}

/** Wrong arguments, in words; the usage is shown after them. */
export class WrongUsage extends Error {}
