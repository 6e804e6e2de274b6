/** The raw rows of a Brusio's database, SQLite or PostgreSQL, by SQL of the recount's own: read only, and as of one moment. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';

/** One row: PostgreSQL gives large integers as text. */
export type Row = Readonly<Record<string, unknown>>;

/** An open database; values stand in SQL as `$1`, `$2` … */
export type Rows = {
  readonly kind: 'sqlite' | 'postgresql';
  all(sql: string, ...values: readonly (string | number)[]): Promise<readonly Row[]>;
  /** The same one after the other, of tables that need not fit into memory. */
  each(sql: string): AsyncIterable<Row>;
  close(): Promise<void>;
};

/** Rows that a cursor of PostgreSQL gives at once. */
const ROWS_AT_ONCE = 2_000;

/**
 * Opens the file, or `postgres://…`, as `database.url` has it. Everything that is read is of one moment, whatever Brusio commits
 * meanwhile.
 */
export async function openRows(place: string): Promise<Rows> {
  if (/^postgres(ql)?:/.test(place)) return openPostgresql(place);
  if (!existsSync(place)) throw new Error(`there is no ${place}`);
  const database = new DatabaseSync(place, { readOnly: true });
  database.exec('BEGIN');
  return sqliteRows(database);
}

/** Of a database that is open already. */
export function sqliteRows(database: DatabaseSync): Rows {
  return {
    kind: 'sqlite',
    async all(sql, ...values) {
      const named = Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value]));
      return database.prepare(sql).all(named);
    },
    async *each(sql) {
      yield* database.prepare(sql).iterate();
    },
    close: async () => database.close(),
  };
}

async function openPostgresql(url: string): Promise<Rows> {
  const client = new Client({ connectionString: url, application_name: 'brusio recount' });
  await client.connect();
  await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
  let cursors = 0;
  return {
    kind: 'postgresql',
    all: async (sql, ...values) => (await client.query(sql, [...values])).rows,
    async *each(sql) {
      const cursor = `recount_${++cursors}`;
      await client.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${sql}`);
      for (;;) {
        const { rows } = await client.query(`FETCH ${ROWS_AT_ONCE} FROM ${cursor}`);
        if (rows.length === 0) break;
        yield* rows;
      }
      await client.query(`CLOSE ${cursor}`);
    },
    close: () => client.end(),
  };
}
