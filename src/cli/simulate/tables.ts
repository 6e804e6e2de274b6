/** A simulation as text for a person and as CSV (RFC 4180) for a spreadsheet. Pure. */
import { textTable } from '../../base/text-table.ts';
import { csvLine } from '../../ledger/report/csv.ts';
import { LEGAL_RULES } from '../../policy/rules/ruling.ts';
import type { DayFigures } from '../../simulation/day-figures.ts';
import type { SimulatedCampaign, SimulatedPeriod } from '../../simulation/report.ts';
import type { SimulatedScenario } from './run-scenarios.ts';
import type { Sweep } from './sweep.ts';

/** Days that are shown where days have the limit; all are in the CSV. */
const WORST_DAYS = 10;

/** Everything about one run. */
export function scenarioText({ scenario, campaigns, days }: SimulatedScenario): string {
  const head = `${count(days)} of ${count(scenario.days)} days from ${scenario.from}, seed ${scenario.seed}\n`;
  return head + campaigns.map(campaignText).join('');
}

function campaignText(campaign: SimulatedCampaign): string {
  const { windows, days, totals, waits, policy } = campaign;
  const breachedDays = days.filter(({ verdict }) => verdict === 'breached');
  const [p50, p90, p99] = waits.quantilesMs;
  return [
    `\nCampaign ${campaign.campaign} of ${campaign.controller}, ${policy}\n\n`,
    windows.length > 0 ? periodTable(windows) : worstDaysText(days),
    `\nDays: ${count(days.length)}, of them ${count(breachedDays.length)} over their limit; the worst ${worstText(days)}\n`,
    estimateText(days),
    `Calls: ${count(totals.placed)} placed, ${count(totals.answered)} answered (${count(totals.machines)} by machines), ${count(totals.bridged)} to agents\n`,
    totals.greetings === 0 ? '' : `Greetings: ${count(totals.greetings)} heard, from which the wait counts\n`,
    `Waits: p50 ${ms(p50)}, p90 ${ms(p90)}, p99 ${ms(p99)}\n`,
    `Agents: ${share(totals.busyMs, totals.dutyMs)} busy, ${share(totals.heldMs, totals.dutyMs)} held for calls that rang\n`,
    `Locks: ${count(totals.locksSet)} set, ${count(totals.locksLifted)} lifted, ${count(totals.locksWithdrawn)} withdrawn\n`,
    rulesText('Refused', totals.refused),
    rulesText('Observed: would have been refused', totals.observed),
    campaign.alerts.length === 0 ? '' : `Alerts: ${alertsText(campaign)}\n`,
  ].join('');
}

function periodTable(periods: readonly SimulatedPeriod[]): string {
  const rows = periods.map(({ from, to, silent, handled, percent, verdict, figures }) => [
    ...[from, to, count(silent), count(handled), percent ?? '–', verdict ?? '–'],
    ...[count(figures.placed), share(figures.busyMs, figures.dutyMs)],
  ]);
  return table(['from', 'to', 'NA', 'NB', 'P %', 'verdict', 'calls', 'agents busy'], rows);
}

/** Days are what a law without windows limits, and there are too many of them in a year to be looked at; '' where none has a P. */
function worstDaysText(days: readonly SimulatedPeriod[]): string {
  const worst = days
    .filter(({ percent }) => percent !== null)
    .sort(byRatio)
    .slice(0, WORST_DAYS);
  return worst.length === 0 ? '' : `The worst days:\n${periodTable(worst)}`;
}

/** The highest first; as integers: the text is rounded. */
function byRatio({ ratio: one }: SimulatedPeriod, { ratio: other }: SimulatedPeriod): number {
  return other.silent * one.answered - one.silent * other.answered;
}

/** What of P is estimated in the worst day; '' where the law has no estimate in it. */
function estimateText(days: readonly SimulatedPeriod[]): string {
  const worst = worstOf(days);
  if (worst?.estimate === undefined) return '';
  const { method, machinesFound, machinesHeard, added, deducted, missing } = worst.estimate;
  if (missing) return `P is WITHOUT an estimate: detection found machines (machineFalsePositive is not set)\n`;
  const what =
    method === 'false-positives'
      ? `${count(added)} added for ${count(machinesFound)} machines that detection found`
      : `${deducted} deducted for ${count(machinesHeard)} machines that agents heard`;
  return `Estimates are in P; of the worst day NA ${count(worst.silent)}, ${what}\n`;
}

function worstText(periods: readonly SimulatedPeriod[]): string {
  const worst = worstOf(periods);
  return worst === null ? '–' : `${worst.percent} % on ${worst.from}`;
}

/** The period with the highest ratio. */
export function worstOf(periods: readonly SimulatedPeriod[]): SimulatedPeriod | null {
  return periods.reduce<SimulatedPeriod | null>(
    (worst, one) => (one.percent !== null && (worst === null || byRatio(one, worst) < 0) ? one : worst),
    null,
  );
}

function rulesText(title: string, rules: DayFigures['refused']): string {
  const some = LEGAL_RULES.filter((rule) => rules[rule] > 0).map((rule) => `${rule} ${count(rules[rule])}`);
  return some.length === 0 ? '' : `${title}: ${some.join(', ')}\n`;
}

function alertsText({ alerts }: SimulatedCampaign): string {
  const kinds = new Map<string, number>();
  for (const { period, alert } of alerts) {
    const name = `${period} ${alert === 'breached' ? 'over the limit' : `at ${alert} %`}`;
    kinds.set(name, (kinds.get(name) ?? 0) + 1);
  }
  return [...kinds].map(([name, times]) => `${name} ${times}×`).join(', ');
}

/** One row a point of the sweep and campaign. */
export function sweepText({ name }: Sweep, points: readonly SweepPoint[]): string {
  const columns = [name, 'campaign', ...SWEEP_COLUMNS.map(([title]) => title)];
  return table(columns, sweepRows(points));
}

/** The same as CSV. */
export function sweepCsv({ name }: Sweep, points: readonly SweepPoint[]): string {
  return csv([[name, 'campaign', ...SWEEP_COLUMNS.map(([title]) => title)], ...sweepRows(points)]);
}

/** One simulation of a sweep. */
export type SweepPoint = { readonly value: number; readonly run: SimulatedScenario };

const SWEEP_COLUMNS: readonly (readonly [string, (campaign: SimulatedCampaign) => string])[] = [
  ['worst window %', ({ windows }) => worstOf(windows)?.percent ?? '–'],
  ['worst day %', ({ days }) => worstOf(days)?.percent ?? '–'],
  ['windows over', ({ windows }) => String(windows.filter(({ verdict }) => verdict === 'breached').length)],
  ['days over', ({ days }) => String(days.filter(({ verdict }) => verdict === 'breached').length)],
  ['calls', ({ totals }) => String(totals.placed)],
  ['to agents', ({ totals }) => String(totals.bridged)],
  [
    'per agent hour',
    ({ totals }) => (totals.dutyMs === 0 ? '–' : ((totals.bridged * 3_600_000) / totals.dutyMs).toFixed(2)),
  ],
  ['busy', ({ totals }) => share(totals.busyMs, totals.dutyMs)],
  ['held', ({ totals }) => share(totals.heldMs, totals.dutyMs)],
  ['wait p99 ms', ({ waits }) => String(waits.quantilesMs[2] ?? '–')],
  ['budget refused', ({ totals }) => String(totals.refused['abandonment-budget'])],
  ['budget observed', ({ totals }) => String(totals.observed['abandonment-budget'])],
];

function sweepRows(points: readonly SweepPoint[]): string[][] {
  return points.flatMap(({ value, run }) =>
    run.campaigns.map((campaign) => [
      ...[String(value), campaign.campaign],
      ...SWEEP_COLUMNS.map(([, figure]) => figure(campaign)),
    ]),
  );
}

/** Windows or days of all campaigns, a row each. */
export function periodsCsv(campaigns: readonly SimulatedCampaign[], which: 'windows' | 'days'): string {
  const heading = [
    ...[
      'campaign',
      'from',
      'to',
      'NA',
      'NB',
      'percent',
      'verdict',
      'machines',
      'callee_hang_ups',
      'placed',
      'answered',
    ],
    ...['bridged', 'locks_set', 'locks_lifted', 'locks_withdrawn', 'agent_duty_s', 'agent_busy_s', 'agent_held_s'],
    ...LEGAL_RULES.map((rule) => `refused_${rule}`),
    ...LEGAL_RULES.map((rule) => `observed_${rule}`),
    ...['machines_heard', 'estimated_added', 'estimated_deducted'],
  ];
  const rows = campaigns.flatMap((campaign) =>
    campaign[which].map(({ figures, ...period }) => [
      ...[campaign.campaign, period.from, period.to, period.silent, period.handled, period.percent ?? ''],
      ...[
        period.verdict ?? '',
        period.machines,
        period.calleeHangUps,
        figures.placed,
        figures.answered,
        figures.bridged,
      ],
      ...[figures.locksSet, figures.locksLifted, figures.locksWithdrawn],
      ...[figures.dutyMs, figures.busyMs, figures.heldMs].map((each) => Math.round(each / 1_000)),
      ...LEGAL_RULES.map((rule) => figures.refused[rule]),
      ...LEGAL_RULES.map((rule) => figures.observed[rule]),
      ...[period.estimate?.machinesHeard ?? '', period.estimate?.added ?? '', period.estimate?.deducted ?? ''],
    ]),
  );
  return csv([heading, ...rows]);
}

/** Lines as reports have them, without their mark: what reads these is a program. */
function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => csvLine(row, { separator: ',', decimal: '.' })).join('');
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return textTable(columns, rows)
    .map((text) => `${text}\n`)
    .join('');
}

function share(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((part * 100) / whole).toFixed(1)} %`;
}

function ms(value: number | null | undefined): string {
  return value == null ? '–' : `${count(value)} ms`;
}

/** With thousands apart. */
export function count(value: number): string {
  return value.toLocaleString('en-GB');
}
