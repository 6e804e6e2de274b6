/** The arguments that the actions of `brusio screening` share, and the lists they lead to. */
import { parseArgs } from 'node:util';
import { screeningOf } from '../../app-screening.ts';
import { systemClock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import { loadSettings } from '../../config/load-settings.ts';
import { numberKeysOf } from '../../config/number-key.ts';
import { numberKeyPath } from '../../config/privacy-settings.ts';
import type { Settings } from '../../config/settings.ts';
import type { Screening } from '../../guard/screening-port.ts';
import { databasePlace } from '../../store/database-place.ts';
import { visitDatabase } from '../../store/visit-database.ts';
import { complaint, EX_CONFIG } from '../settings-argument.ts';

/** Wrong arguments, in words; the usage is shown after them. */
export class WrongUsage extends Error {}

const OPTIONS = {
  controller: { type: 'string' },
  'checked-at': { type: 'string' },
  column: { type: 'string' },
  numbers: { type: 'string' },
  number: { type: 'string' },
  confirm: { type: 'string' },
  reference: { type: 'string' },
  json: { type: 'boolean' },
  config: { type: 'string', short: 'c' },
} as const;

/** What a person gave, and the settings. */
export type ScreeningArguments = {
  readonly positionals: readonly string[];
  readonly controller: string | null;
  readonly checkedAt: string | null;
  readonly column: string | null;
  readonly form: string | null;
  readonly number: string | null;
  readonly confirm: string | null;
  readonly reference: string | null;
  readonly asJson: boolean;
  readonly settings: Settings;
};

/** Reads them; an exit status, after everything was said, when the settings are wrong. Throws `WrongUsage`. */
export function screeningArguments(
  argv: readonly string[],
  allowed: readonly (keyof typeof OPTIONS)[],
): ScreeningArguments | number {
  let given: ReturnType<typeof parse>;
  try {
    given = parse(argv);
  } catch (thrown) {
    throw new WrongUsage(describeError(thrown));
  }
  const { values, positionals } = given;
  const foreign = Object.keys(values).find((name) => ![...allowed, 'json', 'config'].some((known) => known === name));
  if (foreign !== undefined) throw new WrongUsage(`--${foreign} is no option of this action`);
  const settings = loadSettings(values.config ?? null, process.env);
  if (!settings.ok) {
    process.stderr.write(complaint(values.config, settings.problem));
    return EX_CONFIG;
  }
  const { controller = null, column = null, numbers: form = null, number = null, json: asJson = false } = values;
  const { confirm = null, reference = null } = values;
  const checkedAt = values['checked-at'] ?? null;
  return {
    positionals,
    controller,
    checkedAt,
    column,
    form,
    number,
    confirm,
    reference,
    asJson,
    settings: settings.value,
  };
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
}

/** Which settings know. */
export function knownControllers({ campaigns }: Settings): ReadonlySet<string> {
  return new Set([campaigns.controller, ...campaigns.named.flatMap(({ controller }) => controller ?? [])]);
}

/** The lists in the settings' database, which is made if there is none. Rejects with AppError `store.…`, `config.number-key`. */
export async function openScreening(settings: Settings): Promise<Screening> {
  const { database, data } = settings;
  const place = databasePlace({ url: database.url, dataDir: data.dir, process: database.process });
  await visitDatabase(place, systemClock);
  return screeningOf(settings, place, numberKeysOf(numberKeyPath(settings), systemClock.now().wallMs));
}
