/** Where the database is. Apart from what opens it, so that the main thread loads no SQL. */
import { randomToken } from '../base/random.ts';
import { DATABASE_TIMES, type DatabaseTimes } from './store-limits.ts';

/** Which database, and who we are there. Plain data: every thread opens its own connection. */
export type DatabasePlace = DatabaseTimes & {
  /** PostgreSQL's `postgres://…`; null: SQLite in `dataDir`. */
  readonly url: string | null;
  readonly dataDir: string;
  /** Name of this process (`database.process`). */
  readonly process: string;
  /** Tells this run of the process from every other: the same in all its threads. */
  readonly run: string;
};

/** The place that the settings name, for this run. */
export function databasePlace(
  settings: Pick<DatabasePlace, 'url' | 'dataDir' | 'process'>,
  times: DatabaseTimes = DATABASE_TIMES,
): DatabasePlace {
  return { ...settings, ...times, run: randomToken(6) };
}
