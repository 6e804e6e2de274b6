/** The last outcomes, for who begins to watch; corrections take the place of what they correct. */
import type { GuardEvent } from '../../guard/event-port.ts';
import type { OutcomeRecord } from '../../policy/outcome-record.ts';

/** Outcomes kept. */
export const OUTCOMES_KEPT = 30;

/** What of an outcome is shown in a list. */
export type OutcomeLine = Pick<
  OutcomeRecord,
  | 'callId'
  | 'kind'
  | 'campaign'
  | 'number'
  | 'network'
  | 'answeredBy'
  | 'handling'
  | 'class'
  | 'endedBy'
  | 'endCause'
  | 'times'
  | 'waitMs'
> & { readonly carrier: string | null; readonly status: number | null; readonly q850: number | null };

/** The last outcomes. */
export type RecentOutcomes = {
  note(event: GuardEvent): void;
  /** Latest first. */
  all(): readonly OutcomeLine[];
};

/** None yet. */
export function createRecentOutcomes(): RecentOutcomes {
  let latest: readonly OutcomeRecord[] = [];
  return {
    note(event) {
      if (event.type === 'call.outcome') latest = [event.data, ...latest.slice(0, OUTCOMES_KEPT - 1)];
      if (event.type === 'call.outcome_corrected')
        latest = latest.map((one) => (one.callId === event.data.callId ? event.data : one));
    },
    all: () => latest.map(lineOf),
  };
}

function lineOf({ sip: { carrier, status, q850 }, ...record }: OutcomeRecord): OutcomeLine {
  const { callId, kind, campaign, number, network, answeredBy, handling } = record;
  const { class: outcomeClass, endedBy, endCause, times, waitMs } = record;
  return {
    ...{ callId, kind, campaign, number, network, answeredBy, handling },
    ...{ class: outcomeClass, endedBy, endCause, times, waitMs, carrier, status, q850 },
  };
}
