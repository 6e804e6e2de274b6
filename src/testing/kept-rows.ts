/** The rows of a database as a suite wrote them once, put back for each of its tests; imported by tests alone. */
import type { Connection } from '../store/connection.ts';

/** Puts all tables back to what they held, by the same connection. */
export type PutBack = () => Promise<void>;

const TABLES = {
  sqlite: "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  postgresql: "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
};
/** While all are empty or half full no row is held against another. */
const UNCHECKED = {
  sqlite: 'PRAGMA defer_foreign_keys = ON',
  postgresql: 'SET LOCAL session_replication_role = replica',
};

/** Keeps what all tables hold now, in tables that only this connection sees. */
export async function keepRows(connection: Connection): Promise<PutBack> {
  const tables = (await connection.execute(TABLES[connection.kind])).rows.map(({ name }) => String(name));
  const full: string[] = [];
  for (const table of tables) {
    const { rows } = await connection.execute(`SELECT count(*) AS rows FROM ${table}`);
    if (Number(rows[0]?.rows) === 0) continue;
    await connection.execute(`CREATE TEMPORARY TABLE kept_${table} AS SELECT * FROM ${table}`);
    full.push(table);
  }
  const changes = [
    UNCHECKED[connection.kind],
    ...tables.map((table) => `DELETE FROM ${table}`),
    ...full.map((table) => `INSERT INTO ${table} SELECT * FROM kept_${table}`),
  ].join(';\n');
  return () => connection.transaction(async () => void (await connection.execute(changes)));
}
