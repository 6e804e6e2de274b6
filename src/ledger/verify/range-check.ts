/**
 * The check of a part of a chain: hashes, order, gaps, bodies, and the rows of outcomes and corrections that belong to its
 * entries. Parts can be checked at once, by several threads; what they found is put together by `whole-check.ts`. Pure.
 */
import { hash } from 'node:crypto';
import type { WallMs } from '../../base/clock.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { LedgerBody } from '../ledger-body.ts';
import { LEDGER_KINDS, type LedgerKind } from '../ledger-entry.ts';
import { correctionRow } from '../outcome-row.ts';
import type { CampaignStart } from '../projection.ts';
import { rootHash } from '../system-drafts.ts';
import { type BodyParts, checkBody } from './body-check.ts';
import { isText, outcomeProblem, type StoredOutcome } from './outcome-check.ts';

/** An entry as it is read. */
export type StoredEntry = {
  readonly seq: number;
  readonly at_ms: number;
  readonly kind: string;
  readonly call_id: string | null;
  readonly body: string;
  /** Hexadecimal. */
  readonly hash: string;
};

/** A row of `outcome_corrections` as it is read. */
export type StoredCorrection = {
  readonly seq: number;
  readonly call_id: string;
  readonly sequence: number;
  readonly at_ms: number;
  readonly correction: string;
  readonly class: string | null;
};

/** A part of a chain: entries `from` to `to`, and the hash of the one before; null when that one is missing. */
export type ChainPart = {
  readonly chain: string;
  readonly from: number;
  readonly to: number;
  readonly prevHash: string | null;
};

/** What is wrong, at the first place in the part where something is. */
export type LedgerFault = {
  readonly chain: string;
  readonly seq: number;
  /** Null where there is no entry. */
  readonly kind: string | null;
  readonly at: number | null;
  /** In words, to follow "entry 7 of chain guard-1". */
  readonly problem: string;
};

/** A lock's move with its place in the order of entries. */
export type PlacedMove = {
  readonly at: number;
  readonly chain: string;
  readonly seq: number;
  readonly callId: string;
  /** JSON of the `LockMove`: most are never looked into. */
  readonly lock: string;
};

/** What is looked at once all parts are known: few of each, but for counts, which are added up, and lifts. */
export type PartFindings = {
  readonly entries: number;
  readonly fault: LedgerFault | null;
  /** Texts of `count`, and how often each stands in the part. */
  readonly counts: ReadonlyMap<string, number>;
  readonly starts: readonly CampaignStart[];
  /** But for lifts. */
  readonly moves: readonly PlacedMove[];
  readonly lifts: readonly PlacedMove[];
  readonly roots: readonly { readonly seq: number; readonly at: number; readonly body: LedgerBody<'root'> }[];
  readonly timestamps: readonly { readonly seq: number; readonly at: number; readonly body: LedgerBody<'timestamp'> }[];
  readonly settings: readonly { readonly at: number; readonly name: string; readonly sha256: string }[];
};

/** The entries of a part, and the rows that say they belong to one of them; all in the order of `seq`. */
export type PartRows = {
  readonly entries: readonly StoredEntry[];
  readonly outcomes: readonly StoredOutcome[];
  readonly corrections: readonly StoredCorrection[];
};

const KINDS: ReadonlySet<string> = new Set(LEDGER_KINDS);

/** Checks a part; stops at the first fault. */
export function checkPart(
  { chain, from, to, prevHash: before }: ChainPart,
  { entries, outcomes, corrections }: PartRows,
): PartFindings {
  const counts = new Map<string, number>();
  const firstOf = new Map<string, string>();
  const moves: PlacedMove[] = [];
  const lifts: PlacedMove[] = [];
  const found = { roots: [] as never[], timestamps: [] as never[], settings: [] as never[] };
  const chainText = JSON.stringify(chain);
  let prevHash = before;
  let expected = from;
  let outcomeAt = 0;
  let correctionAt = 0;

  const findings = (fault: LedgerFault | null): PartFindings => ({
    ...{
      entries: expected - from,
      fault,
      counts,
      starts: [...firstOf].map(([key, at]) => startOf(key, at)),
      moves,
      lifts,
    },
    ...found,
  });
  const missing = (first: number, last: number): LedgerFault => ({
    ...{ chain, seq: first, kind: null, at: null },
    problem: first === last ? 'is missing' : `is missing, and so are all up to ${last}`,
  });

  for (const entry of entries) {
    const fault = (problem: string) => findings({ chain, seq: entry.seq, kind: entry.kind, at: entry.at_ms, problem });
    if (entry.seq < 1) return fault('is none: numbers begin at 1');
    if (entry.seq !== expected) return findings(missing(expected, entry.seq - 1));
    if (!KINDS.has(entry.kind)) return fault('has a kind that no Brusio writes');
    const kind = entry.kind as LedgerKind;
    const at = isoTime(entry.at_ms);
    if (at === null) return fault('has a time that is none');
    if (prevHash !== null && chainedHash(chainText, entry, at, prevHash) !== entry.hash)
      return fault('was changed, or does not follow the entry before it: its hash is not that of what it says');
    const checked = checkBody(kind, entry.body);
    if ('problem' in checked) return fault(checked.problem);
    const { parts } = checked;
    if (!isText(entry.call_id, parts.callId ?? 'null')) return fault('is filed under another call than it tells of');

    if (kind === 'outcome') {
      const row = outcomes[outcomeAt];
      if (row === undefined || row.seq > entry.seq) return fault('has no row in outcomes: it was deleted');
      if (row.seq < entry.seq) return findings(strayRow(chain, row.seq, 'outcomes', entries));
      const problem = outcomeProblem(row, parts, { chain, seq: entry.seq, hash: entry.hash });
      if (problem !== null) return fault(problem);
      outcomeAt++;
    } else if (kind === 'correction') {
      const row = corrections[correctionAt];
      if (row === undefined || row.seq > entry.seq) return fault('has no row in outcome_corrections: it was deleted');
      if (row.seq < entry.seq) return findings(strayRow(chain, row.seq, 'outcome_corrections', entries));
      const problem = correctionProblem(row, entry, chain);
      if (problem !== null) return fault(problem);
      correctionAt++;
    } else if (kind === 'root' || kind === 'timestamp' || kind === 'settings') {
      const problem = noteRare(found, kind, entry);
      if (problem !== null) return fault(problem);
    }
    noteMoves(entry, kind, parts);
    prevHash = entry.hash;
    expected++;
  }
  if (expected <= to) return findings(missing(expected, to));
  const strayOutcome = outcomes[outcomeAt];
  if (strayOutcome !== undefined) return findings(strayRow(chain, strayOutcome.seq, 'outcomes', entries));
  const strayCorrection = corrections[correctionAt];
  if (strayCorrection !== undefined)
    return findings(strayRow(chain, strayCorrection.seq, 'outcome_corrections', entries));
  return findings(null);

  function noteMoves({ seq, at_ms: at, call_id: callId }: StoredEntry, kind: LedgerKind, parts: BodyParts): void {
    if (kind === 'decision' && parts.allowed === 'true') noteStart(parts);
    const { count = 'null', lock = 'null' } = parts;
    if (count !== 'null') counts.set(count, (counts.get(count) ?? 0) + 1);
    if (lock === 'null') return;
    const move = { at, chain, seq, callId: callId ?? '', lock };
    (lock.includes('"move":"lift"') ? lifts : moves).push(move);
  }

  function noteStart({ campaign = '""', controller = '""', day = '""', invitedAt = '""' }: BodyParts): void {
    // Times are compared as texts, which have one form; calls of one day come one after the other.
    const key = `[${campaign},${controller},${day}]`;
    const known = firstOf.get(key);
    if (known === undefined || invitedAt < known) firstOf.set(key, invitedAt);
  }
}

function noteRare(
  found: { readonly roots: unknown[]; readonly timestamps: unknown[]; readonly settings: unknown[] },
  kind: 'root' | 'timestamp' | 'settings',
  { seq, at_ms: at, body: text }: StoredEntry,
): string | null {
  const body: unknown = JSON.parse(text);
  if (kind === 'settings') {
    const { name, sha256, content } = body as LedgerBody<'settings'>;
    if (hash('sha256', canonicalJson(content), 'hex') !== sha256) return 'has a sha256 that is not that of its content';
    found.settings.push({ at, name, sha256 });
  } else if (kind === 'root') {
    const { day, heads, root } = body as LedgerBody<'root'>;
    if (rootHash(day, heads) !== root) return 'has a root that is not that of its heads';
    found.roots.push({ seq, at, body });
  } else {
    found.timestamps.push({ seq, at, body });
  }
  return null;
}

function correctionProblem(row: StoredCorrection, entry: StoredEntry, chain: string): string | null {
  const body = JSON.parse(entry.body) as LedgerBody<'correction'>;
  const expected = correctionRow(body, { chain, seq: entry.seq, hash: entry.hash });
  const same =
    row.call_id === expected.callId &&
    row.sequence === expected.sequence &&
    row.at_ms === expected.at &&
    row.class === expected.class &&
    row.correction === expected.correction;
  return same ? null : 'differs from its row in outcome_corrections';
}

function strayRow(chain: string, seq: number, table: string, entries: readonly StoredEntry[]): LedgerFault {
  const entry = entries.find((one) => one.seq === seq);
  return {
    ...{ chain, seq, kind: entry?.kind ?? null, at: entry?.at_ms ?? null },
    problem: `is none of those that have a row in ${table}, but a row there says it is its entry`,
  };
}

/** See `entryHash`; flat, since it is asked of millions. */
function chainedHash(chainText: string, { seq, kind, body }: StoredEntry, at: string, prevHash: string): string {
  return hash(
    'sha256',
    `{"at":"${at}","body":${body},"chain":${chainText},"kind":"${kind}","prevHash":"${prevHash}","seq":${seq}}`,
    'hex',
  );
}

let second = Number.NaN;
let secondText = '';

/** ISO 8601, or null for a time that has none. Entries of one second come one after the other: its text is kept. */
function isoTime(atMs: number): string | null {
  const ms = atMs % 1_000;
  if (atMs - ms !== second) {
    if (!Number.isSafeInteger(atMs) || atMs < 0 || atMs > 253_402_300_799_999) return null;
    second = atMs - ms;
    secondText = new Date(second).toISOString().slice(0, 20);
  }
  return `${secondText}${ms < 10 ? `00${ms}` : ms < 100 ? `0${ms}` : ms}Z`;
}

function parsed(text: string): string {
  return JSON.parse(text) as string;
}

function startOf(key: string, invitedAt: string): CampaignStart {
  const [campaign, controller, firstDay] = JSON.parse(key) as [string, string, string];
  return { campaign, controller, firstDay, firstAt: Date.parse(parsed(invitedAt)) as WallMs };
}
