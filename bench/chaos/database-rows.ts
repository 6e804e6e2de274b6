/** What the database says once Brusio is stopped, read as anybody could, and whether its ledger holds: by code of our own, and Brusio's. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

type Row = Readonly<Record<string, unknown>>;

/** A database that a chaos run is made on. */
export type ChaosDatabase = {
  /** `BRUSIO_…` variables that lead to it. */
  readonly environment: Readonly<Record<string, string>>;
  query(sql: string): Promise<readonly Row[]>;
};

/** One in a data folder. */
export function sqliteIn(dataDir: string): ChaosDatabase {
  return {
    environment: { BRUSIO_DATA: dataDir },
    async query(sql) {
      const db = new DatabaseSync(`${dataDir}/brusio.db`, { readOnly: true });
      try {
        return db.prepare(sql).all();
      } finally {
        db.close();
      }
    },
  };
}

/** What is compared with what the peers saw. */
export type DatabaseRows = {
  /** Ids of all calls with an outcome; each once, by its primary key. */
  readonly outcomes: readonly string[];
  /** Calls and dialogs in the journal: none after all calls are over. */
  readonly open: number;
  /** Entries of the ledger. */
  readonly entries: number;
  /** `chain seq hash` of each outcome's entry, by its call. */
  readonly positions: ReadonlyMap<string, string>;
  /** What is wrong with the ledger or what it adds up to, a sentence each. */
  readonly problems: readonly string[];
};

/** Reads all of it. */
export async function readDatabase({ query, environment }: ChaosDatabase): Promise<DatabaseRows> {
  const ids = async (sql: string) => (await query(sql)).map((row) => String(row.id));
  const outcomes = await ids('SELECT call_id AS id FROM outcomes');
  const ledger = await query('SELECT chain, seq, at_ms, kind, call_id, body, hash FROM ledger ORDER BY chain, seq');
  const positions = new Map<string, string>();
  const problems = [...chainProblems(ledger)];
  for (const { chain, seq, kind, call_id: callId, hash } of ledger) {
    if (kind !== 'outcome') continue;
    if (positions.has(String(callId))) problems.push(`${callId}: two outcomes in the ledger`);
    positions.set(String(callId), `${chain} ${seq} ${hex(hash)}`);
  }
  for (const id of outcomes) if (!positions.has(id)) problems.push(`${id}: an outcome that the ledger does not have`);
  const counts = await query('SELECT campaign, day, silent, handled FROM campaign_days');
  return {
    outcomes,
    open: (await ids('SELECT call_id AS id FROM open_calls UNION ALL SELECT call_id AS id FROM open_dialogs')).length,
    entries: ledger.length,
    positions,
    problems: [...problems, ...countProblems(ledger, counts), ...verifierProblems(environment)],
  };
}

/** Webhooks that have not been delivered, and why. */
export async function undelivered({ query }: ChaosDatabase): Promise<readonly string[]> {
  const rows = await query('SELECT call_id, attempts, problem FROM webhooks WHERE delivered_at_ms IS NULL');
  return rows.map(({ call_id: callId, attempts, problem }) => `${callId}: ${attempts} attempts, ${problem}`);
}

/** What `brusio verify-ledger` finds. */
function verifierProblems(environment: ChaosDatabase['environment']): readonly string[] {
  const program = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'verify-ledger'], {
    env: { PATH: process.env.PATH, ...environment },
    encoding: 'utf8',
  });
  return status === 0 ? [] : [`verify-ledger ended with ${status}: ${stdout}${stderr}`];
}

/** Gaps, and hashes that are not what docs say they are. */
function chainProblems(ledger: readonly Row[]): readonly string[] {
  const problems: string[] = [];
  let head = { chain: '', seq: 0, hash: '' };
  for (const { chain, seq, at_ms: at, kind, body, hash } of ledger) {
    if (chain !== head.chain) head = { chain: String(chain), seq: 0, hash: '0'.repeat(64) };
    const text =
      `{"at":"${new Date(Number(at)).toISOString()}","body":${body},"chain":${JSON.stringify(chain)},"kind":"${kind}",` +
      `"prevHash":"${head.hash}","seq":${seq}}`;
    const due = createHash('sha256').update(text).digest('hex');
    if (Number(seq) !== head.seq + 1) problems.push(`${chain}: entry ${seq} follows ${head.seq}`);
    if (hex(hash) !== due) problems.push(`${chain} ${seq}: the hash is not that of the entry`);
    head = { chain: head.chain, seq: Number(seq), hash: hex(hash) };
  }
  return problems;
}

/** The days' counts against what the entries' moves add up to. */
function countProblems(ledger: readonly Row[], counts: readonly Row[]): readonly string[] {
  const due = new Map<string, number>();
  const add = (campaign: string, day: string, counted: { class: string } | null, by: number) => {
    if (counted === null) return;
    const key = `${campaign} ${day} ${counted.class}`;
    due.set(key, (due.get(key) ?? 0) + by);
  };
  for (const { body } of ledger) {
    const { count } = JSON.parse(String(body)) as { count?: Move | null };
    if (count === undefined || count === null) continue;
    add(count.campaign, count.day, count.from, -1);
    add(count.campaign, count.day, count.to, 1);
  }
  const stored = new Map<string, number>(
    counts.flatMap(({ campaign, day, silent, handled }) => [
      [`${campaign} ${day} A`, Number(silent)] as const,
      [`${campaign} ${day} B`, Number(handled)] as const,
    ]),
  );
  return [...new Set([...due.keys(), ...stored.keys()])]
    .filter((key) => (due.get(key) ?? 0) !== (stored.get(key) ?? 0))
    .map((key) => `${key}: ${stored.get(key) ?? 0} counted, the ledger says ${due.get(key) ?? 0}`);
}

type Move = {
  readonly campaign: string;
  readonly day: string;
  readonly from: { class: string } | null;
  readonly to: { class: string } | null;
};

function hex(octets: unknown): string {
  return Buffer.from(octets as Uint8Array).toString('hex');
}
