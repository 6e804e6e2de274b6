/** The store's named limits; {@link STORE_LIMITS} has the values it runs with. */
export type StoreLimits = {
  /** Entries in one transaction: at about 15 µs each a group stays near 15 ms. */
  readonly groupEntriesMax: number;
  /** From one group to the next, in ms: what a crash can lose. At 150 calls/s 10 costs 0.75 ms of CPU a call, 5 costs 1.05. */
  readonly groupIntervalMs: number;
  /** Entries kept while the disk fails: at 1–3 kB each some 200 MB; then the oldest of the journal go. */
  readonly pendingEntriesMax: number;
  /** A group that has not come back for this long makes the store unwritable: the disk hangs. In ms. */
  readonly commitStallMs: number;
  /** Pause before a failed group is tried again, in ms; it doubles each time … */
  readonly retryMinMs: number;
  /** … up to this, in ms. */
  readonly retryMaxMs: number;
  /** How long `stop` tries to write what is left, in ms. */
  readonly stopFlushMs: number;
};

/** See {@link StoreLimits}. */
export const STORE_LIMITS: StoreLimits = {
  groupEntriesMax: 1_000,
  groupIntervalMs: 10,
  pendingEntriesMax: 100_000,
  commitStallMs: 3_000,
  retryMinMs: 100,
  retryMaxMs: 5_000,
  stopFlushMs: 10_000,
};

/** How long a connection waits, in ms; {@link DATABASE_TIMES} has the values. */
export type DatabaseTimes = {
  /** For another program's lock on a SQLite file. */
  readonly busyTimeoutMs: number;
  /** For a session of PostgreSQL to be open. */
  readonly connectTimeoutMs: number;
  /** For a PostgreSQL that says nothing while it is asked something: then the session is given up for a new one. */
  readonly answerTimeoutMs: number;
};

/** See {@link DatabaseTimes}. */
export const DATABASE_TIMES: DatabaseTimes = { busyTimeoutMs: 2_000, connectTimeoutMs: 5_000, answerTimeoutMs: 10_000 };
