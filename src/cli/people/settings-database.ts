/** The settings' database and digest keys, for a command beside a running Brusio or without one. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { createNumberDigests, type NumberDigests } from '../../base/number-digest.ts';
import { homeJurisdiction } from '../../config/campaign-jurisdictions.ts';
import { readNumberKeys, type StoredNumberKey } from '../../config/number-key.ts';
import { numberKeyPath } from '../../config/privacy-settings.ts';
import type { Settings } from '../../config/settings.ts';
import { digestPlan, type NumberPlan } from '../../policy/telephone-number.ts';
import type { Connection } from '../../store/connection.ts';
import { databasePlace } from '../../store/database-place.ts';
import { joinDatabase } from '../../store/open-database.ts';
import { DATABASE_FILE } from '../../store/sqlite/sqlite-database.ts';
import { visitDatabase } from '../../store/visit-database.ts';

/** How numbers are digested under the settings. */
export type SettingsNumbers = {
  readonly keys: readonly [StoredNumberKey, ...StoredNumberKey[]];
  readonly digests: NumberDigests;
  readonly plan: NumberPlan;
};

/** Reads the key file, which must be there: one made now would find nothing. Throws AppError `config.number-key`. */
export function settingsNumbers(settings: Settings): SettingsNumbers {
  const keys = readNumberKeys(numberKeyPath(settings));
  const { admission } = homeJurisdiction(settings);
  return { keys, digests: createNumberDigests(keys), plan: digestPlan(settings.numbers, admission.countryCode) };
}

/**
 * Does something with a connection of its own. Rejects with AppError `store.cannot-open`, also where there is no SQLite file:
 * one made now would say that there were no calls, to somebody who only named the wrong folder.
 */
export async function withDatabase<T>(
  { database: { url, process: name }, data }: Settings,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const file = join(resolve(data.dir), DATABASE_FILE);
  if (url === null && !existsSync(file)) {
    throw new AppError('store.cannot-open', `there is no database ${file}: name its folder by data.dir or BRUSIO_DATA`);
  }
  const place = databasePlace({ url, dataDir: data.dir, process: name });
  await visitDatabase(place, systemClock);
  const database = await joinDatabase(place, 'command', systemClock);
  try {
    return await work(await database.connection());
  } finally {
    await database.close();
  }
}
