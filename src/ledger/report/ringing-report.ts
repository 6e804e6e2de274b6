/** What a report tells of the law's shortest ringing. Pure. */
import type { Cited } from '../../policy/jurisdictions/jurisdiction.ts';
import type { CallFigures } from './report-figures.ts';

/** How long unanswered calls rang that the dialer or Brusio gave up. */
export type RingingReport = {
  readonly minMs: number;
  readonly citation: string;
  /** All of them. */
  readonly givenUp: number;
  /** Of these: before {@link minMs} of ringing. */
  readonly short: number;
  /** Of these: before any ringing was heard. */
  readonly notRung: number;
};

/** Of one period. */
export function ringingReport(rang: CallFigures['rang'], { value, citation }: Cited<number>): RingingReport {
  const { short, long, 'not-rung': notRung } = rang;
  return { minMs: value, citation, givenUp: short + long + notRung, short, notRung };
}
