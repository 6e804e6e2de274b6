/** What of a report's P is estimated, told apart from what is counted: where the law has estimates in it. Pure. */
import type { PeriodReport } from '../report.ts';
import type { PageBlock } from './page-block.ts';
import { countColumn, type Parts, textColumn } from './report-parts.ts';

/** The sentences of the summary in place of the plain ratio; null: these rules have no estimate. */
export function estimateSentences({ report, words, written }: Parts): readonly PageBlock[] | null {
  const { silent, handled, ratio, percent, estimate } = report.total;
  if (estimate === undefined || percent === null) return null;
  const { estimates: say } = words;
  const { machinesFound, machinesHeard, added, deducted, missing } = estimate;
  const counts = { silent: written.count(silent), found: written.count(machinesFound) };
  const share = { silent: written.count(ratio.silent), counted: written.count(ratio.answered) };
  const isEstimated = added > 0 || deducted !== null;
  const ratioText = isEstimated ? say.ratio : words.summary.ratio;
  const told = (): string => {
    if (deducted !== null) {
      const heard = { heard: written.count(machinesHeard), handled: written.count(handled) };
      return say.deducted({ ...counts, ...heard, deducted: written.decimal(deducted) });
    }
    if (machinesFound === 0 || estimate.percent === null) return say.none(counts.silent);
    const estimated = { added: written.count(added), percent: written.decimal(String(estimate.percent)) };
    return say.added({ ...counts, ...estimated, evidence: estimate.evidence ?? '–' });
  };
  return [
    missing
      ? { type: 'paragraph', text: say.missing(counts.found), look: 'alarm' }
      : { type: 'paragraph', text: told() },
    { type: 'paragraph', text: ratioText({ ...share, percent: written.decimal(percent) }), look: 'lead' },
  ];
}

/** Each day with what is counted and what is estimated of it. */
export function estimateTable({ report, words, written }: Parts): readonly PageBlock[] {
  const { total, days } = report;
  if (total.estimate === undefined) return [];
  const { estimates: say, columns } = words;
  const isDeducted = total.estimate.method === 'agents-machines';
  const cells = (name: string, { silent, handled, ratio, percent, estimate }: PeriodReport): readonly string[] => [
    ...[name, written.count(silent), written.count(handled)],
    ...[written.count(estimate?.machinesFound ?? 0), written.count(estimate?.machinesHeard ?? 0)],
    estimate?.missing === true ? say.missingCell : written.count(estimate?.added ?? 0),
    ...(isDeducted ? [written.percent(estimate?.deducted ?? null)] : []),
    ...[`${written.count(ratio.silent)} / ${written.count(ratio.answered)}`, written.percent(percent)],
  ];
  return [
    { type: 'heading', text: say.heading },
    { type: 'paragraph', text: isDeducted ? say.noteDeducted : say.note, look: 'small' },
    {
      type: 'table',
      columns: [
        textColumn(columns.period, 24),
        ...[countColumn(columns.na, 8), countColumn(columns.nb, 10)],
        ...[countColumn(columns.found, 12), countColumn(columns.heard, 10), countColumn(columns.added, 15)],
        ...(isDeducted ? [countColumn(columns.deducted, 12)] : []),
        ...[countColumn(columns.fraction, 20), countColumn(columns.p, 9)],
      ],
      rows: [
        ...days.map((day) => cells(`${written.weekday(day.day)} ${written.shortDay(day.day)}`, day)),
        cells(say.total, total),
      ],
    },
  ];
}
