/**
 * The check of a part of a chain: hashes, order, gaps, bodies, and the rows of outcomes and corrections that belong to its
 * entries. Parts can be checked at once, by several threads; what they found is put together by `whole-check.ts`. Pure.
 */
import { hash } from 'node:crypto';
import type { WallMs } from '../../base/clock.ts';
import type { LedgerBody } from '../ledger-body.ts';
import { LEDGER_KINDS, type LedgerKind, type LockMove } from '../ledger-entry.ts';
import type { CampaignStart } from '../projection.ts';
import { type BodyParts, checkBody, placeIn } from './body-check.ts';
import { correctionProblem, type StoredCorrection } from './correction-check.ts';
import type { LiftPlaces } from './lift-places.ts';
import type { PlacedOptOut } from './opt-out-check.ts';
import { outcomeProblem, type StoredOutcome } from './outcome-check.ts';
import { noteRare, type RareFindings } from './rare-check.ts';

/** An entry as it is read; its hash hexadecimal. */
export type StoredEntry = readonly [
  seq: number,
  atMs: number,
  kind: string,
  callId: string | null,
  body: string,
  hash: string,
];

/** A part of a chain: entries `from` to `to`, and the hash of the one before; null when that one is missing. */
export type ChainPart = {
  readonly chain: string;
  readonly from: number;
  readonly to: number;
  readonly prevHash: string | null;
  /** The entries' hashes are asked for. */
  readonly hashes: boolean;
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
  readonly lock: LockMove;
};

/** What is looked at once all parts are known: few of each, but for counts, which are added up. */
export type PartFindings = {
  readonly entries: number;
  /** Of the entries, 32 octets each, where they were asked for. */
  readonly hashes: Uint8Array;
  readonly fault: LedgerFault | null;
  /** Texts of `count`, and how often each stands in the part. */
  readonly counts: ReadonlyMap<string, number>;
  readonly starts: readonly CampaignStart[];
  /** But for lifts, which are as many as bridged calls. */
  readonly moves: readonly PlacedMove[];
  readonly roots: readonly { readonly seq: number; readonly at: number; readonly body: LedgerBody<'root'> }[];
  readonly timestamps: readonly { readonly seq: number; readonly at: number; readonly body: LedgerBody<'timestamp'> }[];
  readonly settings: readonly { readonly at: number; readonly name: string; readonly sha256: string }[];
  readonly optOuts: readonly PlacedOptOut[];
};

/** Entries that follow one another, and the rows that say they belong to one of them; all in the order of `seq`. */
export type PartRows = {
  readonly entries: readonly StoredEntry[];
  readonly outcomes: readonly StoredOutcome[];
  readonly corrections: readonly StoredCorrection[];
};

/** The check of a part, some of its entries at a time. */
export type PartCheck = {
  /** The part's next entries, up to `to`. False: there is a fault, and nothing behind it is looked at. */
  take(rows: PartRows, to: number): boolean;
  findings(): PartFindings;
};

/** Where the body of a kind has what is looked at of it; null: it says nothing of that. */
type KindPlaces = {
  readonly kind: LedgerKind;
  readonly callId: number | null;
  readonly moves: { readonly count: number; readonly lock: number } | null;
};

const NO_PLACES = { callId: null, moves: null } as const;
const PLACES: { readonly [K in LedgerKind]?: Omit<KindPlaces, 'kind'> } = {
  decision: { callId: placeIn('decision', 'callId'), moves: null },
  answer: { callId: placeIn('answer', 'callId'), moves: null },
  class: movingPlaces('class'),
  'opt-out': { callId: placeIn('opt-out', 'callId'), moves: null },
  outcome: movingPlaces('outcome'),
  correction: movingPlaces('correction'),
};
const KINDS: ReadonlyMap<string, KindPlaces> = new Map(
  LEDGER_KINDS.map((kind) => [kind, { kind, ...(PLACES[kind] ?? NO_PLACES) }]),
);
const ALLOWED = placeIn('decision', 'allowed');
const CAMPAIGN = placeIn('decision', 'campaign');
const CONTROLLER = placeIn('decision', 'controller');
const DAY = placeIn('decision', 'day');
const INVITED_AT = placeIn('decision', 'invitedAt');

function movingPlaces(kind: 'class' | 'outcome' | 'correction') {
  return { callId: placeIn(kind, 'callId'), moves: { count: placeIn(kind, 'count'), lock: placeIn(kind, 'lock') } };
}

/** Of SHA-256. */
const HASH_OCTETS = 32;
const NO_HASHES = new Uint8Array(0);

/** A campaign's first INVITE of a day that was allowed. */
type DayStart = { readonly controller: string; readonly day: string; invitedAt: string };

/** Begins the check of a part; it stops at the first fault. Lifts are noted in `lifts`. */
export function startPartCheck(part: ChainPart, lifts: LiftPlaces): PartCheck {
  const { chain, from, prevHash: before } = part;
  const hashes = part.hashes ? Buffer.alloc((part.to - from + 1) * HASH_OCTETS) : null;
  const chainText = JSON.stringify(chain);
  const counts = new Map<string, number>();
  const starts = new Map<string, DayStart[]>();
  const moves: PlacedMove[] = [];
  const rare: RareFindings = { roots: [], timestamps: [], settings: [], optOuts: [] };
  let fault: LedgerFault | null = null;
  let prevHash = before;
  let expected = from;

  function take({ entries, outcomes, corrections }: PartRows, to: number): boolean {
    let outcomeAt = 0;
    let correctionAt = 0;
    for (const entry of entries) {
      const [seq, atMs, kindText, callId, body, entryHash] = entry;
      if (seq < 1) return stopAt(entry, 'is none: numbers begin at 1');
      if (seq !== expected) return missing(expected, seq - 1);
      const places = KINDS.get(kindText);
      if (places === undefined) return stopAt(entry, 'has a kind that no Brusio writes');
      const { kind } = places;
      const at = isoTime(atMs);
      if (at === null) return stopAt(entry, 'has a time that is none');
      if (prevHash !== null && chainedHash(chainText, seq, kind, body, at, prevHash) !== entryHash)
        return stopAt(
          entry,
          'was changed, or does not follow the entry before it: its hash is not that of what it says',
        );
      const checked = checkBody(kind, body);
      if ('problem' in checked) return stopAt(entry, checked.problem);
      const { parts } = checked;
      if (callId !== (places.callId === null ? null : (parts[places.callId] ?? null)))
        return stopAt(entry, 'is filed under another call than it tells of');

      const outcome = outcomes[outcomeAt];
      if (outcome !== undefined && (kind === 'outcome' ? outcome[0] < seq : outcome[0] <= seq))
        return strayRow(outcome[0], 'outcomes', entries);
      const correction = corrections[correctionAt];
      if (correction !== undefined && (kind === 'correction' ? correction[0] < seq : correction[0] <= seq))
        return strayRow(correction[0], 'outcome_corrections', entries);
      if (kind === 'outcome') {
        if (outcome === undefined || outcome[0] > seq) return stopAt(entry, 'has no row in outcomes: it was deleted');
        const problem = outcomeProblem(outcome, parts, `{"chain":${chainText},"hash":"${entryHash}","seq":${seq}}`);
        if (problem !== null) return stopAt(entry, problem);
        outcomeAt++;
      } else if (kind === 'correction') {
        if (correction === undefined || correction[0] > seq)
          return stopAt(entry, 'has no row in outcome_corrections: it was deleted');
        const problem = correctionProblem(correction, body);
        if (problem !== null) return stopAt(entry, problem);
        correctionAt++;
      } else if (kind === 'opt-out') {
        rare.optOuts.push({ chain, seq, body: JSON.parse(body) as PlacedOptOut['body'] });
      } else if (kind === 'root' || kind === 'timestamp' || kind === 'settings') {
        const problem = noteRare(rare, kind, seq, atMs, body);
        if (problem !== null) return stopAt(entry, problem);
      } else if (kind === 'decision' && parts[ALLOWED] === 'true') {
        noteStart(parts);
      }
      if (places.moves !== null) noteMoves(entry, parts[places.moves.count], parts[places.moves.lock]);
      hashes?.write(entryHash, (seq - from) * HASH_OCTETS, 'hex');
      prevHash = entryHash;
      expected++;
    }
    if (expected <= to) return missing(expected, to);
    const strayOutcome = outcomes[outcomeAt];
    if (strayOutcome !== undefined) return strayRow(strayOutcome[0], 'outcomes', entries);
    const strayCorrection = corrections[correctionAt];
    if (strayCorrection !== undefined) return strayRow(strayCorrection[0], 'outcome_corrections', entries);
    return true;
  }

  function stopAt([seq, at, kind]: StoredEntry, problem: string): false {
    fault = { chain, seq, kind, at, problem };
    return false;
  }

  function missing(first: number, last: number): false {
    const problem = first === last ? 'is missing' : `is missing, and so are all up to ${last}`;
    fault = { chain, seq: first, kind: null, at: null, problem };
    return false;
  }

  function strayRow(seq: number, table: string, entries: readonly StoredEntry[]): false {
    const problem = `is none of those that have a row in ${table}, but a row there says it is its entry`;
    const entry = entries.find((one) => one[0] === seq);
    fault = { chain, seq, kind: entry?.[2] ?? null, at: entry?.[1] ?? null, problem };
    return false;
  }

  function noteMoves([seq, at, , callId]: StoredEntry, count: string | undefined, lock: string | undefined): void {
    if (count !== undefined) counts.set(count, (counts.get(count) ?? 0) + 1);
    if (lock === undefined) return;
    if (lock.includes('"move":"lift"')) lifts.add(chain, seq, lock);
    else moves.push({ at, chain, seq, callId: callId ?? '', lock: JSON.parse(lock) as LockMove });
  }

  function noteStart(parts: BodyParts): void {
    const { [CAMPAIGN]: campaign = '', [CONTROLLER]: controller = '', [DAY]: day = '', [INVITED_AT]: at = '' } = parts;
    const days = starts.get(campaign) ?? [];
    if (days.length === 0) starts.set(campaign, days);
    // Calls of one day come one after the other.
    const known = days.findLast((one) => one.day === day && one.controller === controller);
    if (known === undefined) days.push({ controller, day, invitedAt: at });
    // As texts, which have one form.
    else if (at < known.invitedAt) known.invitedAt = at;
  }

  return {
    take,
    findings: () => ({
      ...{ entries: expected - from, hashes: hashes ?? NO_HASHES, fault, counts, moves, ...rare },
      starts: [...starts].flatMap(([campaign, days]) =>
        days.map(({ controller, day: firstDay, invitedAt }) => {
          return { campaign, controller, firstDay, firstAt: Date.parse(invitedAt) as WallMs };
        }),
      ),
    }),
  };
}

/** See `entryHash`; flat, since it is asked of millions. */
function chainedHash(
  chainText: string,
  seq: number,
  kind: LedgerKind,
  body: string,
  at: string,
  prevHash: string,
): string {
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
