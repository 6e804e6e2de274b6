/** The database of one thread, whichever it is. */
import { AppError } from '../base/errors.ts';
import type { Connection } from './connection.ts';

/** An open database, at the present schema. */
export type Database = {
  /**
   * A connection that is believed to work: a new one when the last was lost or is suspect. Rejects when there is none to be
   * had; asking again later may succeed.
   */
  connection(): Promise<Connection>;
  /** After an error whose fault was `connection`: the next one asked for is a new one. */
  suspect(): void;
  close(): Promise<void>;
};

/** A database that cannot be used as it is; `message` is for a person. */
export function cannotOpen(message: string, cause?: unknown): AppError {
  return new AppError('store.cannot-open', message, { cause });
}
