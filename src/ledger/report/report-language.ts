/** Languages that reports are written in. */
export const REPORT_LANGUAGES = ['it', 'en'] as const;
/** One of them. */
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number];
