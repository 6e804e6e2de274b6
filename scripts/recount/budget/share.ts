/**
 * What one call is to the budget of its campaign: how it counts so far, and whether it may yet become a silent one, as docs/rules.md
 * and decision 83/2014 point 2 have it.
 */
import { localDay, type RawCall, type Verdict, verdictOn } from '../law.ts';
import { textOf } from '../texts.ts';
import type { Entry } from './entries.ts';

/** How long after a call was given up a 2xx may still come, ms: 64·T1 is 32 s (RFC 3261 §17.1.1.2), and as much again. */
const LATE_ANSWER_MS = 60_000;
/** For how long after its end an outcome may be corrected, and the correction be on its way to the database, ms. */
const OPEN_MS = 600_000 + 30_000;

/** `unknown`: nobody has heard of an answer. `handled`: it is in the counts as one that is not silent, or may be there already. */
export type Risk = { readonly as: 'unknown' | 'handled'; readonly from: string; readonly to: string };

/** Of one call at one time. */
export type Share = { readonly day: string | null; readonly counted: Verdict | null; readonly risk: Risk | null };

/** A call from its decision on. */
export type CallSeen = {
  readonly campaign: string;
  readonly chain: string;
  readonly policy: string;
  readonly agent: 'none' | 'reserved' | 'connected';
  readonly day: string;
  readonly lastDay: string;
  readonly answeredDay: string | null;
  readonly counted: Verdict | null;
  /** Once it is over: until when it may be corrected, and its record. */
  readonly over: { readonly openUntil: number; readonly record: RawCall['record'] } | null;
};

/** First and last local day on which a call may be answered. */
export function daysOfAnswer(policy: string, invitedAt: number, ringLimitMs: number): readonly [string, string] {
  const { zone } = textOf(policy);
  const dayOf = (ms: number) => localDay(zone, new Date(ms).toISOString());
  return [dayOf(invitedAt), dayOf(invitedAt + ringLimitMs + LATE_ANSWER_MS)];
}

/** Of a call as it is at a time; null: nothing. */
export function shareOf(call: CallSeen, now: number): Share {
  const { answeredDay, counted } = call;
  return { day: answeredDay, counted, risk: riskOf(call, now) };
}

function riskOf({ agent, day, lastDay, answeredDay, counted, over }: CallSeen, now: number): Risk | null {
  if (counted?.class === 'A' || counted?.why === 'agent') return null;
  if (over !== null) {
    // Its agent came in time: whatever is said of it afterwards, it was no silent call.
    if (judged(over.record, over.record.answeredBy)?.why === 'agent') return null;
    // Nobody answered, or it is too late for anybody to say that it was no machine.
    if (counted === null || answeredDay === null || now >= over.openUntil) return null;
    return { as: 'handled', from: answeredDay, to: answeredDay };
  }
  // Its agent is on the line: answered, it is bridged.
  if (agent === 'connected' || counted?.why === 'machine-heard') return null;
  return answeredDay === null
    ? { as: 'unknown', from: day, to: lastDay }
    : { as: 'handled', from: answeredDay, to: answeredDay };
}

/** A call after an entry that is about it. */
export function callAfter(call: CallSeen, { said }: Entry): CallSeen {
  const { zone } = textOf(call.policy);
  switch (said.kind) {
    case 'answer':
      return { ...call, answeredDay: localDay(zone, new Date(said.answeredAt).toISOString()) };
    case 'class':
      return { ...call, counted: { class: said.class, why: WHY[said.as] ?? 'silent' } };
    case 'outcome': {
      const { record } = said;
      const { answered, ended } = record.times;
      const answeredDay = answered === null ? null : localDay(zone, answered);
      const over = { openUntil: Date.parse(ended) + OPEN_MS, record };
      return { ...call, answeredDay, counted: judged(record, record.answeredBy), over };
    }
    case 'correction':
      return call.over === null ? call : { ...call, counted: judged(call.over.record, said.correction.answeredBy) };
    default:
      return call;
  }
}

/** The facts of the record, and not the class that an entry says, decide how a call that is over counts. */
function judged(record: RawCall['record'], answeredBy: string): Verdict | null {
  return verdictOn({ callId: '', controller: '', digest: null, record, corrections: [] }, answeredBy);
}

const WHY: Readonly<Record<string, Verdict['why']>> = {
  agent: 'agent',
  machine: 'machine',
  'machine-heard': 'machine-heard',
  'callee-hung-up': 'hung-up',
  silent: 'silent',
};
