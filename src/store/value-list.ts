/** Many values in one parameter, a JSON array of strings, so that the query stays the same however many there are. */
import { type AliasedRawBuilder, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { DatabaseKind } from './migrations.ts';

/** True for rows whose `column` is one of the strings. */
export function isInList(kind: DatabaseKind, column: string, jsonArray: string): RawBuilder<SqlBool> {
  return kind === 'sqlite'
    ? sql<SqlBool>`${sql.ref(column)} in (select value from json_each(${jsonArray}))`
    : sql<SqlBool>`${sql.ref(column)} = any(array(select jsonb_array_elements_text(${jsonArray}::jsonb)))`;
}

/** The strings as rows to select from. */
export function listed<A extends string>(
  kind: DatabaseKind,
  alias: A,
  jsonArray: string,
): AliasedRawBuilder<{ value: string }, A> {
  return kind === 'sqlite'
    ? sql<{ value: string }>`json_each(${jsonArray})`.as(alias)
    : sql<{ value: string }>`jsonb_array_elements_text(${jsonArray}::jsonb)`.as<A>(sql`${sql.ref(alias)}(value)`);
}
