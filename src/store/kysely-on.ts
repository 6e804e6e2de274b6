/** Kysely over a {@link Connection}: for what is asked once (imports, reports, repairs) and need not be compiled ahead. */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Connection } from './connection.ts';
import type { SqlValue } from './query.ts';
import type { Schema } from './schema.ts';

/** Runs its queries one by one on this connection. Transactions are the connection's own: `connection.transaction`. */
export function kyselyOn(connection: Connection): Kysely<Schema> {
  const isSqlite = connection.kind === 'sqlite';
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => (isSqlite ? new SqliteAdapter() : new PostgresAdapter()),
      createDriver: () => driverOn(connection),
      createIntrospector: (db) => (isSqlite ? new SqliteIntrospector(db) : new PostgresIntrospector(db)),
      createQueryCompiler: () => (isSqlite ? new SqliteQueryCompiler() : new PostgresQueryCompiler()),
    },
  });
}

function driverOn(connection: Connection): Driver {
  const one: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, changes } = await connection.execute(sql, parameters as readonly SqlValue[]);
      return { rows: rows as R[], numAffectedRows: BigInt(changes) };
    },
    streamQuery() {
      throw new Error('queries are not streamed: ask for a part at a time');
    },
  };
  const noTransactions = () => Promise.reject(new Error('use connection.transaction'));
  return {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(one),
    beginTransaction: noTransactions,
    commitTransaction: noTransactions,
    rollbackTransaction: noTransactions,
    releaseConnection: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  };
}
