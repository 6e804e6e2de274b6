/** A {@link Connection} over `node:sqlite`'s DatabaseSync. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Connection, SqlResult } from '../connection.ts';
import type { Query, SqlValue, ValuesOf } from '../query.ts';
import { faultOf } from './sqlite-problem.ts';

/** Takes over the open database: `close` closes it. */
export function sqliteConnection(db: DatabaseSync): Connection {
  const prepared = new Map<Query<never>, { readonly statement: StatementSync; bind(values: unknown): SqlValue[] }>();

  function statementOf<P>(query: Query<P>) {
    const known = prepared.get(query as Query<never>);
    if (known !== undefined) return known;
    const { sql, bind } = query.compiled('sqlite');
    const entry = { statement: db.prepare(sql), bind: bind as (values: unknown) => SqlValue[] };
    prepared.set(query as Query<never>, entry);
    return entry;
  }

  let view: { readonly begin: StatementSync; readonly commit: StatementSync } | null = null;

  /** Compiled once: a ruling is a view. */
  function oneView() {
    view ??= { begin: db.prepare('BEGIN'), commit: db.prepare('COMMIT') };
    return view;
  }

  function run<P>(query: Query<P>, values: ValuesOf<P>): number {
    const { statement, bind } = statementOf(query);
    return Number(statement.run(...bind(values)).changes);
  }

  return {
    kind: 'sqlite',
    async all<P, R>(query: Query<P, R>, values: ValuesOf<P>) {
      const { statement, bind } = statementOf(query);
      return rowsOf(statement, bind(values)) as R[];
    },
    async arrays(query, values) {
      const { statement, bind } = statementOf(query);
      statement.setReturnArrays(true);
      try {
        return rowsOf(statement, bind(values)) as SqlValue[][];
      } finally {
        statement.setReturnArrays(false);
      }
    },
    run: async (query, values) => run(query, values),
    post(query, values) {
      run(query, values);
    },
    sent: () => Promise.resolve(),
    async transaction(work) {
      db.exec('BEGIN IMMEDIATE');
      try {
        const result = await work();
        db.exec('COMMIT');
        return result;
      } catch (thrown) {
        // SQLite rolls back by itself after some errors (FULL, IOERR); a second ROLLBACK would hide the first problem.
        if (db.isTransaction) db.exec('ROLLBACK');
        throw thrown;
      }
    },
    async inOneView(work) {
      const { begin, commit } = oneView();
      begin.run();
      try {
        const result = await work();
        commit.run();
        return result;
      } catch (thrown) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw thrown;
      }
    },
    async savepoint(work) {
      db.exec('SAVEPOINT entry');
      try {
        await work();
      } catch (thrown) {
        if (db.isTransaction) db.exec('ROLLBACK TO entry; RELEASE entry');
        throw thrown;
      }
      db.exec('RELEASE entry');
    },
    execute: async (sql, values = []) => execute(db, sql, values),
    faultOf,
    async close() {
      if (db.isOpen) db.close();
    },
  };
}

/**
 * A statement's rows, of a query that changes nothing. An integer beyond 2^53, which no Brusio writes, is given as the number
 * next to it, as by PostgreSQL's connection: `verify-ledger` is to name the row, not to fail at it.
 */
function rowsOf(statement: StatementSync, values: readonly SqlValue[]): unknown[] {
  try {
    return statement.all(...values);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_OUT_OF_RANGE')) throw thrown;
  }
  statement.setReadBigInts(true);
  try {
    return statement.all(...values).map(withNumbers);
  } finally {
    statement.setReadBigInts(false);
  }
}

function withNumbers(row: unknown): unknown {
  const asNumber = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
  if (Array.isArray(row)) return row.map(asNumber);
  return Object.fromEntries(Object.entries(row as object).map(([name, value]) => [name, asNumber(value)]));
}

function execute(db: DatabaseSync, sql: string, values: readonly SqlValue[]): SqlResult {
  if (values.length === 0 && sql.includes(';')) {
    db.exec(sql);
    return { rows: [], changes: 0 };
  }
  const statement = db.prepare(sql);
  // A statement without columns gives no rows; asking it for some would lose the number of changes.
  if (statement.columns().length === 0) return { rows: [], changes: Number(statement.run(...values).changes) };
  return { rows: statement.all(...values), changes: 0 };
}
