/** One connection to the database, SQLite or PostgreSQL, as everything in this folder uses it. */
import type { DatabaseKind } from './migrations.ts';
import type { Query, SqlValue, ValuesOf } from './query.ts';

/**
 * Whose fault a failed query is. `entry`: the values (a broken constraint): our bug, it would fail again for ever. `world`: a
 * full disk, another program's lock: it may pass. `connection`: the same, and this connection is not to be used again.
 */
export type Fault = 'entry' | 'world' | 'connection';

/** What any SQL gives. */
export type SqlResult = { readonly rows: readonly Record<string, unknown>[]; readonly changes: number };

/**
 * An open connection. Queries run in the order in which they were asked, also without waiting for one another; SQLite's
 * are done when the call returns. All reject with the database's own errors, for `faultOf`.
 */
export type Connection = {
  readonly kind: DatabaseKind;
  /** The rows of a query. */
  all<P, R>(query: Query<P, R>, values: ValuesOf<P>): Promise<R[]>;
  /** The same, each row as its columns in the order of the query: at two thirds of the cost, for what is read by the million. */
  arrays<P>(query: Query<P>, values: ValuesOf<P>): Promise<SqlValue[][]>;
  /** The number of rows that it changed. */
  run<P>(query: Query<P>, values: ValuesOf<P>): Promise<number>;
  /**
   * The same without an answer: a transaction's changes go to PostgreSQL one behind the other instead of waiting for each. An
   * error comes from the next `sent`, or from the transaction's end. Only within `transaction`.
   */
  post<P>(query: Query<P>, values: ValuesOf<P>): void;
  /** Resolves when everything posted was done; rejects with the first error. */
  sent(): Promise<void>;
  /**
   * Runs `work` between BEGIN (SQLite: IMMEDIATE) and COMMIT; rolls back when it throws, and throws the same. One at a time.
   * When COMMIT itself loses the connection nobody knows whether it took place.
   */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Runs `work` over one state of the database. SQLite: it takes no lock, so that nothing waits for the writer's commit, the
   * first look fixes what is seen, and nothing may be changed. PostgreSQL: a transaction.
   */
  inOneView<T>(work: () => Promise<T>): Promise<T>;
  /** Within a transaction: `work` under a savepoint, undone alone when it throws; throws the same. */
  savepoint(work: () => Promise<void>): Promise<void>;
  /** Any SQL, prepared for this once; several statements when there are no values. */
  execute(sql: string, values?: readonly SqlValue[]): Promise<SqlResult>;
  faultOf(thrown: unknown): Fault;
  /** Never throws; what still runs is lost. */
  close(): Promise<void>;
};
