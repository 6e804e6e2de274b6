/** The `--config FILE` that several commands share. */
import { parseArgs } from 'node:util';
import { describeError } from '../base/errors.ts';
import { loadSettings, type SettingsProblem } from '../config/load-settings.ts';
import type { Settings } from '../config/settings.ts';

/** Wrong settings (sysexits.h). */
export const EX_CONFIG = 78;

/** Wrong usage (sysexits.h). */
export const EX_USAGE = 64;

/**
 * What `--config FILE` (or its absence) and the environment say; or, after everything was said, the exit code of a
 * command that has nothing more to do: 0 for `--help`, 64 for wrong usage, 78 for wrong settings.
 */
export function settingsArgument(argv: readonly string[], usage: string): Settings | number {
  let values: { config?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: { config: { type: 'string', short: 'c' }, help: { type: 'boolean', short: 'h' } },
    }));
  } catch (thrown) {
    process.stderr.write(`brusio: ${describeError(thrown)}\n\n${usage}`);
    return EX_USAGE;
  }
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const settings = loadSettings(values.config ?? null, process.env);
  if (settings.ok) return settings.value;
  process.stderr.write(complaint(values.config, settings.problem));
  return EX_CONFIG;
}

/** Every problem with its path, as the program says it before it exits 78. */
export function complaint(path: string | undefined, problems: readonly SettingsProblem[]): string {
  const where = path ?? 'built-in defaults and BRUSIO_… variables';
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return `brusio: ${count} in ${where}\n${problems.map((one) => `  ${one.path}: ${one.message}\n`).join('')}`;
}
