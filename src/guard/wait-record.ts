/** What an outcome tells of the wait: what it counted from, what was heard of the callee, what they were told at its end. Pure. */
import { elapsedMs, type Instant } from '../base/clock.ts';
import { type CallFacts, isRelayed } from '../call/call-facts.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import type { CallDossier } from './journal.ts';
import type { MediaReport } from './media-port.ts';

/** What the wait counted from, and why not from what the rules name. */
export function waitRecord(
  facts: CallFacts,
  report: MediaReport | null,
  { wait }: Jurisdiction,
): Pick<OutcomeRecord, 'greeting' | 'waitFrom' | 'waitFallback'> {
  const { answeredAt, greeting = null, teardownDueAt = null } = facts;
  if (answeredAt === null || isRelayed(facts)) return { greeting: null, waitFrom: null, waitFallback: null };
  const after = (at: Instant) => roundMs(elapsedMs(answeredAt.monotonicMs, at.monotonicMs));
  const named = wait.from.value;
  const waitFrom = greeting === null ? 'answer' : named;
  const isUnending = waitFrom === 'speech-end' && greeting?.endedAt === null && teardownDueAt !== null;
  return {
    greeting:
      greeting === null
        ? null
        : {
            startedMs: Math.max(0, after(greeting.startedAt)),
            endedMs: greeting.endedAt === null ? null : Math.max(0, after(greeting.endedAt)),
          },
    waitFrom,
    waitFallback: isUnending ? 'greeting-unending' : waitFrom === named ? null : fallbackOf(report),
  };
}

function fallbackOf(report: MediaReport | null): NonNullable<OutcomeRecord['waitFallback']> {
  const listening = report?.listening ?? null;
  if (listening === null) return 'unknown';
  if (listening.understood > 0) return 'no-speech';
  return listening.strange > 0 ? 'no-decoder' : 'no-audio';
}

/** The message that was begun; null: none was. */
export function announcementRecord(
  { announcement: said }: CallDossier,
  { answeredAt, announcement = null }: CallFacts,
  report: MediaReport | null,
): OutcomeRecord['announcement'] {
  if (said === undefined || announcement === null || answeredAt === null) return null;
  const played = report?.announcement ?? null;
  const after = (at: Instant) => roundMs(elapsedMs(answeredAt.monotonicMs, at.monotonicMs));
  const { startedAt, endedAt, optOut } = announcement;
  return {
    ...said,
    startedMs: played === null ? after(startedAt) : roundMs(elapsedMs(answeredAt.monotonicMs, played.startedAt)),
    // Where the process that played it is gone nobody knows how far it came.
    playedMs: played?.playedMs ?? (report === null ? null : 0),
    complete: played?.complete ?? endedAt !== null,
    optOut: optOut === null ? null : { digit: optOut.digit, atMs: after(optOut.at) },
  };
}

function roundMs(durationMs: number): number {
  return Math.round(durationMs * 10) / 10;
}
