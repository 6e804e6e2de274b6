/** The rules that a report's calls were judged by, figure by figure with their source. Pure. */
import type { Report } from '../report.ts';
import type { PageBlock } from './page-block.ts';
import { type Parts, textColumn } from './report-parts.ts';

/** Rules of other countries are cited as they stand in the program. */
const NO_TEXTS = { texts: {}, readings: {} };

/** A table for each version of the rules. */
export function lawList(parts: Parts): readonly PageBlock[] {
  const { report, words } = parts;
  return [
    { type: 'heading', text: words.law.heading },
    { type: 'paragraph', text: words.law.note, look: 'small' },
    ...report.policies.flatMap(({ policy, citations }): readonly PageBlock[] => {
      const [figures, others] = [
        citations.filter(({ value }) => value !== null),
        citations.filter(({ value }) => value === null),
      ];
      return [
        { type: 'paragraph', text: policy, look: 'mono' },
        lawTable(parts, policy, figures, true),
        ...(others.length === 0
          ? []
          : [
              { type: 'paragraph', text: words.law.sources, look: 'label' } as const,
              lawTable(parts, policy, others, false),
            ]),
      ];
    }),
  ];
}

function lawTable(
  { words: { law, columns }, written }: Parts,
  policy: string,
  citations: Report['policies'][number]['citations'],
  hasValues: boolean,
): PageBlock {
  const { texts, readings }: Pick<typeof law, 'texts' | 'readings'> = policy.startsWith('it-') ? law : NO_TEXTS;
  return {
    type: 'table',
    columns: [
      textColumn(columns.rule, 26),
      ...(hasValues ? [textColumn(columns.value, 14)] : []),
      textColumn(columns.source, hasValues ? 60 : 74),
    ],
    rows: citations.map(({ rule, value, citation, reading, fromMemory }) => [
      law.names[rule] ?? rule,
      ...(hasValues ? [law.values[String(value)] ?? written.value(value)] : []),
      [
        texts[rule] ?? citation,
        ...(reading === null ? [] : [`${law.reading}: ${readings[rule] ?? reading}`]),
        ...(fromMemory ? [law.memory] : []),
      ].join('\n'),
    ]),
    loud: new Set(citations.flatMap(({ fromMemory }, index) => (fromMemory ? [index] : []))),
  };
}
