/**
 * Decision 83/2014 a second time, from the raw facts of calls alone, to check the program's counting by. Shares no line with
 * `src/`: no type, no constant, no calendar. Whoever changes the law there must change it here too, and say why.
 */

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
export type Verdict = { readonly class: 'A' | 'B'; readonly why: 'agent' | 'machine' | 'hung-up' | 'silent' };

const WAIT_MS = 3_000;
const HOUR_MS = 3_600_000;
const ROME = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome', dateStyle: 'short' });

/** The day in Rome, `YYYY-MM-DD`. */
export function romanDay(iso: string): string {
  return ROME.format(Date.parse(iso));
}

/** A day's number in an unbroken row of days. */
export function dayNumber(day: string): number {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return Date.UTC(year, month - 1, date) / (24 * HOUR_MS);
}

/** How a call counts when that had answered; null: not at all. */
export function verdictOn({ record }: RawCall, answeredBy: string): Verdict | null {
  const { times, policy } = record;
  if (record.kind !== 'guarded' || times.answered === null) return null;
  const nobodyInTime = times.bridged === null || record.waitMs > WAIT_MS || record.teardown !== null;
  if (!nobodyInTime) return { class: 'B', why: 'agent' };
  if (answeredBy === 'machine' || answeredBy === 'fax')
    return { class: policy.includes(';machine=A') ? 'A' : 'B', why: 'machine' };
  const leftFirst = record.endCause === 'callee-hung-up' && record.teardown === null && times.bridged === null;
  if (leftFirst && record.waitMs < WAIT_MS)
    return { class: policy.includes(';callee-hang-up=B') ? 'B' : 'A', why: 'hung-up' };
  return { class: 'A', why: 'silent' };
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

/** Five times 24 hours, and to the end of the fifth day in Rome, whichever is later. */
export function restsUntil(at: number): number {
  const fifth = dayNumber(romanDay(new Date(at).toISOString())) + 5;
  // The first hour of the sixth day, by looking: days begin at full hours in Rome.
  let hour = Math.ceil((at + 119 * HOUR_MS) / HOUR_MS) * HOUR_MS;
  while (dayNumber(romanDay(new Date(hour).toISOString())) > fifth) hour -= HOUR_MS;
  while (dayNumber(romanDay(new Date(hour).toISOString())) <= fifth) hour += HOUR_MS;
  return Math.max(at + 120 * HOUR_MS, hour);
}
