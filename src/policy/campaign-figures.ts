/**
 * What a campaign's counts say of one period, for the API and the webhooks: P as an exact fraction and as text, the verdict,
 * and what the counts would be by the other reading of each option.
 */
import { z } from 'zod';
import type { ClassOption, CountedClass, Jurisdiction } from './jurisdictions/jurisdiction.ts';
import {
  estimatedPersons,
  type MachineFalsePositive,
  machineEstimate,
  machineEstimateSchema,
  measuredTally,
  unestimatedTally,
} from './machine-estimate.ts';
import { isWithin, type RatioLimit, type Tally } from './tally.ts';

/** Answered calls of a period. */
export type PeriodCounts = Tally & {
  /** Those that the dialer reported as machine or fax: of both classes, or of none where live calls alone are counted. */
  readonly machines: number;
  /** Of these, those of none that an agent was connected to. */
  readonly machinesHeard: number;
  /** The same of those that the callee ended before the end of the wait. */
  readonly hungUp: number;
};

const count = z.int().min(0);

const shares = {
  silent: count.describe('NA, class A'),
  handled: count.describe('NB, class B'),
  ratio: z
    .strictObject({ silent: count, answered: count })
    .describe(
      'P of decision 83/2014 point 2 as a fraction: NA of NA + NB; where the law has estimates of machines in it (estimate), with these',
    ),
  percent: z
    .string()
    .nullable()
    .describe(
      'the same in per cent, rounded up in the third decimal so that no breach reads as the limit; null: no call',
    ),
  verdict: z
    .enum(['within', 'breached'])
    .nullable()
    .describe('compared as integers; equality is within; null: the law has no limit for this period'),
};

/** One period of a campaign. */
export const periodFiguresSchema = z.strictObject({
  period: z.enum(['day', 'window']),
  from: z.iso.date().describe("first local day, in the jurisdiction's time zone"),
  to: z.iso.date().describe('last local day'),
  ...shares,
  machines: count.describe(
    'reported as machine or fax: of both classes, or of none where live calls alone are counted',
  ),
  calleeHangUps: count.describe('ended by the callee before the end of the wait: of both classes, or of none'),
  limit: z
    .strictObject({ silent: count, of: count })
    .nullable()
    .describe('in Italy 3 of 100 in a window, 4 of 100 on a day; null: the law has no limit for this period'),
  estimate: machineEstimateSchema
    .optional()
    .describe('what of ratio, percent and verdict is estimated; absent: nothing, they are of the calls counted'),
  alternatives: z
    .array(
      z.strictObject({
        reading: z.string().describe('what would be counted otherwise, such as machine=A'),
        evidence: z.string().nullable().describe('where an estimate is known from'),
        ...shares,
      }),
    )
    .describe(
      "the other reading of each option, and machines' false positives where the settings estimate them; machine-estimate=none: the counts without the estimate",
    ),
});

/** One period of a campaign. */
export type PeriodFigures = z.infer<typeof periodFiguresSchema>;

type Shares = Pick<PeriodFigures, keyof typeof shares>;

/** A day or a window by its local days. */
export type CampaignPeriod = { readonly period: 'day' | 'window'; readonly from: string; readonly to: string };

/** What the counts of a period say. */
export function periodFigures(
  { period, from, to }: CampaignPeriod,
  counts: PeriodCounts,
  law: Pick<Jurisdiction, 'ratio' | 'options' | 'machinesInRatio'>,
  falsePositive: MachineFalsePositive | null,
): PeriodFigures {
  const limit = law.ratio[period]?.value ?? null;
  const { machines, machinesHeard, hungUp } = counts;
  const { machineAnswered, calleeHangUp } = law.options;
  const measured = (tally: Tally) => measuredTally({ ...tally, machines, machinesHeard }, law, falsePositive);
  const sharesMeasured = (tally: Tally) => sharesOf(tally, limit, measured(tally));
  const estimate = machineEstimate(counts, law, falsePositive);
  const alternatives = [
    ...otherReadings(counts, machineAnswered, machines, sharesMeasured),
    ...otherReadings(counts, calleeHangUp, hungUp, sharesMeasured),
  ];
  // Machines in class A are silent calls already.
  const { value: machinesAs } = machineAnswered;
  if (estimate !== null) alternatives.push(...withoutEstimate(counts, law, falsePositive, limit));
  else if (falsePositive !== null && machinesAs !== 'A')
    alternatives.push(withFalsePositives(counts, falsePositive, machinesAs, limit));
  return {
    ...{ period, from, to, ...sharesMeasured(counts), machines, calleeHangUps: hungUp, limit },
    ...(estimate === null ? {} : { estimate }),
    alternatives,
  };
}

/** The counts of several days together. */
export function sumOf(days: readonly PeriodCounts[]): PeriodCounts {
  const sum = { silent: 0, handled: 0, machines: 0, machinesHeard: 0, hungUp: 0 };
  for (const day of days) {
    sum.silent += day.silent;
    sum.handled += day.handled;
    sum.machines += day.machines;
    sum.machinesHeard += day.machinesHeard;
    sum.hungUp += day.hungUp;
  }
  return sum;
}

function otherReadings(
  tally: Tally,
  { value, choices, stamp }: ClassOption,
  calls: number,
  sharesMeasured: (tally: Tally) => Shares,
): PeriodFigures['alternatives'] {
  return choices
    .filter((other) => other !== value)
    .map((other) => ({
      reading: `${stamp}=${other}`,
      evidence: null,
      ...sharesMeasured(moved(tally, calls, value, other)),
    }));
}

/** The counts alone, where an estimate makes the ratio another one. */
export function withoutEstimate(
  counts: Tally & { readonly machines: number; readonly machinesHeard: number },
  law: Pick<Jurisdiction, 'machinesInRatio'>,
  falsePositive: MachineFalsePositive | null,
  limit: RatioLimit | null,
): PeriodFigures['alternatives'] {
  const [alone, measured] = [unestimatedTally(counts, law), measuredTally(counts, law, falsePositive)];
  if (alone.silent === measured.silent && alone.handled === measured.handled) return [];
  return [{ reading: 'machine-estimate=none', evidence: null, ...sharesOf(counts, limit, alone) }];
}

/** Where an option or the law was changed within the period some of these calls are counted otherwise already. */
function moved({ silent, handled }: Tally, calls: number, from: CountedClass, to: CountedClass): Tally {
  const moving = Math.min(calls, from === 'A' ? silent : from === 'B' ? handled : calls);
  return {
    silent: silent - (from === 'A' ? moving : 0) + (to === 'A' ? moving : 0),
    handled: handled - (from === 'B' ? moving : 0) + (to === 'B' ? moving : 0),
  };
}

/** As UK practice has it: estimated false positives are added to the silent calls; rounded up to a call. */
function withFalsePositives(
  { silent, handled, machines }: PeriodCounts,
  falsePositive: MachineFalsePositive,
  machinesAs: CountedClass,
  limit: RatioLimit | null,
): PeriodFigures['alternatives'][number] {
  const { percent, evidence } = falsePositive;
  const counts = moved({ silent, handled }, estimatedPersons(machines, falsePositive), machinesAs, 'A');
  return { reading: `machine-false-positive=${percent}%`, evidence, ...sharesOf(counts, limit) };
}

/**
 * What a tally makes against a limit; null: there is none.
 *
 * @param measured the two sides of the ratio, where these are not the counts themselves
 */
export function sharesOf({ silent, handled }: Tally, limit: RatioLimit | null, measured?: Tally): Shares {
  const sides = measured ?? { silent, handled };
  const answered = sides.silent + sides.handled;
  return {
    ...{ silent, handled, ratio: { silent: sides.silent, answered }, percent: percentText(sides.silent, answered) },
    verdict: limit === null ? null : isWithin(sides, limit) ? 'within' : 'breached',
  };
}

/** `part` of `whole` in per cent with three decimals, rounded up; integers only, up to 90,000 million calls. */
export function percentText(part: number, whole: number): string | null {
  if (whole === 0) return null;
  const thousandths = Math.ceil((part * 100_000) / whole);
  return `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, '0')}`;
}
