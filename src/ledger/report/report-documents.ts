/** A report's files: the same figures for programs, for spreadsheets and for people. */
import type { KeyObject } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { Json } from '../ledger-entry.ts';
import type { NamedFile } from './manifest.ts';
import { renderPages } from './pdf/render-pages.ts';
import { periodTitle, reportPages } from './pdf/report-pages.ts';
import { publicKeyNote } from './public-key-note.ts';
import type { Report } from './report.ts';
import { reportCsv } from './report-csv.ts';
import type { ReportLanguage } from './report-language.ts';
import { ENGLISH } from './words/english.ts';
import { ITALIAN } from './words/italian.ts';
import type { ReportWords } from './words/report-words.ts';

const WORDS: Readonly<Record<ReportLanguage, ReportWords>> = { it: ITALIAN, en: ENGLISH };

/** All of them but the manifest; `key`: whose fingerprint the PDF shows. */
export async function reportDocuments(
  report: Report,
  language: ReportLanguage,
  key: KeyObject,
): Promise<readonly NamedFile[]> {
  return [
    { name: 'report.json', octets: Buffer.from(`${canonicalJson(report as unknown as Json)}\n`) },
    { name: 'report.csv', octets: reportCsv(report, language) },
    { name: 'report.pdf', octets: await reportPdf(report, WORDS[language], publicKeyNote(key).fingerprint) },
  ];
}

function reportPdf(report: Report, words: ReportWords, fingerprint: string): Promise<Buffer> {
  const title = `${report.campaign.name}, ${periodTitle(report, words)}`;
  return renderPages(reportPages(report, words, fingerprint), {
    ...{ title: words.title, subtitle: title, subject: words.subject, locale: words.locale, madeAt: report.madeAt },
    footer: `${title} · ${report.id}`,
    pageOf: words.pageOf,
  });
}
