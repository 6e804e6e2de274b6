/** Numbers and days as a language writes them. Pure. */
import type { RatioLimit } from '../../../policy/tally.ts';
import type { ReportWords } from '../words/report-words.ts';

/** How things are written. */
export type Written = {
  /** `12,345`. */
  count(value: number): string;
  /** A decimal text of ours. */
  decimal(text: string): string;
  /** The same, or a dash. */
  percent(text: string | null): string;
  /** In per cent. */
  limit(limit: RatioLimit): string;
  /** `20 November 2026`, of `2026-11-20`. */
  day(day: string): string;
  /** `20/11/2026`. */
  shortDay(day: string): string;
  /** `22 November 2026 at 11:15`, where the clocks of that zone are. */
  moment(iso: string, timeZone: string): string;
  /** `Fri`. */
  weekday(day: string): string;
  /** A rule's figure. */
  value(value: string | number | boolean | null): string;
};

/** See {@link Written}. */
export function writtenIn({ locale }: Pick<ReportWords, 'locale'>): Written {
  const whole = new Intl.NumberFormat(locale, { useGrouping: 'always' });
  const long = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', dateStyle: 'long' });
  const short = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', day: '2-digit', month: '2-digit', year: 'numeric' });
  const week = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', weekday: 'short' });
  const mark = new Intl.NumberFormat(locale).format(0.5).charAt(1);
  const at = (day: string) => Date.parse(`${day}T00:00:00Z`);
  const decimal = (text: string) => text.replace('.', mark);
  return {
    count: (value) => whole.format(value),
    decimal,
    percent: (text) => (text === null ? '–' : decimal(text)),
    limit: ({ silent, of }) => decimal(String((silent * 100) / of)),
    day: (day) => long.format(at(day)),
    shortDay: (day) => short.format(at(day)),
    moment: (iso, timeZone) =>
      new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'long', timeStyle: 'short' }).format(Date.parse(iso)),
    weekday: (day) => week.format(at(day)),
    value(value) {
      if (typeof value === 'number') return whole.format(value);
      const [, silent, of] = /^(\d+)\/(\d+)$/.exec(String(value)) ?? [];
      if (silent !== undefined && of !== undefined) return `${decimal(String((Number(silent) * 100) / Number(of)))} %`;
      return value === null ? '–' : String(value);
    },
  };
}
