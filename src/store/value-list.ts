/** `column IN (…)` for as many values as there are, in one parameter, so that the query stays the same. */
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { DatabaseKind } from './migrations.ts';

/** True for rows whose `column` is one of the strings of a JSON array. */
export function isInList(kind: DatabaseKind, column: string, jsonArray: string): RawBuilder<SqlBool> {
  return kind === 'sqlite'
    ? sql<SqlBool>`${sql.ref(column)} in (select value from json_each(${jsonArray}))`
    : sql<SqlBool>`${sql.ref(column)} = any(array(select jsonb_array_elements_text(${jsonArray}::jsonb)))`;
}
