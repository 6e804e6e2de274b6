/**
 * The laws a second time, from the raw facts of calls alone, to check the program's counting by. Shares no line with
 * `src/`: no type, no constant, no calendar. Whoever changes the law there must change it here too, and say why.
 */
import { type Text, textOf } from './texts.ts';

/** What the recount knows of one call: the record of its outcome as it was first written, and what corrected it. */
export type RawCall = {
  readonly callId: string;
  readonly controller: string;
  readonly digest: string | null;
  readonly record: {
    readonly kind: string;
    readonly campaign: string;
    readonly network: string;
    readonly answeredBy: string;
    readonly endCause: string;
    readonly waitMs: number;
    /** Milliseconds after the answer; no end: it went on. Absent in records of a time before greetings were heard. */
    readonly greeting?: { readonly startedMs: number; readonly endedMs: number | null } | null;
    readonly policy: string;
    readonly teardown: { readonly dueAt: string } | null;
    readonly times: {
      readonly invited: string;
      readonly answered: string | null;
      readonly bridged: string | null;
      readonly ended: string;
    };
  };
  /** In the order in which they were made: when, and who had answered. */
  readonly corrections: readonly { readonly at: string; readonly answeredBy: string }[];
};

/** How a call counts at last. */
export type Verdict = {
  readonly class: 'A' | 'B' | null;
  /** `machine-heard`: by an agent, where the law tells it apart. */
  readonly why: 'agent' | 'machine' | 'machine-heard' | 'hung-up' | 'silent';
};

const HOUR_MS = 3_600_000;
const clocks = new Map<string, Intl.DateTimeFormat>();

/** The day there, `YYYY-MM-DD`. */
export function localDay(zone: string, iso: string): string {
  const clock = clocks.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
  clocks.set(zone, clock);
  return clock.format(Date.parse(iso));
}

/** The day in Rome. */
export function romanDay(iso: string): string {
  return localDay('Europe/Rome', iso);
}

/** A day's number in an unbroken row of days. */
export function dayNumber(day: string): number {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return Date.UTC(year, month - 1, date) / (24 * HOUR_MS);
}

/** How a call counts when that had answered; null: not at all. */
export function verdictOn({ record }: RawCall, answeredBy: string): Verdict | null {
  const { times } = record;
  if (record.kind !== 'guarded' || times.answered === null) return null;
  const text = textOf(record.policy);
  const waitEnds = begins(text, record.greeting ?? null) + text.waitMs;
  const nobodyInTime = times.bridged === null || record.waitMs > waitEnds || record.teardown !== null;
  const isMachine = answeredBy === 'machine' || answeredBy === 'fax';
  if (!nobodyInTime && !(isMachine && text.machineFirst)) return { class: 'B', why: 'agent' };
  if (isMachine) {
    const isHeard = text.machineFirst && times.bridged !== null;
    return { class: classOf(text.machine), why: isHeard ? 'machine-heard' : 'machine' };
  }
  const leftFirst = record.endCause === 'callee-hung-up' && record.teardown === null && times.bridged === null;
  if (leftFirst && record.waitMs < waitEnds) return { class: classOf(text.hungUp), why: 'hung-up' };
  return { class: 'A', why: 'silent' };
}

/** When the wait begins, ms after the answer; while the callee still speaks it has not. */
function begins({ from }: Text, greeting: RawCall['record']['greeting']): number {
  if (from === 'answer' || !greeting) return 0;
  if (from === 'greeting') return greeting.startedMs;
  return greeting.endedMs ?? Number.POSITIVE_INFINITY;
}

function classOf(said: 'A' | 'B' | '-'): Verdict['class'] {
  return said === '-' ? null : said;
}

/** How it counts at last, after all its corrections. */
export function lastVerdict(call: RawCall): Verdict | null {
  return verdictOn(call, call.corrections.at(-1)?.answeredBy ?? call.record.answeredBy);
}

/** Until when a call leaves nobody at the line, and since when that is known: it may have been told later. */
export function silence(call: RawCall): { readonly at: number; readonly knownAt: number } {
  const { teardown, times } = call.record;
  const at = Date.parse(teardown?.dueAt ?? times.bridged ?? times.ended);
  let isSilent = verdictOn(call, call.record.answeredBy)?.class === 'A';
  let knownAt = at;
  for (const correction of call.corrections) {
    const next = verdictOn(call, correction.answeredBy)?.class === 'A';
    if (next && !isSilent) knownAt = Date.parse(correction.at);
    isSilent = next;
  }
  return { at, knownAt };
}

/** So many hours, and to the end of so many days there after that of the call, whichever is later. */
export function restsUntil(at: number, hours = 120, days = 5, zone = 'Europe/Rome'): number {
  if (days === 0) return at + hours * HOUR_MS;
  const last = dayNumber(localDay(zone, new Date(at).toISOString())) + days;
  // The first hour of the day after it, by looking: days begin at full hours.
  let hour = Math.ceil((at + (hours - 1) * HOUR_MS) / HOUR_MS) * HOUR_MS;
  while (dayNumber(localDay(zone, new Date(hour).toISOString())) > last) hour -= HOUR_MS;
  while (dayNumber(localDay(zone, new Date(hour).toISOString())) <= last) hour += HOUR_MS;
  return Math.max(at + hours * HOUR_MS, hour);
}
