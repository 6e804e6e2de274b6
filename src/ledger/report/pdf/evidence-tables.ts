/** What a report rests on in the ledger. Pure. */
import type { PageBlock, PageColumn } from './page-block.ts';
import { countColumn, type Parts, textColumn } from './report-parts.ts';

/** Three counts of the same calls, the entries, and the roots over them. */
export function evidence({ report, words, written }: Parts): readonly PageBlock[] {
  const { ranges, roots, agreement } = report.ledger;
  const { ledger, columns } = words;
  const counted = [agreement.rows, agreement.ledger, agreement.projection].map((sum, index) => [
    ...[ledger.counters[index] ?? '', written.count(sum.silent), written.count(sum.handled)],
    ...[written.count(sum.machines), written.count(sum.hungUp)],
  ]);
  const mono = (title: string | undefined, share: number): PageColumn => ({ ...textColumn(title, share), mono: true });
  return [
    { type: 'heading', text: ledger.heading },
    { type: 'paragraph', text: ledger.note, look: 'small' },
    { type: 'paragraph', text: ledger.counts, look: 'label' },
    {
      type: 'table',
      columns: [
        textColumn(columns.what, 40),
        ...[
          countColumn(columns.na),
          countColumn(columns.nb),
          countColumn(columns.machines),
          countColumn(columns.hangUps),
        ],
      ],
      rows: counted,
    },
    ...(agreement.differences.length === 0
      ? []
      : [
          { type: 'paragraph', text: ledger.differences, look: 'label' } as const,
          ...agreement.differences.map((text) => ({ type: 'paragraph', text, look: 'alarm' }) as const),
        ]),
    { type: 'paragraph', text: ledger.ranges, look: 'label' },
    {
      type: 'table',
      columns: [
        textColumn(columns.chain, 18),
        ...[
          countColumn(columns.first),
          countColumn(columns.last),
          countColumn(columns.entries),
          mono(columns.hash, 52),
        ],
      ],
      rows: ranges.map(({ chain, first, last, entries, lastHash }) => [
        ...[chain, written.count(first), written.count(last), written.count(entries), inTwoLines(lastHash)],
      ]),
    },
    roots.length === 0
      ? { type: 'paragraph', text: ledger.noRoot }
      : { type: 'paragraph', text: ledger.roots, look: 'label' },
    ...(roots.length === 0
      ? []
      : [
          {
            type: 'table' as const,
            columns: [
              textColumn(columns.day, 15),
              textColumn(columns.entry, 17),
              mono(columns.root, 52),
              textColumn(columns.timestamp, 28),
            ],
            rows: roots.map(({ day, chain, seq, root, timestamps }) => [
              ...[day, `${chain} ${written.count(seq)}`, inTwoLines(root)],
              timestamps.map(({ authority, time }) => `${time} ${authority}`).join('\n') || '–',
            ]),
          },
        ]),
  ];
}

/** 64 digits are too many for a column. */
function inTwoLines(hash: string): string {
  return `${hash.slice(0, 32)}\n${hash.slice(32)}`;
}
