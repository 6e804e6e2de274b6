/** Whether one call's outcome is what it must be, given what PBX and callee saw of it. Times are wall clock, ms. */
import type { Bridge } from './pbx.ts';

/** The part of an outcome that is judged. */
export type JudgedOutcome = {
  readonly class: 'A' | 'B' | null;
  readonly network: string;
  readonly answeredBy: string;
  readonly endCause: string;
  /** By Brusio's own clock. */
  readonly waitMs: number;
  readonly agent: { readonly id: string; readonly server: string | null } | null;
};

/** What others than Brusio saw of a call. */
export type Seen = {
  /** By the callee. */
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly bridge: Bridge | null;
  /** The PBX said that a machine answered. */
  readonly isMachine: boolean;
};

/** A span in which the source was connected and in the know. */
export type UpSpan = { readonly from: number; readonly to: number };

/** What became of a call in the verdict. */
export type Verdict = {
  /** `blind`: class A by rule, since the PBX could not be asked from the bridge to the end of the wait. */
  readonly kind: 'B' | 'A' | 'machine' | 'borderline' | 'blind' | 'wrong';
  /** What is wrong or to be looked at; empty otherwise. */
  readonly why: string;
};

/** How a run judges. */
export type Rules = {
  readonly server: string;
  readonly upSpans: readonly UpSpan[];
  /** A call must not be dropped earlier than 3.000 s after the answer, nor later than this after it. */
  readonly dropLateMs: number;
  /** How much later than its stamp an event may leave the PBX, by how the PBX is made. */
  readonly stampToWireMs: number;
};

export const WAIT_MS = 3_000;
/** So near to the end of the wait either class is right; before it, what the PBX takes from stamp to wire comes on top. */
export const BORDERLINE_MS = 30;
/** From the PBX's stamp to its event on the wire, on a busy machine: what is cut meanwhile is lost until the connection is back. */
export const TELLING_MS = 300;
/** The callee notes its answer before its 200 is at Brusio, and gets the BYE after it was sent; both clocks count whole ms. */
const DROP_EARLY_MS = 2;

/** Judges one call by all outcomes that came for it, repeated deliveries left out. */
export function judge(seen: Seen, outcomes: readonly JudgedOutcome[], rules: Rules): Verdict {
  const [outcome, second] = outcomes;
  if (outcome === undefined) return wrong('no outcome');
  if (second !== undefined) return wrong(`${outcomes.length} outcomes`);
  const { answeredAt, bridge } = seen;
  if (answeredAt === null || outcome.class === null) return wrong(`not answered: ${outcome.network}`);
  if (seen.isMachine) return judgeMachine(outcome, answeredAt, rules);
  const bridgedMs = bridge === null ? null : bridge.at - answeredAt;
  const how = `bridged ${bridgedMs === null ? 'never' : `at ${Math.round(bridgedMs)} ms`}, class ${outcome.class}, ${outcome.endCause}, waited ${Math.round(outcome.waitMs)} ms by Brusio`;
  const fault = outcome.class === 'B' ? faultOfB(outcome, bridge, rules) : faultOfA(outcome, seen, answeredAt, rules);
  if (fault !== null) return wrong(`${how}: ${fault}`);
  if (bridgedMs !== null && isBorderline(bridgedMs, rules)) return { kind: 'borderline', why: how };
  const isDue = bridgedMs !== null && bridgedMs <= WAIT_MS ? 'B' : 'A';
  if (outcome.class === isDue) return { kind: isDue, why: '' };
  if (isDue === 'B' && bridge !== null && !couldBeTold(bridge.at, answeredAt + WAIT_MS, rules.upSpans))
    return { kind: 'blind', why: how };
  return wrong(how);
}

function isBorderline(bridgedMs: number, { stampToWireMs }: Rules): boolean {
  return bridgedMs >= WAIT_MS - stampToWireMs - BORDERLINE_MS && bridgedMs <= WAIT_MS + BORDERLINE_MS;
}

/** Whoever is known for a machine is told so, and has no agent. */
function judgeMachine({ answeredBy, agent }: JudgedOutcome, answeredAt: number, { upSpans }: Rules): Verdict {
  if (answeredBy === 'machine' && agent === null) return { kind: 'machine', why: '' };
  const why = `a machine: ${answeredBy}, agent ${agent?.id ?? 'none'}`;
  // When it was found, within the wait, is not looked at.
  const wasUp = upSpans.some(({ from, to }) => from <= answeredAt && to > answeredAt + WAIT_MS);
  return wasUp ? wrong(why) : { kind: 'blind', why };
}

function faultOfB({ agent }: JudgedOutcome, bridge: Bridge | null, { server }: Rules): string | null {
  if (bridge === null) return 'an agent whom the PBX does not know of';
  if (agent === null) return 'no agent';
  if (agent.id !== bridge.agent) return `agent ${agent.id}, was ${bridge.agent}`;
  return agent.server === server ? null : `told by ${agent.server}`;
}

function faultOfA(
  { agent }: JudgedOutcome,
  { endedAt }: Seen,
  answeredAt: number,
  { dropLateMs }: Rules,
): string | null {
  if (agent !== null) return `has agent ${agent.id}`;
  if (endedAt === null) return 'never ended at the callee';
  const heldMs = endedAt - answeredAt;
  const isOnTime = heldMs >= WAIT_MS - DROP_EARLY_MS && heldMs <= WAIT_MS + dropLateMs;
  return isOnTime ? null : `callee held for ${Math.round(heldMs)} ms`;
}

/** The source was connected long enough after the bridge to be told, or was back and in the know before the end of the wait. */
function couldBeTold(from: number, until: number, spans: readonly UpSpan[]): boolean {
  return spans.some((span) =>
    span.from <= from ? span.to > Math.min(from + TELLING_MS, until) : span.from < until - BORDERLINE_MS,
  );
}

function wrong(why: string): Verdict {
  return { kind: 'wrong', why };
}
