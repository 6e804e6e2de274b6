/** The messages that callees were told, where a law has them told or a call was. Pure. */
import type { PageBlock } from './page-block.ts';
import { countColumn, type Parts, textColumn } from './report-parts.ts';

/** How many heard it, how far it came, who opted out; each message with the hash of its recording. */
export function announcementTable({ report, words, written }: Parts): readonly PageBlock[] {
  const { calls, whole, partly, optOuts, messages } = report.total.announcements;
  const isAsked = report.policies.some(({ citations }) =>
    citations.some(({ rule, value }) => rule === 'wait.then' && value === 'message'),
  );
  if (calls === 0 && !isAsked) return [];
  const { heading, note, rows, optOutsBy } = words.announcements;
  const keys = Object.entries(optOuts).map(([digit, pressed]) => optOutsBy(written.count(pressed), digit));
  const blocks: readonly PageBlock[] = [
    { type: 'heading', text: heading },
    { type: 'paragraph', text: note, look: 'small' },
    {
      type: 'facts',
      facts: [
        [rows.calls, written.count(calls)],
        [rows.whole, written.count(whole)],
        [rows.partly, written.count(partly)],
        [rows.optOuts, keys.length === 0 ? '0' : keys.join(' · ')],
      ],
    },
  ];
  if (messages.length === 0) return blocks;
  return [
    ...blocks,
    {
      type: 'table',
      columns: [
        textColumn(words.columns.message, 40),
        { ...textColumn(words.columns.sha256, 30), mono: true },
        ...[countColumn(words.columns.calls), countColumn(rows.wholeShort), countColumn(rows.partlyShort)],
        countColumn(rows.optOutsShort, 16),
      ],
      rows: messages.map((one) => [
        ...[`${one.name}: “${one.text}”`, one.sha256.replace(/.{16}(?!$)/g, '$&\n'), written.count(one.calls)],
        ...[written.count(one.whole), written.count(one.partly), written.count(one.optOuts)],
      ]),
    },
  ];
}
