/** Where the records are kept: a file in the data folder, or a PostgreSQL that several processes share. */
import { z } from 'zod';

export const databaseSection = z
  .strictObject({
    url: z
      .url({ protocol: /^postgres(ql)?$/, error: 'expected postgres://user:password@host:port/database' })
      .nullable()
      .default(null)
      .describe('PostgreSQL, `postgres://user:password@host:port/database`; null: SQLite in `data.dir`'),
    process: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/, { error: 'expected 1 to 64 letters, digits, ".", "_", "-"' })
      .default('guard-1')
      .describe('name of this process among those on one database, and of its chain in the ledger; never two alike'),
  })
  .prefault({});
