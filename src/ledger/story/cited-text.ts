/** A citation of Italian law in the words of the report in that language. Pure. */
import { italy } from '../../policy/jurisdictions/italy.ts';
import { citedFigures } from '../report/cited-law.ts';
import type { ReportLanguage } from '../report/report-language.ts';
import { ITALIAN } from '../report/words/italian.ts';

const { texts, readings }: Readonly<Record<'texts' | 'readings', Readonly<Record<string, string>>>> = ITALIAN.law;
const IN_ITALIAN = new Map(
  citedFigures(italy).flatMap(({ rule, citation, reading }) => [
    [citation, texts[rule] ?? citation] as const,
    ...(reading === null ? [] : [[reading, readings[rule] ?? reading] as const]),
  ]),
);

/** What a source says or is read as, in a language; as it is where that has no words for it, as of other countries' laws. */
export function citedText(text: string, language: ReportLanguage): string {
  return language === 'it' ? (IN_ITALIAN.get(text) ?? text) : text;
}
