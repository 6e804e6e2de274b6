/** What a guard has done since its start, counted for the metrics. */
import type { TeardownMode } from '../call/call-facts.ts';
import type { Refusal } from '../policy/decision.ts';
import { jurisdictionOfStamp } from '../policy/jurisdictions/chosen-jurisdiction.ts';
import type { CorrectedOutcome } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { type RingingVerdict, ringingOf } from '../policy/ringing.ts';
import type { MediaReport } from './media-port.ts';

/** Counts since the start, for metrics. */
export type GuardCounts = {
  readonly invites: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Breached rules of law, as `rule|mode`. */
  readonly breaches: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly recovered: number;
  /** Dispositions of calls that were over, by what became of them. */
  readonly lateDispositions: Readonly<Record<string, number>>;
  /** Corrections of outcomes, by the class before and after. */
  readonly corrections: Readonly<Record<string, number>>;
  /** Datagrams of ended calls that the media plane dropped, by reason. */
  readonly mediaDrops: Readonly<Record<string, number>>;
  /** Waits that ended without an agent, by what the dialer's `teardown` says. */
  readonly teardowns: Readonly<Record<TeardownMode, number>>;
  /** Peers that should have been heard and were silent for too long, by leg. */
  readonly silences: Readonly<Record<string, number>>;
  /** Unanswered calls that were given up, by how long they rang, of laws that have a shortest ringing. */
  readonly givenUp: Readonly<Record<RingingVerdict, number>>;
};

/** The counts, and what moves them. */
export type GuardCounters = {
  invited(): void;
  refused(refusal: Refusal): void;
  finished(record: OutcomeRecord, report: MediaReport | null): void;
  recovered(): void;
  corrected(outcome: CorrectedOutcome): void;
  tornDown(mode: TeardownMode): void;
  silent(leg: string): void;
  all(): Omit<GuardCounts, 'lateDispositions' | 'breaches'>;
};

/** All at zero. */
export function createGuardCounters(): GuardCounters {
  const refused: Record<string, number> = {};
  const outcomes: Record<string, number> = {};
  const corrections: Record<string, number> = {};
  const mediaDrops: Record<string, number> = {};
  const teardowns: Record<TeardownMode, number> = { enforce: 0, observe: 0 };
  const silences: Record<string, number> = {};
  const givenUp: Record<RingingVerdict, number> = { short: 0, long: 0, 'not-rung': 0 };
  let invites = 0;
  let recovered = 0;

  return {
    invited: () => void invites++,
    refused: ({ rule }) => count(refused, rule),
    finished(record, report) {
      const { network, handling, class: outcomeClass, policy } = record;
      const ringing = ringingOf(record, jurisdictionOfStamp(policy));
      if (ringing !== null) givenUp[ringing]++;
      for (const [reason, dropped] of Object.entries(report?.drops ?? {})) count(mediaDrops, reason, dropped);
      count(outcomes, `${network}|${handling}|${outcomeClass ?? ''}`);
    },
    recovered: () => void recovered++,
    corrected(outcome) {
      const last = outcome.corrections.at(-1);
      count(corrections, `${last?.from.class ?? ''}|${last?.to.class ?? ''}`);
    },
    tornDown: (mode) => void teardowns[mode]++,
    silent: (leg) => count(silences, leg),
    all: () => ({
      ...{ invites, recovered },
      refused: { ...refused },
      outcomes: { ...outcomes },
      corrections: { ...corrections },
      mediaDrops: { ...mediaDrops },
      teardowns: { ...teardowns },
      silences: { ...silences },
      givenUp: { ...givenUp },
    }),
  };
}

function count(counts: Record<string, number>, key: string, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}
