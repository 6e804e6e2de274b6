/** Whether the PostgreSQL of the settings can be used. SQLite's folder is looked at with the machine. */

import { systemClock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import { randomToken } from '../../base/random.ts';
import type { Settings } from '../../config/settings.ts';
import { inspectPostgresql, type PostgresqlReport } from '../../store/postgresql/inspect.ts';
import { DATABASE_TIMES } from '../../store/store-limits.ts';
import { type Finding, good, problem, warning } from './finding.ts';

/** Clocks that differ by more tell of one call in different orders. */
const CLOCK_MS_MAX = 500;
/** A group of changes takes four; more delays what is told of calls, and the rulings of INVITEs. */
const ROUND_TRIP_MS_MAX = 5;

const WHAT = 'PostgreSQL';

/** @param isRunning a Brusio with these settings answers already: the name is its own */
export async function databaseFindings({ database }: Settings, isRunning: boolean): Promise<readonly Finding[]> {
  const { url, process } = database;
  if (url === null) return [];
  try {
    const place = { ...DATABASE_TIMES, url, process, run: randomToken(6) };
    return reportFindings(await inspectPostgresql(place, systemClock), process, isRunning);
  } catch (thrown) {
    return [
      problem(
        WHAT,
        describeError(thrown),
        'see that the server runs, that database.url names it, and that pg_hba.conf lets its user in',
      ),
    ];
  }
}

/** What a report means; pure. */
export function reportFindings(report: PostgresqlReport, process: string, isRunning: boolean): readonly Finding[] {
  const findings = [
    serverFinding(report),
    schemaFinding(report),
    nameFinding(report, process, isRunning),
    ...safetyFindings(report),
    clockFinding(report),
  ];
  if (report.roundTripMs > ROUND_TRIP_MS_MAX) {
    const found = `a question and its answer take ${report.roundTripMs.toFixed(1)} ms`;
    findings.push(warning(WHAT, found, 'put it nearer: every call is ruled on by it before it is placed'));
  }
  return findings;
}

function serverFinding({ version, versionMin, encoding, isStandby }: PostgresqlReport): Finding {
  if (version < versionMin) return problem(WHAT, `version ${version}`, `Brusio needs ${versionMin} or later`);
  if (encoding !== 'UTF8')
    return problem(WHAT, `the database's encoding is ${encoding}`, "create it with ENCODING 'UTF8'");
  if (isStandby) return problem(WHAT, 'a standby: it cannot be written to', 'let database.url name the primary');
  return good(WHAT, `version ${version}, answers`);
}

function schemaFinding({ schemaVersion, schemaVersionKnown, mayCreate }: PostgresqlReport): Finding {
  const what = `${WHAT} schema`;
  if (schemaVersion !== null && schemaVersion > schemaVersionKnown)
    return problem(
      what,
      `version ${schemaVersion}, this Brusio knows up to ${schemaVersionKnown}`,
      'a newer Brusio has used this database: install that one',
    );
  if (schemaVersion === schemaVersionKnown) return good(what, `version ${schemaVersion}, the present one`);
  if (!mayCreate)
    return problem(
      what,
      'its user may not create tables',
      'GRANT CREATE ON SCHEMA public TO that user, or make it the owner of the database',
    );
  return schemaVersion === null
    ? good(what, 'none yet: made at the first start')
    : warning(
        what,
        `version ${schemaVersion}; the next start brings it to ${schemaVersionKnown}`,
        'stop all processes of the older version on this database first',
      );
}

function nameFinding({ isNameFree }: PostgresqlReport, process: string, isRunning: boolean): Finding {
  const what = `${WHAT} name`;
  if (isNameFree) return good(what, `"${process}" is free`);
  if (isRunning) return good(what, `"${process}" is taken, by the Brusio that runs here`);
  return problem(what, `another process is "${process}" there`, 'give each process a database.process of its own');
}

function safetyFindings({ unsafeSettings }: PostgresqlReport): readonly Finding[] {
  return unsafeSettings.map((name) =>
    problem(`${WHAT} ${name}`, 'off: a power cut loses what was committed, or the whole database', `set ${name} = on`),
  );
}

function clockFinding({ clockAheadMs, roundTripMs }: PostgresqlReport): Finding {
  const what = `${WHAT} clock`;
  const off = Math.max(0, Math.abs(clockAheadMs) - roundTripMs / 2);
  return off <= CLOCK_MS_MAX
    ? good(what, `the same as ours to ${Math.ceil(off + roundTripMs)} ms`)
    : warning(
        what,
        `${Math.round(off)} ms ${clockAheadMs > 0 ? 'ahead of' : 'behind'} ours`,
        'run chrony on both: days and locks are reckoned by the clock of the process that has the call',
      );
}
