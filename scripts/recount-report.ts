/**
 * Counts every figure of a report again from the raw rows of a SQLite database, in code that shares nothing with the program, and says
 * what differs: `node scripts/recount-report.ts data/brusio.db report.json`. Of reports under Italian rules.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { figuresOf, type Limit, type LiveCall, optionsOf, type ReportCall, windowFigures } from './recount-figures.ts';
import { dayNumber, romanDay } from './recount-law.ts';

/** JSON as it was read. */
// biome-ignore lint/suspicious/noExplicitAny: raw JSON that nobody vouches for, and whose every leaf is compared.
type Tree = { readonly [key: string]: any };
/** A figure that is another than the report says. */
export type FigureDifference = { readonly figure: string; readonly reported: string; readonly counted: string };
/** What was found. */
export type ReportRecount = { readonly compared: number; readonly differences: readonly FigureDifference[] };

const HOUR_MS = 3_600_000;
const WINDOW: Limit = { silent: 3, of: 100 };
const DAY: Limit = { silent: 4, of: 100 };
/** What the law's text is called and read, and what the report only passes on. */
const NOT_COUNTED = new Set(['citation', 'citations', 'countedFrom']);

/** Counts a report again. */
export function recountReport(database: DatabaseSync, report: Tree): ReportRecount {
  return compareFigures(report, countAgain(database, report));
}

/** What a report says against what {@link countAgain} gave. */
export function compareFigures(report: Tree, again: Tree): ReportRecount {
  const differences: FigureDifference[] = [];
  let compared = 0;
  const compare = (path: string, reported: unknown, counted: unknown): void => {
    if (isTree(reported) || isTree(counted)) {
      const [one, other] = [reported ?? {}, counted ?? {}] as [Tree, Tree];
      for (const key of new Set([...Object.keys(one), ...Object.keys(other)]))
        if (!NOT_COUNTED.has(key)) compare(path === '' ? key : `${path}.${key}`, one[key], other[key]);
      return;
    }
    compared++;
    const [said, found] = [textOf(reported), textOf(counted)];
    if (said !== found) differences.push({ figure: path, reported: said, counted: found });
  };
  const { id: _id, format: _format, madeAt: _at, madeBy: _by, machineFalsePositive: _estimate, ...figures } = report;
  compare('', figures, again);
  return { compared, differences };
}

function isTree(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

/** The report's figures from the rows; of the report itself only what it is of, and which entries it names. */
export function countAgain(database: DatabaseSync, report: Tree): Tree {
  const { campaign, period, machineFalsePositive: estimate } = report;
  const calls = callsOf(database, campaign.name);
  const live = liveOf(database, campaign.name);
  const inDays = (from: string, to: string) => ({
    calls: calls.filter((call) => within(dayOf(call), from, to)),
    live: live.filter((call) => within(romanDay(new Date(call.at).toISOString()), from, to)),
  });
  const present = String(report.policies[0]?.policy ?? '');
  const own = inDays(period.from, period.to);
  const of = (part: { calls: readonly ReportCall[]; live: readonly LiveCall[] }, limit: Limit, stamp = present) => ({
    ...figuresOf(part.calls, part.live, limit, optionsOf(stamp), estimate),
    limit,
  });
  const totalLimit = period.kind === 'window' ? WINDOW : period.kind === 'day' ? DAY : null;
  const start = startOf(database, campaign.name);
  const days = grouped(own, dayOf, (call) => romanDay(new Date(call.at).toISOString()));
  const hours = grouped(
    own,
    (call) => hourOf(momentOf(call)),
    (call) => hourOf(call.at),
  );
  const stamps = [
    ...new Set([present, ...own.calls.map(({ record }) => record.policy), ...own.live.map((one) => one.policy)]),
  ];
  return {
    campaign: { name: campaign.name, endsOn: campaign.endsOn, ...start },
    period: {
      ...{ kind: period.kind, from: period.from, to: period.to, timeZone: 'Europe/Rome' },
      number: period.kind === 'window' ? windowNumber(start.firstDay, period.from) : null,
      beginsAt: midnight(period.from),
      endsAt: midnight(dayAt(dayNumber(period.to) + 1)),
      complete: Date.parse(report.madeAt) >= Date.parse(midnight(dayAt(dayNumber(period.to) + 1))) + 600_000,
    },
    total: of(own, totalLimit),
    windows: windowsOf(start.firstDay, period, campaign.endsOn).map(({ number, from, to }) => ({
      ...{ number, from, to, complete: to < romanDay(report.madeAt), limit: WINDOW },
      ...windowFigures(of(inDays(from, to), WINDOW)),
    })),
    days: days.map(([day, part]) => ({ day, ...of(part, DAY) })),
    hours: hours.map(([hour, part]) => ({ ...hourNames(hour), ...of(part, null) })),
    policies: stamps.map((policy) => ({
      policy,
      ...of(
        {
          calls: own.calls.filter(({ record }) => record.policy === policy),
          live: own.live.filter((one) => one.policy === policy),
        },
        null,
        policy,
      ),
    })),
    ledger: ledgerOf(
      database,
      report,
      own,
      days.map(([day, part]) => ({ day, ...of(part, DAY) })),
    ),
  };
}

function callsOf(database: DatabaseSync, campaign: string): readonly ReportCall[] {
  const corrections = database.prepare(
    'SELECT correction FROM outcome_corrections WHERE call_id = ? ORDER BY sequence',
  );
  const decision = database.prepare("SELECT body FROM ledger WHERE call_id = ? AND kind = 'decision'");
  return database
    .prepare('SELECT call_id, controller, digest, record FROM outcomes WHERE campaign = ?')
    .all(campaign)
    .map((row) => {
      const said = decision.get(row.call_id as string)?.body;
      return {
        ...{ callId: String(row.call_id), controller: String(row.controller), digest: null },
        record: JSON.parse(String(row.record)),
        corrections: corrections.all(row.call_id as string).map((one) => {
          const { at, to } = JSON.parse(String(one.correction));
          return { at, answeredBy: to.answeredBy };
        }),
        decision: said === undefined ? null : JSON.parse(String(said)),
      };
    });
}

function liveOf(database: DatabaseSync, campaign: string): readonly (LiveCall & { readonly callId: string })[] {
  const entries = database.prepare("SELECT body FROM ledger WHERE call_id = ? AND kind = 'class' ORDER BY chain, seq");
  return database
    .prepare('SELECT call_id, dossier, state FROM open_calls')
    .all()
    .flatMap((row) => {
      const dossier = JSON.parse(String(row.dossier));
      const moves = entries.all(row.call_id as string).map((one) => JSON.parse(String(one.body)).count);
      const last = moves.findLast((move) => move !== null);
      if (dossier.campaign !== campaign || last?.to == null) return [];
      const at = JSON.parse(String(row.state)).facts.answeredAt?.wallMs;
      return [{ callId: String(row.call_id), at, policy: dossier.policy, class: last.to.class, as: last.to.as }];
    });
}

function startOf(database: DatabaseSync, campaign: string) {
  // The first call that was let through; the table of campaigns is not believed.
  const bodies = database.prepare("SELECT body FROM ledger WHERE kind = 'decision'").all();
  const allowed = bodies
    .map(({ body }) => JSON.parse(String(body)))
    .filter((body) => body.campaign === campaign && body.allowed === true);
  const firstAt = allowed.map(({ invitedAt }) => invitedAt).sort()[0];
  const first = allowed.sort((a, b) => (`${a.day} ${a.controller}` < `${b.day} ${b.controller}` ? -1 : 1))[0];
  return { controller: first?.controller, firstDay: first?.day, firstAt };
}

function ledgerOf(
  database: DatabaseSync,
  report: Tree,
  own: { readonly calls: readonly ReportCall[]; readonly live: readonly LiveCall[] },
  days: readonly Tree[],
): Tree {
  const of = database.prepare('SELECT chain, seq, kind, body, hash FROM ledger WHERE call_id = ?');
  const ids = [
    ...own.calls.map(({ callId }) => callId),
    ...own.live.map((one) => (one as { callId?: string }).callId ?? ''),
  ];
  const entries = ids.flatMap((id) => of.all(id));
  const isAsWritten = ({ chain, seq, hash }: Tree) =>
    hashOf(database, String(chain), Number(seq)) === Buffer.from(hash).toString('hex');
  const ranges = [...Map.groupBy(entries, ({ chain }) => String(chain))]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([chain, all]) => {
      const seqs = all.map(({ seq }) => Number(seq));
      const last = Math.max(...seqs);
      return {
        chain,
        first: Math.min(...seqs),
        last,
        lastHash: hashOf(database, chain, last),
        entries: all.filter(isAsWritten).length,
      };
    });
  const moved = sum();
  for (const { kind, body } of entries) {
    if (!['class', 'outcome', 'correction'].includes(String(kind))) continue;
    const { count } = JSON.parse(String(body));
    if (count === null) continue;
    add(moved, count.to, 1);
    add(moved, count.from, -1);
  }
  const rows = days.reduce<Tree>(
    (all, day) => ({
      silent: all.silent + day.silent,
      handled: all.handled + day.handled,
      machines: all.machines + day.machines.A + day.machines.B,
      hungUp: all.hungUp + day.calleeHangUps.A + day.calleeHangUps.B,
    }),
    sum(),
  );
  const kept = database
    .prepare(
      `SELECT coalesce(sum(silent), 0) AS silent, coalesce(sum(handled), 0) AS handled, coalesce(sum(machines), 0) AS machines,
         coalesce(sum(hung_up), 0) AS hungUp FROM campaign_days WHERE campaign = ? AND day BETWEEN ? AND ?`,
    )
    .get(report.campaign.name, report.period.from, report.period.to) as Tree;
  const same = [moved as Tree, kept].every((one) =>
    Object.keys(rows).every((key) => Number(one[key]) === (rows as Tree)[key]),
  );
  return {
    ranges,
    heads: report.ledger.heads.map((head: Tree) => ({ ...head, hash: hashOf(database, head.chain, head.seq) })),
    roots: report.ledger.roots.map((root: Tree) => ({ ...root, ...rootOf(database, root) })),
    agreement: {
      agrees: same,
      rows,
      ledger: moved,
      projection: { ...kept },
      differences: same ? [] : report.ledger.agreement.differences,
    },
  };
}

/** By what it says and what stands before it, not as it is written beside it. */
function hashOf(database: DatabaseSync, chain: string, seq: number): string {
  const entry = database.prepare('SELECT at_ms, kind, body FROM ledger WHERE chain = ? AND seq = ?').get(chain, seq);
  if (entry === undefined) return 'no entry';
  const before = database.prepare('SELECT hash FROM ledger WHERE chain = ? AND seq = ?').get(chain, seq - 1);
  const prevHash = before === undefined ? '0'.repeat(64) : Buffer.from(before.hash as Uint8Array).toString('hex');
  const at = new Date(Number(entry.at_ms)).toISOString();
  const text = `{"at":"${at}","body":${entry.body},"chain":${JSON.stringify(chain)},"kind":"${entry.kind}","prevHash":"${prevHash}","seq":${seq}}`;
  return createHash('sha256').update(text).digest('hex');
}

function rootOf(database: DatabaseSync, { chain, seq }: Tree): Tree {
  const entry = database.prepare('SELECT body FROM ledger WHERE chain = ? AND seq = ?').get(chain, seq);
  const { day, heads } = JSON.parse(String(entry?.body ?? '{}'));
  const sorted = (heads ?? []).map((head: Tree) => ({ chain: head.chain, hash: head.hash, seq: head.seq }));
  const root = createHash('sha256')
    .update(JSON.stringify({ day, heads: sorted }))
    .digest('hex');
  return { hash: hashOf(database, chain, seq), day, root };
}

function sum() {
  return { silent: 0, handled: 0, machines: 0, hungUp: 0 };
}

function add(into: ReturnType<typeof sum>, counted: Tree | null, by: number): void {
  if (counted === null) return;
  if (counted.class === 'A') into.silent += by;
  if (counted.class === 'B') into.handled += by;
  if (counted.as === 'machine') into.machines += by;
  if (counted.as === 'callee-hung-up') into.hungUp += by;
}

function windowsOf(firstDay: string, period: Tree, endsOn: string | null) {
  const found: { number: number; from: string; to: string }[] = [];
  for (let number = 1, from = dayNumber(firstDay); from <= dayNumber(period.to); number++, from += 10) {
    const whole = { number, from: dayAt(from), to: dayAt(from + 9) };
    const to = endsOn !== null && endsOn >= whole.from && endsOn < whole.to ? endsOn : whole.to;
    if (to >= period.from) found.push({ ...whole, to });
  }
  return found;
}

function windowNumber(firstDay: string, day: string): number {
  return Math.floor((dayNumber(day) - dayNumber(firstDay)) / 10) + 1;
}

function grouped<T, L extends LiveCall>(
  { calls, live }: { readonly calls: readonly ReportCall[]; readonly live: readonly L[] },
  ofCall: (call: ReportCall) => T,
  ofLive: (call: L) => T,
) {
  const [callsOfKey, liveOfKey] = [Map.groupBy(calls, ofCall), Map.groupBy(live, ofLive)];
  return [...new Set([...callsOfKey.keys(), ...liveOfKey.keys()])]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((key) => [key, { calls: callsOfKey.get(key) ?? [], live: liveOfKey.get(key) ?? [] }] as const);
}

function momentOf({ record }: ReportCall): number {
  return Date.parse(record.times.answered ?? record.times.invited);
}

const days = new WeakMap<ReportCall, string>();

function dayOf(call: ReportCall): string {
  const known = days.get(call) ?? romanDay(new Date(momentOf(call)).toISOString());
  days.set(call, known);
  return known;
}

/** Rome's offsets are whole hours: its hours begin when UTC's do. */
function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}

function hourNames(hour: number) {
  const iso = new Date(hour).toISOString();
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome', hour: '2-digit', minute: '2-digit' });
  const day = romanDay(iso);
  const local = shown.format(hour);
  const offset = Math.round((Date.parse(`${day}T${local}:00Z`) - hour) / HOUR_MS);
  return { day, hour: `${local}+0${offset}:00`, beginsAt: iso };
}

function midnight(day: string): string {
  let hour = Date.parse(`${day}T00:00:00Z`) - 3 * HOUR_MS;
  while (romanDay(new Date(hour).toISOString()) < day) hour += HOUR_MS;
  return new Date(hour).toISOString();
}

function dayAt(number: number): string {
  return new Date(number * 24 * HOUR_MS).toISOString().slice(0, 10);
}

function within(day: string, from: string, to: string): boolean {
  return from <= day && day <= to;
}

if (import.meta.main) {
  const [path, reportPath] = process.argv.slice(2);
  if (path === undefined || reportPath === undefined) {
    console.error('usage: node scripts/recount-report.ts data/brusio.db report.json');
    process.exit(2);
  }
  const { compared, differences } = recountReport(
    new DatabaseSync(path, { readOnly: true }),
    JSON.parse(readFileSync(reportPath, 'utf8')),
  );
  for (const { figure, reported, counted } of differences)
    console.log(`${figure}: the report says ${reported}, the rows give ${counted}`);
  console.log(`${compared} figures counted again, ${differences.length} differ`);
  process.exitCode = differences.length === 0 ? 0 : 1;
}
