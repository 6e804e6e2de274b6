import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { checkSettings } from '../../config/load-settings.ts';
import type { Settings, SettingsInput } from '../../config/settings.ts';
import { databasePlace } from '../../store/database-place.ts';
import { openDatabase } from '../../store/open-database.ts';
import type { PostgresqlReport } from '../../store/postgresql/inspect.ts';
import { type PostgresqlServer, startPostgresqlServer } from '../../testing/postgresql-server.ts';
import { databaseWarnings, withoutPassword } from '../database-warnings.ts';
import { databaseFindings, reportFindings } from './database-check.ts';
import { findingText } from './finding.ts';

let server: PostgresqlServer;
let url: string;
beforeAll(async () => {
  server = await startPostgresqlServer();
  url = await server.createDatabase();
});
afterAll(() => server.remove());

function settingsOf(input: SettingsInput): Settings {
  const settings = checkSettings(input);
  if (!settings.ok) throw new Error(JSON.stringify(settings.problem));
  return settings.value;
}

async function told(input: SettingsInput['database'], isRunning = false): Promise<string> {
  return (await databaseFindings(settingsOf({ database: input }), isRunning)).map(findingText).join('');
}

const REPORT: PostgresqlReport = {
  version: 15,
  versionMin: 14,
  encoding: 'UTF8',
  isStandby: false,
  schemaVersion: 4,
  schemaVersionKnown: 4,
  mayCreate: true,
  isNameFree: true,
  unsafeSettings: [],
  clockAheadMs: 3,
  roundTripMs: 0.4,
};

/** The lines of what is not as it should be. */
function wrong(changed: Partial<PostgresqlReport>): string[] {
  return reportFindings({ ...REPORT, ...changed }, 'guard-1', false)
    .filter(({ severity }) => severity !== 'ok')
    .map(({ severity, what, found }) => `${severity} ${what}: ${found}`);
}

describe('the doctor on a PostgreSQL', () => {
  it('finds an empty database fit, and leaves nothing in it', async () => {
    const text = await told({ url });
    expect(text).toMatch(/ok +PostgreSQL +version \d+, answers/);
    expect(text).toMatch(/ok +PostgreSQL schema +none yet/);
    expect(text).toContain('"guard-1" is free');
    expect(text).not.toContain('PROBLEM');
    expect(await server.query(url, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
  });

  it('says when the name is taken, unless by the Brusio that runs with these settings', async () => {
    const database = await openDatabase(databasePlace({ url, dataDir: '/nowhere', process: 'guard-1' }), systemClock);
    onTestFinished(() => database.close());
    expect(await told({ url })).toMatch(/PROBLEM +PostgreSQL name +another process is "guard-1" there/);
    expect(await told({ url }, true)).toContain('taken, by the Brusio that runs here');
    expect(await told({ url, process: 'guard-2' })).toContain('"guard-2" is free');
    expect(await databaseWarnings(settingsOf({ database: { url } }))).not.toContain('name');
  });

  it('says what to look at when there is none, also to check-config', async () => {
    const nowhere = 'postgres:///brusio?host=/nowhere&user=brusio';
    expect(await told({ url: nowhere })).toMatch(/PROBLEM +PostgreSQL +PostgreSQL cannot be reached[\s\S]*→ see that/);
    expect(await databaseWarnings(settingsOf({ database: { url: nowhere } }))).toContain('cannot be reached');
    expect(await told({})).toBe('');
  });
});

describe('a report on a PostgreSQL', () => {
  it('names every thing that would keep calls from being written or make them lost', () => {
    expect(wrong({})).toEqual([]);
    expect(wrong({ version: 13 })).toEqual(['problem PostgreSQL: version 13']);
    expect(wrong({ encoding: 'LATIN1' })).toEqual(["problem PostgreSQL: the database's encoding is LATIN1"]);
    expect(wrong({ isStandby: true })).toEqual(['problem PostgreSQL: a standby: it cannot be written to']);
    expect(wrong({ schemaVersion: 9 })).toEqual(['problem PostgreSQL schema: version 9, this Brusio knows up to 4']);
    expect(wrong({ schemaVersion: null, mayCreate: false })).toHaveLength(1);
    expect(wrong({ schemaVersion: 3 })).toEqual([
      'warning PostgreSQL schema: version 3; the next start brings it to 4',
    ]);
    expect(wrong({ unsafeSettings: ['fsync'] })[0]).toContain('problem PostgreSQL fsync: off');
    expect(wrong({ roundTripMs: 25 })[0]).toContain('25.0 ms');
  });

  it('allows for the round trip in what it says of the clock', () => {
    expect(wrong({ clockAheadMs: -700, roundTripMs: 1 })).toEqual(['warning PostgreSQL clock: 700 ms behind ours']);
    expect(wrong({ clockAheadMs: 501, roundTripMs: 4 })).toEqual([]);
  });
});

describe('the URL of a database', () => {
  it('is shown without its password', () => {
    expect(withoutPassword('postgres://brusio:s3cret@db:5432/brusio')).toBe(
      'postgres://brusio:(hidden)@db:5432/brusio',
    );
    expect(withoutPassword('postgres:///brusio?host=/run&password=s3cret')).not.toContain('s3cret');
    expect(withoutPassword(null)).toBeNull();
  });
});
