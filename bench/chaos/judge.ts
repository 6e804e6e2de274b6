/** Whether anything was lost: what the peers saw of every call, against the outcomes that were told and stored. Pure. */
import type { CallResult } from '../../src/peers/call-plan.ts';
import type { CalleeRecord } from '../../src/peers/callee-call.ts';
import { DEFAULT_SIP_TIMERS, timeoutMs } from '../../src/sip/transaction/sip-timers.ts';
import { kindOf } from './call-kinds.ts';
import type { DatabaseRows } from './database-rows.ts';
import type { TakenOutcome } from './outcome-receiver.ts';

/** Two lives of Brusio: its kills, the first one's moment first, until the next process took calls; monotonic ms. */
export type Downtime = { readonly killedAtMs: number; readonly lastKilledAtMs: number; readonly upAtMs: number };

/** Everything that was seen. */
export type Evidence = {
  readonly results: readonly CallResult[];
  /** By Call-ID of the carrier's leg. */
  readonly callees: ReadonlyMap<string, CalleeRecord>;
  readonly taken: readonly TakenOutcome[];
  readonly database: DatabaseRows;
  readonly downtimes: readonly Downtime[];
};

/** What was found. */
export type Verdict = {
  /** What must not be; a sentence each. */
  readonly lost: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
  /** How long before a kill calls were answered, or got their agent, that are told as not, ms: the commit had not come back. */
  readonly inLastCommitMs: readonly number[];
};

/**
 * How long before a kill something may have happened that the journal does not know: groups are committed 10 ms apart, and a commit
 * takes as long as the disk does; on a busy machine that is this much at most.
 */
export const LAST_COMMIT_MS_MAX = 250;
/** A 200 has its ACK so soon after it was heard, ms: a repetition later at most. */
const ACKNOWLEDGED_WITHIN_MS = 1_000;
/** After a restart every leg that was up has its BYE by then. */
const ENDED_AFTER_RESTART_MS_MAX = 10_000;

/** Compares. */
export function judge({ results, callees, taken, database, downtimes }: Evidence): Verdict {
  const lost: string[] = [];
  const inLastCommitMs: number[] = [];
  const byCarrierCall = new Map<string, TakenOutcome[]>();
  const byCall = new Map<string, TakenOutcome[]>();
  for (const one of taken) {
    push(byCall, one.outcome.callId, one);
    if (one.outcome.sip.carrierCallId !== null) push(byCarrierCall, one.outcome.sip.carrierCallId, one);
  }
  const stored = new Set(database.outcomes);
  for (const [callId, ids] of byCall) {
    if (ids.length > 1) lost.push(`${callId}: its outcome has ${ids.length} webhook ids`);
    if (!stored.has(callId)) lost.push(`${callId}: an outcome was told that is not in the database`);
  }
  for (const callId of stored) if (!byCall.has(callId)) lost.push(`${callId}: its outcome was never delivered`);
  lost.push(...database.problems);
  for (const { outcome } of taken) {
    const { chain, seq, hash } = outcome.ledger ?? {};
    if (`${chain} ${seq} ${hash}` !== database.positions.get(outcome.callId))
      lost.push(`${outcome.callId}: the place in the ledger that was told is not its entry's`);
  }
  if (database.open > 0) lost.push(`${database.open} rows are left in the journal`);

  const acceptedAt = new Map(results.map((result) => [result.number, result.agentAcceptedAtMs]));
  const figures = { answered: 0, silent: 0, bridged: 0, endedByRestart: 0, betweenLives: 0, leftToTimers: 0 };
  for (const [carrierCallId, callee] of callees) {
    const { invitedAtMs, answeredAtMs, acknowledgedAtMs, endedAtMs, number } = callee;
    if (answeredAtMs === null) continue;
    const kind = kindOf(number).name;
    const at = `${kind}, carrier's Call-ID ${carrierCallId}`;
    // Called by one life, picked up after its end: the next one acknowledges and ends at once what its own books do not know. What was
    // said just before a kill is read here somewhat after it.
    const betweenLives = downtimes.find(
      ({ killedAtMs, lastKilledAtMs }) =>
        invitedAtMs <= lastKilledAtMs + LAST_COMMIT_MS_MAX && (acknowledgedAtMs ?? answeredAtMs) >= killedAtMs,
    );
    const heardAtMs = betweenLives === undefined ? answeredAtMs : heardByALife(answeredAtMs, downtimes);
    if (heardAtMs !== null && (acknowledgedAtMs ?? Number.POSITIVE_INFINITY) > heardAtMs + ACKNOWLEDGED_WITHIN_MS) {
      lost.push(
        `${at}: answered, and not acknowledged${betweenLives === undefined ? '' : ' by a life that was told so again'}`,
      );
      continue;
    }
    if (acknowledgedAtMs === null) continue;
    figures.answered += 1;
    const cut =
      betweenLives ??
      downtimes.find(
        ({ killedAtMs }) => killedAtMs >= acknowledgedAtMs && (endedAtMs === null || endedAtMs >= killedAtMs),
      );
    if (cut !== undefined) figures.endedByRestart += 1;
    const isInLastCommit = cut !== undefined && Math.abs(cut.killedAtMs - acknowledgedAtMs) <= LAST_COMMIT_MS_MAX;
    // One that no life knew of has somebody who can end it from its acknowledgement on.
    const endableAtMs = Math.max(cut?.killedAtMs ?? 0, betweenLives === undefined ? 0 : acknowledgedAtMs);
    const deadMs = cut === undefined ? 0 : upMs(endableAtMs, endedAtMs, downtimes);
    const isDead = deadMs > ENDED_AFTER_RESTART_MS_MAX;
    if (isDead && isInLastCommit) figures.leftToTimers += 1;
    else if (isDead) {
      const sinceMs = ((cut?.killedAtMs ?? 0) - acknowledgedAtMs).toFixed(0);
      lost.push(
        `${at}: left on a dead line (answered ${sinceMs} ms before a kill, ${callee.end} after ${deadMs.toFixed(0)} ms of the next lives)`,
      );
    }
    if (betweenLives !== undefined) {
      figures.betweenLives += 1;
      continue;
    }
    const agentAtMs = kind === 'agent from the beginning' ? acknowledgedAtMs : (acceptedAt.get(number) ?? null);
    const hadAgent = agentAtMs !== null && (cut === undefined || agentAtMs <= cut.killedAtMs);
    const found = byCarrierCall.get(carrierCallId) ?? [];
    const problem = problemOf(found, hadAgent, kind);
    if (problem === null) {
      figures[found[0]?.outcome.class === 'A' ? 'silent' : 'bridged'] += 1;
      continue;
    }
    const knownAtMs = hadAgent && found[0]?.outcome.network === 'answered' ? agentAtMs : acknowledgedAtMs;
    const sinceMs = cut === undefined ? Number.POSITIVE_INFINITY : cut.killedAtMs - knownAtMs;
    if (found.length <= 1 && sinceMs <= LAST_COMMIT_MS_MAX) inLastCommitMs.push(sinceMs);
    else lost.push(`${at}: ${problem}; ${sinceMs.toFixed(0)} ms before a kill`);
  }
  return { lost, figures, inLastCommitMs };
}

/** Null when an answered call has the one outcome that it must have. */
function problemOf(found: readonly TakenOutcome[], hadAgent: boolean, kind: string): string | null {
  const [first] = found;
  if (first === undefined || found.length > 1) return `${found.length} outcomes`;
  const { network, handling, class: counted, endCause } = first.outcome;
  const told = `told as ${network}, ${handling}, class ${counted}, ${endCause}`;
  if (network !== 'answered') return `answered, and ${told}`;
  if (hadAgent) return counted === 'B' ? null : `had an agent, and ${told}`;
  // An agent whose INFO was taken, while the 200 to it was lost with the process.
  return counted === 'A' || kind.startsWith('agent') ? null : `had no agent, and ${told}`;
}

/**
 * When a 200 that is repeated until its ACK comes (RFC 3261 §13.3.1.4) first meets a process that takes calls, and goes on to; null: never.
 * Close to a kill or a start nobody can say.
 */
function heardByALife(answeredAtMs: number, downtimes: readonly Downtime[]): number | null {
  const { t1Ms, t2Ms } = DEFAULT_SIP_TIMERS;
  let intervalMs = t1Ms;
  for (let atMs = answeredAtMs; atMs <= answeredAtMs + timeoutMs(DEFAULT_SIP_TIMERS); ) {
    const isNear = ({ killedAtMs, upAtMs }: Downtime) =>
      atMs >= killedAtMs - LAST_COMMIT_MS_MAX && atMs <= upAtMs + LAST_COMMIT_MS_MAX;
    if (!downtimes.some(isNear)) return atMs;
    atMs += intervalMs;
    intervalMs = Math.min(2 * intervalMs, t2Ms);
  }
  return null;
}

/** Time in which Brusio took calls between a kill and the end of a leg. */
function upMs(killedAtMs: number, endedAtMs: number | null, downtimes: readonly Downtime[]): number {
  if (endedAtMs === null) return Number.POSITIVE_INFINITY;
  const down = downtimes.map((one) =>
    Math.max(0, Math.min(endedAtMs, one.upAtMs) - Math.max(killedAtMs, one.killedAtMs)),
  );
  return endedAtMs - killedAtMs - down.reduce((sum, ms) => sum + ms, 0);
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const all = map.get(key);
  if (all === undefined) map.set(key, [value]);
  else all.push(value);
}
