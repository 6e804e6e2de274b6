/** A report's counts against the limits of the law, table by table. Pure. */
import { LEGAL_RULES } from '../../../policy/rules/ruling.ts';
import type { Shares } from '../readings.ts';
import type { PeriodReport, WindowReport } from '../report.ts';
import type { ReportWords } from '../words/report-words.ts';
import type { PageBlock, PageColumn } from './page-block.ts';
import { countColumn, type Parts, textColumn } from './report-parts.ts';
import type { Written } from './written.ts';

/** Hours that are shown: those of two windows' calls, some five pages. */
const HOURS_SHOWN_MAX = 250;

function shareCells(shares: Shares & Pick<PeriodReport, 'limit'>, { words, written }: Parts): readonly string[] {
  return [
    ...[written.count(shares.silent), written.count(shares.handled), written.percent(shares.percent)],
    shares.limit === null ? '–' : written.limit(shares.limit),
    words.verdicts[shares.verdict ?? 'none'],
  ];
}

function shareColumns(words: ReportWords, first: PageColumn, ...more: readonly PageColumn[]): readonly PageColumn[] {
  const { columns } = words;
  const right = (title: string | undefined, share: number): PageColumn => ({
    title: title ?? '',
    share,
    align: 'right',
  });
  return [
    ...[first, right(columns.na, 9), right(columns.nb, 11), right(columns.p, 10), right(columns.limit, 12)],
    { title: columns.verdict ?? '', share: 15, align: 'left' },
    ...more,
  ];
}

function loudOf(rows: readonly Pick<Shares, 'verdict'>[]): ReadonlySet<number> {
  return new Set(rows.flatMap(({ verdict }, index) => (verdict === 'breached' ? [index] : [])));
}

/** Each window. */
export function windowTable(parts: Parts): readonly PageBlock[] {
  const { report, words, written } = parts;
  if (report.windows.length === 0) return [];
  const name = ({ number, from, to, complete }: WindowReport) =>
    `${number ?? ''}. ${written.shortDay(from)} – ${written.shortDay(to)}${complete ? '' : ` (${words.windows.open})`}`;
  return [
    { type: 'heading', text: words.windows.heading },
    { type: 'paragraph', text: words.windows.note, look: 'small' },
    {
      type: 'table',
      columns: shareColumns(
        words,
        textColumn(words.columns.period, 34),
        countColumn(words.columns.machines, 14),
        countColumn(words.columns.hangUps, 14),
      ),
      rows: report.windows.map((window) => [
        ...[name(window), ...shareCells(window, parts), written.count(window.machines)],
        written.count(window.calleeHangUps),
      ]),
      loud: loudOf(report.windows),
    },
  ];
}

/** Each day. */
export function dayTable(parts: Parts): readonly PageBlock[] {
  const { report, words, written } = parts;
  return [
    { type: 'heading', text: words.days.heading },
    { type: 'paragraph', text: words.days.note, look: 'small' },
    {
      type: 'table',
      columns: shareColumns(words, textColumn(words.columns.day, 24), ...bothCounts(words)),
      rows: report.days.map((day) => [
        `${written.weekday(day.day)} ${written.shortDay(day.day)}`,
        ...shareCells(day, parts),
        ...bothCells(day, written),
      ]),
      loud: loudOf(report.days),
    },
  ];
}

function bothCounts({ columns }: ReportWords): readonly PageColumn[] {
  return [countColumn(columns.calls, 12), countColumn(columns.machines, 14), countColumn(columns.hangUps, 14)];
}

function bothCells({ calls, machines, calleeHangUps }: PeriodReport, written: Written): readonly string[] {
  const sum = ({ A, B, uncounted }: PeriodReport['machines']) => written.count(A + B + uncounted);
  return [written.count(calls), sum(machines), sum(calleeHangUps)];
}

/** Each hour; all days are too many to be read. */
export function hourTable(parts: Parts): readonly PageBlock[] {
  const { report, words, written } = parts;
  const heading: PageBlock = { type: 'heading', text: words.hours.heading };
  if (report.hours.length > HOURS_SHOWN_MAX) return [heading, { type: 'paragraph', text: words.hours.tooMany }];
  return [
    heading,
    { type: 'paragraph', text: words.hours.note, look: 'small' },
    {
      type: 'table',
      columns: [
        textColumn(words.columns.day, 24),
        textColumn(words.columns.hour, 20),
        ...[countColumn(words.columns.calls), countColumn(words.columns.na), countColumn(words.columns.nb)],
        countColumn(words.columns.p),
      ],
      rows: report.hours.map((hour) => [
        ...[`${written.weekday(hour.day)} ${written.shortDay(hour.day)}`, hour.hour, written.count(hour.calls)],
        ...[written.count(hour.silent), written.count(hour.handled), written.percent(hour.percent)],
      ]),
    },
  ];
}

/** The counts by the other reading of each option. */
export function alternativeTable(parts: Parts): readonly PageBlock[] {
  const { report, words } = parts;
  const { alternatives, limit } = report.total;
  if (alternatives.length === 0) return [];
  const { readings, falsePositive } = words.alternatives;
  const estimate = report.machineFalsePositive;
  const name = (reading: string) =>
    readings[reading] ??
    (estimate === null ? reading : falsePositive(parts.written.decimal(String(estimate.percent)), estimate.evidence));
  return [
    { type: 'heading', text: words.alternatives.heading },
    { type: 'paragraph', text: words.alternatives.note, look: 'small' },
    {
      type: 'table',
      columns: shareColumns(words, textColumn(words.columns.reading, 55)),
      rows: alternatives.map((one) => [name(one.reading), ...shareCells({ ...one, limit }, parts)]),
      loud: loudOf(alternatives),
    },
  ];
}

/** By the rules that calls were judged by. */
export function policyTable(parts: Parts): readonly PageBlock[] {
  const { report, words, written } = parts;
  return [
    { type: 'heading', text: words.policies.heading },
    { type: 'paragraph', text: words.policies.note, look: 'small' },
    {
      type: 'table',
      columns: [
        textColumn(words.columns.policy, 40),
        ...[countColumn(words.columns.na), countColumn(words.columns.nb), countColumn(words.columns.p)],
        ...bothCounts(words),
      ],
      rows: report.policies.map((one) => [
        ...[one.policy, written.count(one.silent), written.count(one.handled), written.percent(one.percent)],
        ...bothCells(one, written),
      ]),
    },
  ];
}

/** INVITEs that a rule refused, or would have. */
export function refusalTable({ report, words, written }: Parts): readonly PageBlock[] {
  const { byLaw, otherwise, byRule } = report.total.refusals;
  const heading: PageBlock = { type: 'heading', text: words.refusals.heading };
  const note = words.refusals.note(written.count(byLaw), written.count(otherwise));
  if (byRule.length === 0)
    return [heading, { type: 'paragraph', text: `${words.refusals.none} ${note}`, look: 'small' }];
  const rows = LEGAL_RULES.flatMap((rule) => byRule.filter((one) => one.rule === rule));
  return [
    heading,
    { type: 'paragraph', text: note, look: 'small' },
    {
      type: 'table',
      columns: [
        textColumn(words.columns.rule, 50),
        countColumn(words.columns.enforced, 20),
        countColumn(words.columns.observed, 20),
      ],
      rows: rows.map(({ rule, enforced, observed }) => [
        ...[words.refusals.rules[rule] ?? rule, written.count(enforced), written.count(observed)],
      ]),
    },
  ];
}
