/**
 * The schema, as the steps that lead to it. A step is never edited once released: a new one is added at the end.
 * `PRAGMA user_version` counts the steps a database has taken.
 *
 * Times are wall-clock milliseconds in columns that say so; records are kept whole as JSON beside the columns that are
 * searched, so that a report never has to guess what was said.
 */
export const migrations: readonly string[] = [
  // 1: the journal of live calls, outcomes, and the webhooks that wait.
  `
  CREATE TABLE open_calls (
    call_id TEXT PRIMARY KEY,
    dossier TEXT NOT NULL,
    state TEXT NOT NULL
  ) STRICT;

  CREATE TABLE open_dialogs (
    call_id TEXT NOT NULL,
    leg TEXT NOT NULL CHECK (leg IN ('dialer', 'carrier')),
    dialog TEXT NOT NULL,
    PRIMARY KEY (call_id, leg)
  ) STRICT;

  CREATE TABLE outcomes (
    call_id TEXT PRIMARY KEY,
    dialer_call_id TEXT NOT NULL,
    carrier_call_id TEXT,
    number TEXT NOT NULL,
    campaign TEXT NOT NULL,
    class TEXT CHECK (class IN ('A', 'B')),
    network TEXT NOT NULL,
    handling TEXT NOT NULL,
    answered_at_ms INTEGER,
    ended_at_ms INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX outcomes_by_dialer_call_id ON outcomes (dialer_call_id);
  CREATE INDEX outcomes_by_campaign ON outcomes (campaign, answered_at_ms) WHERE answered_at_ms IS NOT NULL;

  CREATE TABLE webhooks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    call_id TEXT NOT NULL,
    type TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at_ms INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    delivered_at_ms INTEGER,
    dead_at_ms INTEGER,
    problem TEXT
  ) STRICT;
  -- Only what waits is in these two, so that they stay small however many webhooks were ever sent.
  CREATE INDEX webhooks_due ON webhooks (endpoint, next_attempt_at_ms, seq)
    WHERE delivered_at_ms IS NULL AND dead_at_ms IS NULL;
  CREATE INDEX webhooks_waiting_by_call ON webhooks (call_id, endpoint, seq)
    WHERE delivered_at_ms IS NULL AND dead_at_ms IS NULL;
  `,
  // 2: calls that are not guarded, which no percentage counts.
  `
  ALTER TABLE outcomes ADD COLUMN kind TEXT NOT NULL DEFAULT 'guarded';
  `,
  // 3: outcomes are corrected by entries after them; found by what the dialer calls a call.
  `
  CREATE TABLE outcome_corrections (
    call_id TEXT NOT NULL REFERENCES outcomes (call_id),
    sequence INTEGER NOT NULL CHECK (sequence > 1),
    at_ms INTEGER NOT NULL,
    correction TEXT NOT NULL,
    PRIMARY KEY (call_id, sequence)
  ) STRICT;

  ALTER TABLE outcomes ADD COLUMN dialer_reference TEXT;
  UPDATE outcomes SET dialer_reference = json_extract(record, '$.dialerReference');
  CREATE INDEX outcomes_by_dialer_reference ON outcomes (dialer_reference, ended_at_ms)
    WHERE dialer_reference IS NOT NULL;
  `,
];
