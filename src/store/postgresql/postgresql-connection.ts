/**
 * A {@link Connection} over one session of PostgreSQL. Queries are pipelined: each goes out behind the one before it, and
 * their answers come back in that order.
 */
import { Socket } from 'node:net';
import { Client, type QueryResult } from 'pg';
import { addMs, type Clock, elapsedMs, type Timer } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { Connection, SqlResult } from '../connection.ts';
import type { CompiledFor, Query, SqlValue, ValuesOf } from '../query.ts';
import { faultOf } from './postgresql-problem.ts';

/** Where to, and how long to wait for it. */
export type SessionOptions = {
  /** `postgres://…` */
  readonly url: string;
  /** Shown in `pg_stat_activity`; at most 63 octets. */
  readonly applicationName: string;
  /** For the session to be open, ms. */
  readonly connectTimeoutMs: number;
  /** A server that says nothing for so long while it is asked something is as good as gone, ms. */
  readonly answerTimeoutMs: number;
  readonly clock: Clock;
};

/** A session, and how long it waits for an answer. */
export type PostgresqlConnection = Connection & {
  /** The server or the line is gone: whatever is asked would be rejected. */
  isLost(): boolean;
  /** Instead of `answerTimeoutMs`, from the next query on; infinite: as long as it takes. */
  waitForAnswers(limitMs: number): void;
};

/** How long a session may take to say goodbye, ms. */
const GOODBYE_MS = 1_000;
/** BIGINT and NUMERIC (the sum of BIGINTs), which `pg` gives as text; ours are times and counts, far below 2^53. */
const NUMBER_OIDS = [20, 1700];

/** Opens a session. Rejects with the network's or the server's own error. */
export async function connectToPostgresql(options: SessionOptions): Promise<PostgresqlConnection> {
  const { clock } = options;
  let { answerTimeoutMs } = options;
  const socket = new Socket();
  const client = new Client({
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
    pipeline: true,
    stream: () => socket,
  });
  for (const oid of NUMBER_OIDS) client.setTypeParser(oid, 'text', Number);
  let lost = false;
  // Whatever was asked is rejected as well; without a listener the process would end.
  client.on('error', () => {
    lost = true;
  });
  client.on('end', () => {
    lost = true;
  });

  let unanswered = 0;
  let lastAnswerAt = clock.monotonicMs();
  let watch: Timer | null = null;

  function watchAnswers(): void {
    if (!Number.isFinite(answerTimeoutMs)) return;
    watch = clock.setTimer(addMs(clock.monotonicMs(), answerTimeoutMs / 2), () => {
      watch = null;
      if (unanswered === 0) return;
      const silentMs = elapsedMs(lastAnswerAt, clock.monotonicMs());
      if (silentMs < answerTimeoutMs) watchAnswers();
      else socket.destroy(new Error(`PostgreSQL has not answered for ${Math.round(silentMs)} ms`));
    });
  }

  function ask(
    asked: {
      readonly name?: string;
      readonly text: string;
      readonly values?: SqlValue[];
      readonly rowMode?: 'array';
    },
    answered: (error: Error | null, result: QueryResult) => void,
  ): void {
    if (unanswered++ === 0) lastAnswerAt = clock.monotonicMs();
    if (watch === null) watchAnswers();
    client.query(asked, (error: Error | null, result: QueryResult) => {
      unanswered--;
      lastAnswerAt = clock.monotonicMs();
      answered(error, result);
    });
  }

  function askAndWait(asked: Parameters<typeof ask>[0]): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      ask(asked, (error, result) => (error === null || error === undefined ? resolve(result) : reject(error)));
    });
  }

  function statement<P>(query: Query<P>, values: ValuesOf<P>) {
    const { name, sql, bind }: CompiledFor<P> = query.compiled('postgresql');
    return { name, text: sql, values: bind(values) };
  }

  /** The first of what was posted since the last `sent` that failed: all behind it failed because of it. */
  let postFailed: Error | null = null;
  let posted = 0;
  let allAnswered: (() => void) | null = null;

  function postQuery(asked: Parameters<typeof ask>[0]): void {
    posted++;
    ask(asked, (error) => {
      postFailed ??= error;
      if (--posted === 0) allAnswered?.();
    });
  }

  async function sent(): Promise<void> {
    if (posted > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      allAnswered = resolve;
      await promise;
      allAnswered = null;
    }
    const problem = postFailed;
    postFailed = null;
    if (problem !== null) throw problem;
  }

  /** Does the work. Where it fails because of what it posted before, that tells why. */
  async function workOf<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      await sent();
      throw thrown;
    }
  }

  /** COMMIT goes out behind what was posted, whose answers tell first why there was nothing to commit. */
  async function transaction<T>(work: () => Promise<T>): Promise<T> {
    postQuery({ text: 'BEGIN' });
    try {
      const result = await workOf(work);
      const [all, commit] = await Promise.allSettled([sent(), askAndWait({ text: 'COMMIT' })]);
      if (all.status === 'rejected') throw all.reason;
      if (commit.status === 'rejected') throw commit.reason;
      const { command } = commit.value;
      // A transaction that had failed is rolled back by COMMIT, without an error.
      if (command !== 'COMMIT') throw new AppError('store.not-committed', `COMMIT was answered with ${command}`);
      return result;
    } catch (thrown) {
      if (!lost) await askAndWait({ text: 'ROLLBACK' }).catch(() => {});
      throw thrown;
    }
  }

  await client.connect();
  return {
    kind: 'postgresql',
    async all<P, R>(query: Query<P, R>, values: ValuesOf<P>) {
      return (await askAndWait(statement(query, values))).rows as R[];
    },
    async arrays(query, values) {
      return (await askAndWait({ ...statement(query, values), rowMode: 'array' })).rows as unknown as SqlValue[][];
    },
    run: async (query, values) => (await askAndWait(statement(query, values))).rowCount ?? 0,
    post: (query, values) => postQuery(statement(query, values)),
    sent,
    transaction,
    inOneView: transaction,
    async savepoint(work) {
      postQuery({ text: 'SAVEPOINT entry' });
      try {
        await workOf(work);
        await sent();
      } catch (thrown) {
        if (!lost) await askAndWait({ text: 'ROLLBACK TO SAVEPOINT entry; RELEASE SAVEPOINT entry' });
        throw thrown;
      }
      postQuery({ text: 'RELEASE SAVEPOINT entry' });
    },
    async execute(sql, values = []) {
      const given: QueryResult | QueryResult[] = await askAndWait(
        values.length === 0 ? { text: sql } : { text: sql, values: [...values] },
      );
      // Several statements have several results.
      return toSqlResult(Array.isArray(given) ? given.at(-1) : given);
    },
    isLost: () => lost,
    waitForAnswers(limitMs) {
      answerTimeoutMs = limitMs;
      watch?.cancel();
      watch = null;
    },
    faultOf: (thrown) => (lost ? 'connection' : faultOf(thrown)),
    async close() {
      watch?.cancel();
      const gone = Promise.withResolvers<void>();
      const limit = clock.setTimer(addMs(clock.monotonicMs(), GOODBYE_MS), () => gone.resolve());
      client.end().then(gone.resolve, gone.resolve);
      await gone.promise;
      limit.cancel();
      socket.destroy();
    },
  };
}

function toSqlResult(result: QueryResult | undefined): SqlResult {
  return { rows: result?.rows ?? [], changes: result?.rowCount ?? 0 };
}
