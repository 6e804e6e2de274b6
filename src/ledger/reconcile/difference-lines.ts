/** Differences as a person reads them, as CSV rows, and as JSON. Numbers are given in, masked or not. Pure. */
import { toIso, type WallMs } from '../../base/clock.ts';
import type { Difference, DifferenceKind } from './difference.ts';

/** What each kind means, in words. */
export const KIND_WORDS: Readonly<Record<DifferenceKind, string>> = {
  'answered-at-brusio': 'answered by what Brusio saw, not answered by what the carrier says',
  'answered-at-carrier': 'answered by what the carrier says, not answered by what Brusio saw',
  'only-brusio': 'only Brusio has it',
  'only-carrier': 'only the carrier has it',
  duplicate: 'the file has it a second time',
  contradictory: 'the carrier’s code says not answered, its duration says answered',
  'coded-differently': 'not answered on both sides, for different reasons',
  'answer-time': 'answered at different times',
  duration: 'of different duration, beyond the rounding',
};

/** The columns of the CSV. */
export const DIFFERENCE_COLUMNS = [
  ...[
    'kinds',
    'line',
    'call_id',
    'number',
    'campaign',
    'day',
    'carrier_network',
    'brusio_network',
    'class',
    'class_if_carrier_right',
  ],
  ...[
    'carrier_start',
    'brusio_invited',
    'carrier_answer',
    'brusio_answered',
    'answer_lag_ms',
    'carrier_end',
    'brusio_ended',
  ],
  ...['carrier_duration_ms', 'brusio_duration_ms', 'duration_gap_ms'],
] as const;

/** In the order of `DIFFERENCE_COLUMNS`. Times in UTC, the carrier's by Brusio's clock. */
export function differenceFields(difference: Difference, number: string | null): readonly (string | number | null)[] {
  const { carrier, brusio, effect } = difference;
  return [
    ...[difference.kinds.join(' '), difference.line, difference.callId, number, difference.campaign, difference.day],
    ...[carrier?.network ?? null, brusio?.network ?? null, brusio?.class ?? null],
    effect === null ? null : (effect.to ?? 'none'),
    ...[iso(carrier?.start), iso(brusio?.invited), iso(carrier?.answer), iso(brusio?.answered), difference.answerLagMs],
    ...[
      iso(carrier?.end),
      iso(brusio?.ended),
      carrier?.durationMs ?? null,
      talkMs(difference),
      difference.durationGapMs,
    ],
  ];
}

/** The same by names. */
export function differenceJson(difference: Difference, number: string | null): Record<string, unknown> {
  const fields = differenceFields(difference, number);
  const named = Object.fromEntries(DIFFERENCE_COLUMNS.map((name, at) => [name, fields[at] ?? null]));
  return { ...named, kinds: difference.kinds };
}

/** One line for a person. */
export function differenceText(difference: Difference, number: string | null): string {
  const { line, callId, campaign, carrier, brusio } = difference;
  const at = carrier?.start ?? brusio?.invited ?? carrier?.answer ?? carrier?.end ?? 0;
  const where = line === null ? 'not in the file' : `line ${line}`;
  const sides = [
    carrier === null ? null : `carrier ${carrier.network}${seconds(carrier.durationMs)}`,
    brusio === null
      ? null
      : `Brusio ${brusio.network}${brusio.class === null ? '' : ` (${brusio.class})`}${seconds(talkMs(difference))}`,
    difference.kinds.includes('answer-time') ? `answers ${signed(difference.answerLagMs ?? 0)}` : null,
    effectText(difference),
  ].filter((part) => part !== null);
  const call = [toIso(at as WallMs), number ?? '•••', campaign ?? '(no campaign)', callId ?? '(no call of Brusio’s)'];
  return `${where.padEnd(16)}${call.join('  ')}: ${sides.join('; ')}`;
}

function effectText({ effect }: Difference): string | null {
  if (effect === null) return null;
  const moves = [effect.from === null ? null : `N${effect.from} −1`, effect.to === null ? null : `N${effect.to} +1`];
  return `if the carrier is right ${moves.filter((move) => move !== null).join(', ')}`;
}

/** Answer to end by Brusio. */
function talkMs({ brusio }: Difference): number | null {
  return brusio === null || brusio.answered === null ? null : Math.round(brusio.ended - brusio.answered);
}

function seconds(durationMs: number | null): string {
  return durationMs === null ? '' : ` ${(durationMs / 1_000).toFixed(1)} s`;
}

function signed(lagMs: number): string {
  return `${(Math.abs(lagMs) / 1_000).toFixed(1)} s ${lagMs < 0 ? 'earlier' : 'later'} for the carrier`;
}

function iso(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : toIso(Math.round(at) as WallMs);
}
