/** What a report says in words, in one language: `english.ts` and `italian.ts` have them. */
import type { ReportLanguage } from '../report-language.ts';

/** A label for each of a few words; one that has none is shown as it is. */
export type Labels = Readonly<Record<string, string>>;

/** See above. Functions take what is written already in the language: numbers, dates. */
export type ReportWords = {
  readonly language: ReportLanguage;
  /** For `Intl`. */
  readonly locale: string;
  readonly title: string;
  /** Of the file's properties. */
  readonly subject: string;
  readonly pageOf: (page: number, pages: number) => string;
  readonly periods: {
    readonly window: (number: number | null, from: string, to: string) => string;
    readonly day: (day: string) => string;
    readonly range: (from: string, to: string) => string;
  };
  readonly facts: Readonly<
    Record<'campaign' | 'controller' | 'period' | 'timeZone' | 'began' | 'made' | 'rules' | 'number' | 'key', string>
  >;
  readonly incomplete: string;
  readonly summary: {
    readonly heading: string;
    readonly none: string;
    readonly counted: (facts: { campaign: string; answered: string; silent: string; handled: string }) => string;
    readonly ratio: (facts: { silent: string; counted: string; percent: string }) => string;
    readonly kept: (limit: string) => string;
    readonly breached: (limit: string) => string;
    readonly daysKept: (days: string, limit: string) => string;
    readonly daysBreached: (days: string, limit: string) => string;
    readonly otherwise: string;
    readonly noise: (facts: { due: string; played: string; missing: string }) => string;
    readonly refused: (calls: string) => string;
    readonly ringing: (facts: {
      givenUp: string;
      seconds: string;
      short: string;
      notRung: string;
      citation: string;
    }) => string;
    readonly agrees: string;
    readonly differs: string;
    readonly fromMemory: (figures: string) => string;
  };
  readonly verdicts: Readonly<Record<'within' | 'breached' | 'none', string>>;
  readonly windows: { readonly heading: string; readonly note: string; readonly open: string };
  readonly days: { readonly heading: string; readonly note: string };
  readonly hours: { readonly heading: string; readonly note: string; readonly tooMany: string };
  readonly alternatives: {
    readonly heading: string;
    readonly note: string;
    readonly readings: Labels;
    readonly falsePositive: (percent: string, evidence: string) => string;
  };
  /** Where the law has estimates in P. */
  readonly estimates: {
    readonly heading: string;
    readonly note: string;
    readonly noteDeducted: string;
    readonly ratio: (facts: { silent: string; counted: string; percent: string }) => string;
    readonly added: (facts: {
      silent: string;
      added: string;
      found: string;
      percent: string;
      evidence: string;
    }) => string;
    readonly deducted: (facts: {
      silent: string;
      found: string;
      heard: string;
      handled: string;
      deducted: string;
    }) => string;
    readonly none: (silent: string) => string;
    readonly missing: (found: string) => string;
    readonly missingCell: string;
    readonly total: string;
  };
  readonly policies: { readonly heading: string; readonly note: string };
  readonly refusals: {
    readonly heading: string;
    readonly note: (byLaw: string, otherwise: string) => string;
    readonly none: string;
    readonly rules: Labels;
  };
  readonly noise: {
    readonly heading: string;
    readonly note: string;
    readonly rows: Readonly<Record<'due' | 'played' | 'missing' | 'p50' | 'p99' | 'max', string>>;
  };
  readonly announcements: {
    readonly heading: string;
    readonly note: string;
    readonly rows: Readonly<
      Record<'calls' | 'whole' | 'partly' | 'optOuts' | 'wholeShort' | 'partlyShort' | 'optOutsShort', string>
    >;
    readonly optOutsBy: (calls: string, digit: string) => string;
  };
  readonly outcomes: {
    readonly heading: string;
    readonly network: Labels;
    readonly answeredBy: Labels;
    readonly handling: Labels;
    readonly groups: Readonly<
      Record<'network' | 'answeredBy' | 'handling' | 'notGuarded' | 'corrected' | 'live', string>
    >;
    readonly kinds: Labels;
  };
  readonly law: {
    readonly heading: string;
    readonly note: string;
    readonly memory: string;
    readonly reading: string;
    readonly sources: string;
    /** Of rules' values that are words. */
    readonly values: Labels;
    /** Of rules by their place, what they are called; of Italian ones the source and the reading in this language. */ readonly names: Labels;
    readonly texts: Labels;
    readonly readings: Labels;
  };
  readonly ledger: {
    readonly heading: string;
    readonly note: string;
    readonly ranges: string;
    readonly roots: string;
    readonly noRoot: string;
    readonly counts: string;
    readonly counters: readonly [string, string, string];
    readonly differences: string;
  };
  readonly signature: {
    readonly heading: string;
    readonly note: string;
    readonly how: string;
    readonly proves: string;
    readonly not: string;
  };
  readonly columns: Labels;
};
