/** The ruling thread's own connection, made ready for rulings. */
import type { Connection } from '../connection.ts';

/** A few rows by their keys, whatever the planner thinks of a JSON array (100 values) and of a time (a third of the rows). */
const LOOK_UPS_BY_KEYS = [
  ...['enable_seqscan = off', 'enable_hashjoin = off', 'enable_mergejoin = off'],
  // A bitmap's scan leaves the dead entries of calls that are over in the index, for the next one to walk through again.
  'enable_bitmapscan = off',
  // Planned once; and never worth the compiler.
  ...['plan_cache_mode = force_generic_plan', 'jit = off'],
];

/** Once for each new connection. PostgreSQL: reservations need no disk; after a crash of the server each process makes its own anew. */
export async function prepareForRulings(connection: Connection): Promise<void> {
  if (connection.kind !== 'postgresql') return;
  const settings = ['synchronous_commit = off', ...LOOK_UPS_BY_KEYS];
  await connection.execute(settings.map((setting) => `SET ${setting}`).join('; '));
}
