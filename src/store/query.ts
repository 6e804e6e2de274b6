/**
 * SQL that is written once with Kysely, compiled once for each database, prepared once on each connection, and run with other
 * values each time:
 *
 *     const recordOf = query({ callId: text }, (db, { callId }) =>
 *       db.selectFrom('outcomes').select('record').where('call_id', '=', callId));
 *     const rows = await connection.all(recordOf, { callId: '…' });
 *
 * While the query is compiled its parameters are placeholders that only look like values: they can be passed on to Kysely,
 * and nothing else can be done with them.
 */
import {
  type Compilable,
  DummyDriver,
  Kysely,
  type LimitNode,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  ValueNode,
} from 'kysely';
import type { DatabaseKind } from './migrations.ts';
import type { Schema } from './schema.ts';

/** What a parameter and a column may hold. */
export type SqlValue = string | number | null | Uint8Array;

/** The type of one parameter. */
export type ParameterType<T extends SqlValue> = { readonly parameter: T | null };

/** A parameter of type `T`. */
export const parameter = <T extends SqlValue>(): ParameterType<T> => ({ parameter: null });
export const text = parameter<string>();
export const textOrNull = parameter<string | null>();
/** Also times, and truth as 0 or 1. */
export const integer = parameter<number>();
export const integerOrNull = parameter<number | null>();
export const octets = parameter<Uint8Array>();

type ParameterTypes = Readonly<Record<string, ParameterType<SqlValue>>>;

/** The values for them. */
export type ValuesOf<P> = {
  readonly [K in keyof P]: P[K] extends ParameterType<infer T extends SqlValue> ? T : never;
};

/** A query with parameters of types `P` that gives rows of type `R`. */
export type Query<P = unknown, R = unknown> = {
  /** Compiled at first use. */
  compiled(kind: DatabaseKind): CompiledFor<P>;
  /** For the compiler alone; never there. */
  readonly row?: R;
};

/** A query as one database takes it. */
export type CompiledFor<P> = {
  /** Differs from every other query's in this thread. */
  readonly name: string;
  readonly sql: string;
  /** The values in the order of the SQL's placeholders. */
  bind(values: ValuesOf<P>): SqlValue[];
};

/** Builds SQL with a Kysely that runs nothing; `kind` where the two databases must be asked differently. */
type Build<P, R> = (db: Kysely<Schema>, parameters: ValuesOf<P>, kind: DatabaseKind) => Compilable<R>;

/** Stands for a value until there is one. */
class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

let queries = 0;

/** A query; see above. */
export function query<const P extends ParameterTypes, R>(parameters: P, build: Build<P, R>): Query<P, R> {
  const number = ++queries;
  const known: Partial<Record<DatabaseKind, CompiledFor<P>>> = {};

  function compile(kind: DatabaseKind): CompiledFor<P> {
    const placeholders: unknown = Object.fromEntries(
      Object.keys(parameters).map((name) => [name, new Placeholder(name)]),
    );
    const { sql, parameters: places } = build(COMPILERS[kind], placeholders as ValuesOf<P>, kind).compile();
    return {
      name: `q${number}`,
      sql,
      bind: (values) =>
        places.map((place) =>
          place instanceof Placeholder ? (values as Record<string, SqlValue>)[place.name] : place,
        ) as SqlValue[],
    };
  }

  return {
    compiled(kind) {
      const compiled = known[kind] ?? compile(kind);
      known[kind] = compiled;
      return compiled;
    },
  };
}

/**
 * SQLite (from 3.47 on) looks at the value of a parameter that stands alone behind LIMIT when it plans, and so plans the statement anew at
 * each run with other values: 40 µs instead of 5. A number that never changes is written out, any other is made a sum.
 */
class SqliteCompiler extends SqliteQueryCompiler {
  protected override visitLimit({ limit }: LimitNode): void {
    this.append('limit ');
    if (ValueNode.is(limit) && typeof limit.value === 'number') {
      this.append(String(limit.value));
    } else {
      this.visitNode(limit);
      this.append(' + 0');
    }
  }
}

/** Kyselys that compile and never run. */
const COMPILERS: Readonly<Record<DatabaseKind, Kysely<Schema>>> = {
  sqlite: new Kysely({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteCompiler(),
    },
  }),
  postgresql: new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }),
};
