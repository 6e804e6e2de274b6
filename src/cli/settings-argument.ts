/** The `--config FILE` that several commands share. */
import { loadSettings, type SettingsProblem } from '../config/load-settings.ts';
import type { Settings } from '../config/settings.ts';

/** Wrong settings (sysexits.h). */
export const EX_CONFIG = 78;

/** The complete settings, or null after every problem was printed to standard error. */
export function settingsOrComplaint(path: string | undefined): Settings | null {
  const settings = loadSettings(path ?? null, process.env);
  if (settings.ok) return settings.value;
  process.stderr.write(complaint(path, settings.problem));
  return null;
}

function complaint(path: string | undefined, problems: readonly SettingsProblem[]): string {
  const where = path ?? 'built-in defaults and BRUSIO_… variables';
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return `brusio: ${count} in ${where}\n${problems.map((one) => `  ${one.path}: ${one.message}\n`).join('')}`;
}
