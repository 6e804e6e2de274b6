/** What a report says of the ledger: which entries are in it, their hashes, and whether rows, entries and kept counts agree. */
import { createHash } from 'node:crypto';
import type { Rows } from '../rows.ts';
import type { Tree } from './compare.ts';

/** Again; `days` are the report's days as they were counted. */
export async function evidenceAgain(
  rows: Rows,
  report: Tree,
  callIds: readonly string[],
  days: readonly Tree[],
): Promise<Tree> {
  const entries: Tree[] = [];
  for (const id of callIds)
    entries.push(...(await rows.all('SELECT chain, seq, kind, body, hash FROM ledger WHERE call_id = $1', id)));
  const ranges: Tree[] = [];
  const chains = [...Map.groupBy(entries, ({ chain }) => String(chain))].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [chain, all] of chains) {
    const seqs = all.map(({ seq }) => Number(seq));
    const [first, last] = [Math.min(...seqs), Math.max(...seqs)];
    let asWritten = 0;
    for (const { seq, hash } of all)
      if ((await hashOf(rows, chain, Number(seq))) === Buffer.from(hash).toString('hex')) asWritten++;
    ranges.push({ chain, first, last, lastHash: await hashOf(rows, chain, last), entries: asWritten });
  }
  const { heads, roots, agreement } = report.ledger;
  return {
    ranges,
    heads: await each(heads, async (head) => ({ ...head, hash: await hashOf(rows, head.chain, head.seq) })),
    roots: await each(roots, async (root) => ({ ...root, ...(await rootOf(rows, root)) })),
    agreement: await agreementAgain(rows, report, entries, days, agreement.differences),
  };
}

async function agreementAgain(
  rows: Rows,
  { campaign, period }: Tree,
  entries: readonly Tree[],
  days: readonly Tree[],
  differences: unknown,
): Promise<Tree> {
  const moved = sum();
  for (const { kind, body } of entries) {
    if (!['class', 'outcome', 'correction'].includes(String(kind))) continue;
    const { count } = JSON.parse(String(body));
    if (count === null) continue;
    add(moved, count.to, 1);
    add(moved, count.from, -1);
  }
  const all = ({ A, B, uncounted }: Record<string, number>) => (A ?? 0) + (B ?? 0) + (uncounted ?? 0);
  const counted = days.reduce<Tree>(
    (total, day) => ({
      silent: total.silent + day.silent,
      handled: total.handled + day.handled,
      machines: total.machines + all(day.machines),
      hungUp: total.hungUp + all(day.calleeHangUps),
    }),
    sum(),
  );
  const [row = {}] = await rows.all(
    `SELECT coalesce(sum(silent), 0) AS silent, coalesce(sum(handled), 0) AS handled, coalesce(sum(machines), 0) AS machines,
       coalesce(sum(hung_up), 0) AS hung_up FROM campaign_days WHERE campaign = $1 AND day BETWEEN $2 AND $3`,
    ...[campaign.name, period.from, period.to],
  );
  const kept = {
    ...{ silent: Number(row.silent), handled: Number(row.handled) },
    ...{ machines: Number(row.machines), hungUp: Number(row.hung_up) },
  };
  const agrees = [moved as Tree, kept as Tree].every((one) =>
    Object.keys(counted).every((key) => Number(one[key]) === counted[key]),
  );
  return { agrees, rows: counted, ledger: moved, projection: kept, differences: agrees ? [] : differences };
}

/** By what it says and what stands before it, not as it is written beside it. */
async function hashOf(rows: Rows, chain: string, seq: number): Promise<string> {
  const [entry] = await rows.all('SELECT at_ms, kind, body FROM ledger WHERE chain = $1 AND seq = $2', chain, seq);
  if (entry === undefined) return 'no entry';
  const [before] = await rows.all('SELECT hash FROM ledger WHERE chain = $1 AND seq = $2', chain, seq - 1);
  const prevHash = before === undefined ? '0'.repeat(64) : Buffer.from(before.hash as Uint8Array).toString('hex');
  const at = new Date(Number(entry.at_ms)).toISOString();
  const text = `{"at":"${at}","body":${entry.body},"chain":${JSON.stringify(chain)},"kind":"${entry.kind}","prevHash":"${prevHash}","seq":${seq}}`;
  return createHash('sha256').update(text).digest('hex');
}

async function rootOf(rows: Rows, { chain, seq }: Tree): Promise<Tree> {
  const [entry] = await rows.all('SELECT body FROM ledger WHERE chain = $1 AND seq = $2', chain, seq);
  const { day, heads = [] } = JSON.parse(String(entry?.body ?? '{}'));
  // As canonical JSON has it: keys in their order, those of a head too, whatever version of it.
  const sorted = heads.map((head: Tree) =>
    Object.fromEntries(Object.entries(head).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
  const root = createHash('sha256')
    .update(JSON.stringify({ day, heads: sorted }))
    .digest('hex');
  return { hash: await hashOf(rows, chain, seq), day, root };
}

async function each(all: readonly Tree[], again: (one: Tree) => Promise<Tree>): Promise<readonly Tree[]> {
  const found: Tree[] = [];
  for (const one of all) found.push(await again(one));
  return found;
}

function sum() {
  return { silent: 0, handled: 0, machines: 0, hungUp: 0 };
}

function add(into: ReturnType<typeof sum>, counted: Tree | null, by: number): void {
  if (counted === null) return;
  if (counted.class === 'A') into.silent += by;
  if (counted.class === 'B') into.handled += by;
  if (counted.as === 'machine' || counted.as === 'machine-heard') into.machines += by;
  if (counted.as === 'callee-hung-up') into.hungUp += by;
}
