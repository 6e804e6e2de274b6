/**
 * Every table of the store, as Kysely's types: the same for SQLite and PostgreSQL. `migrations.ts` makes them.
 *
 * Times are wall-clock milliseconds in columns that say so. Truth is 0 or 1, octets are `Uint8Array`, and JSON is text that
 * the program itself wrote. A digest is the HMAC of a number, hexadecimal: numbers of people stand in `call_numbers` and, as
 * long as a call lives, in `open_calls`.
 */
import type { Generated } from 'kysely';
import type { OptOutSource } from '../policy/opt-out-source.ts';

/** The ledger: an entry `seq` of `chain`, from 1 without gaps. Nothing is ever changed or deleted here. */
export type LedgerTable = {
  chain: string;
  seq: number;
  at_ms: number;
  kind: string;
  call_id: string | null;
  /** Canonical JSON (RFC 8785). */
  body: string;
  /** SHA-256, 32 octets. */
  hash: Uint8Array;
};

/** One row a call that ended. */
export type OutcomesTable = {
  call_id: string;
  /** Its ledger entry; null: of a time before the ledger. */
  chain: string | null;
  seq: number | null;
  dialer_call_id: string;
  carrier_call_id: string | null;
  dialer_reference: string | null;
  /** Of the called number; null: of a time before numbers had digests. */
  digest: string | null;
  campaign: string;
  controller: Generated<string>;
  kind: string;
  class: 'A' | 'B' | null;
  network: string;
  handling: string;
  /** Local day of the 2xx, `YYYY-MM-DD`; null: not answered, or of a time before days were kept. */
  day: string | null;
  /** What the call is counted as after its outcome (`CountedAs.as`); null: it is not. */
  counted_as: string | null;
  invited_at_ms: number;
  answered_at_ms: number | null;
  ended_at_ms: number;
  /** The whole outcome, JSON, without its number; one of a time before the ledger has it masked. */
  record: string;
};

/** What was found out of a call after its outcome; the outcome's row stays as it was. */
export type OutcomeCorrectionsTable = {
  call_id: string;
  /** From 2. */
  sequence: number;
  at_ms: number;
  /** JSON. */
  correction: string;
  /** What it says the class is; null: no class, or of a time before the ledger. */
  class: 'A' | 'B' | null;
  chain: string | null;
  seq: number | null;
};

/** The only place of numbers in clear once a call has ended; a row goes when its time is over or its person asks. */
export type CallNumbersTable = {
  call_id: string;
  /** Null: of a time before numbers had digests. */
  digest: string | null;
  number: string;
  /** When the call was invited. */
  at_ms: number;
};

/** Every campaign that ever had a guarded call. */
export type CampaignsTable = { campaign: string; controller: string; first_day: string; first_at_ms: number };

/** What is counted of a campaign on one local day. */
export type CampaignDaysTable = {
  campaign: string;
  day: string;
  /** NA of decision 83/2014 … */
  silent: number;
  /** … and NB. */
  handled: number;
  /** Of both: reported machines and faxes, whatever class they were counted as. */
  machines: number;
  /** Of these, those in no class that an agent was connected to. */
  machines_heard: number;
  /** Of both: callees who hung up before the end of the wait, whatever class they were counted as. */
  hung_up: number;
};

/** Thresholds that were told, each once: `period` is `day:YYYY-MM-DD` or `window:YYYY-MM-DD` (its first day). */
export type CampaignAlertsTable = { campaign: string; period: string; threshold: string };

/** Silent calls' locks on their numbers: one a call, until a call to the number is bridged or it was none after all. */
export type RecallLocksTable = {
  scope: string;
  digest: string;
  until_ms: number;
  silent_at_ms: number;
  /** The silent call. */
  call_id: string;
  /** Null: nobody calls until then, and after it with an agent; `free`: with an agent until then. */
  after: 'free' | null;
};

/** Opt-outs that hold, each by its ledger entry; those that were taken back have no row. */
export type OptOutsTable = {
  chain: string;
  seq: number;
  /** As of a lock: the controller, or the whole installation. */
  scope: string;
  digest: string;
  at_ms: number;
  source: OptOutSource;
  /** The call in which it was said; null: told by the number. */
  call_id: string | null;
  reference: string | null;
};

/** Guarded calls in flight. On SQLite it is in a database in memory that the ruling thread attaches. */
export type ReservationsTable = {
  call_id: string;
  process: string;
  scope: string;
  controller: string;
  digest: string;
  campaign: string;
  at_ms: number;
  /** Local day of the INVITE … */
  day: string;
  /** … and the last on which it may be answered. */
  last_day: string;
  answered_day: string | null;
  agent: 'none' | 'reserved' | 'connected';
  /** 1: its class is in `campaign_days`. */
  counted: number;
};

/** Imported lists of numbers that the register cleared; `current` is 1 for the one in force of a controller. */
export type ScreeningListsTable = {
  list_id: string;
  controller: string;
  checked_at_ms: number;
  expires_at_ms: number;
  numbers: number;
  sha256: string;
  file_name: string;
  imported_at_ms: number;
  /** Of the HMAC key that its digests were made with. */
  key_id: string;
  current: number;
};

/** A list's numbers: up to 512 digests of 8 octets, sorted, one after the other; `first` is the least of them. */
export type ScreeningBlocksTable = { list_id: string; first: Uint8Array; digests: Uint8Array };

/** What the ledger's last `settings` entry said of each part of the settings. */
export type SettingsSeenTable = { name: string; sha256: string };

/** The journal: calls that have no outcome yet, each of the process that has it. */
export type OpenCallsTable = {
  call_id: string;
  process: string;
  /** JSON. */
  dossier: string;
  /** JSON. */
  state: string;
};

/** Their dialogs. */
export type OpenDialogsTable = {
  call_id: string;
  leg: 'dialer' | 'carrier';
  /** JSON. */
  dialog: string;
};

/** Webhooks, delivered in the order of `seq` within a call, by the process that wrote them. */
export type WebhooksTable = {
  seq: Generated<number>;
  id: string;
  process: string;
  /** Or `campaign:<name>`. */
  call_id: string;
  type: string;
  endpoint: string;
  body: string;
  attempts: Generated<number>;
  next_attempt_at_ms: number;
  created_at_ms: number;
  delivered_at_ms: number | null;
  dead_at_ms: number | null;
  problem: string | null;
};

/** The last group of changes each process committed: one whose commit is in doubt is written once, not twice. */
export type LastGroupsTable = {
  process: string;
  token: string;
  /** JSON: what could not be part of it, and which entries of the ledger are of which change. */
  result: string;
};

/** The digest keys that processes have used with this database; see `privacy/number-keys.ts`. */
export type NumberKeysTable = { key_id: string; first_used_at_ms: number; last_used_at_ms: number };

/** Reports that are kept; `silent` to `hung_up` are its totals, by which it is known whether another is due. */
export type ReportsTable = {
  report_id: string;
  campaign: string;
  kind: 'window' | 'day' | 'range';
  first_day: string;
  last_day: string;
  /** From 1. */
  revision: number;
  language: string;
  made_at_ms: number;
  /** The process. */
  made_by: string;
  /** First local day on which it may be deleted. */
  keep_until: string;
  policy: string;
  /** Of the key it is signed with. */
  fingerprint: string;
  silent: number;
  handled: number;
  machines: number;
  hung_up: number;
  /** Of its manifest. */
  sha256: string;
};

/** Their files, each compressed (gzip). */
export type ReportFilesTable = { report_id: string; name: string; content: Uint8Array };

/** All of them. */
export type Schema = {
  ledger: LedgerTable;
  outcomes: OutcomesTable;
  outcome_corrections: OutcomeCorrectionsTable;
  call_numbers: CallNumbersTable;
  campaigns: CampaignsTable;
  campaign_days: CampaignDaysTable;
  campaign_alerts: CampaignAlertsTable;
  recall_locks: RecallLocksTable;
  opt_outs: OptOutsTable;
  reservations: ReservationsTable;
  screening_lists: ScreeningListsTable;
  screening_blocks: ScreeningBlocksTable;
  settings_seen: SettingsSeenTable;
  open_calls: OpenCallsTable;
  open_dialogs: OpenDialogsTable;
  webhooks: WebhooksTable;
  last_groups: LastGroupsTable;
  number_keys: NumberKeysTable;
  reports: ReportsTable;
  report_files: ReportFilesTable;
};
