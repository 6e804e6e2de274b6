/** SQLite, and a PostgreSQL server of the test's own: for suites that say the same of both. */
import { type PostgresqlServer, startPostgresqlServer } from './postgresql-server.ts';

/** One of them: `begin` before the first test, `url` for each, null for SQLite, `end` after the last. */
export type TestDatabase = {
  readonly name: string;
  begin(): Promise<void>;
  url(): Promise<string | null>;
  end(): Promise<void>;
};

/** Both. */
export function bothDatabases(): readonly TestDatabase[] {
  let server: PostgresqlServer | null = null;
  return [
    { name: 'SQLite', begin: async () => {}, url: async () => null, end: async () => {} },
    {
      name: 'PostgreSQL',
      begin: async () => {
        server = await startPostgresqlServer();
      },
      url: async () => (await server?.createDatabase()) ?? null,
      end: async () => server?.remove(),
    },
  ];
}
