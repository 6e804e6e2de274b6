/** The settings of reports. */
import { z } from 'zod';
import { REPORT_LANGUAGES } from '../ledger/report/report-language.ts';

/** `reports`. */
export const reportsSection = z
  .strictObject({
    keep: z
      .boolean()
      .default(true)
      .describe('make and keep a signed report of every day and window of every campaign, once it is over'),
    language: z
      .enum(REPORT_LANGUAGES)
      .nullable()
      .default(null)
      .describe('language of their PDF and CSV; null: Italian in Italy, else English'),
  })
  .prefault({});
