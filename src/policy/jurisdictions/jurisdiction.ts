/** What a country's rules say, as data: every legal number is here with its citation, never in code. */
import type { RatioLimit } from '../tally.ts';
import type { AdmissionLaw } from './admission-law.ts';

/** The countries whose rules are known. */
export const JURISDICTION_NAMES = ['it'] as const;
/** One of them, by its country code (ISO 3166-1). */
export type JurisdictionName = (typeof JURISDICTION_NAMES)[number];

/** A rule's figure or word. */
export type Cited<T> = {
  readonly value: T;
  /** Source with its point or article. */
  readonly citation: string;
  /** Where the text leaves room, what we read in it; null: these are its own words. */
  readonly reading: string | null;
};

/** The class of a kind of answered call that the text does not settle: a choice, made by a setting. */
export type ClassOption = Cited<'A' | 'B'> & {
  readonly default: 'A' | 'B';
  /** Its name in the policy stamp, where the choice differs from the default. */
  readonly stamp: string;
};

/** One country's rules with the options that were chosen. Plain data. */
export type Jurisdiction = {
  readonly name: JurisdictionName;
  /** Stamped on every outcome: name of the text, our version of reading it, and the options that differ from their default. */
  readonly policy: string;
  /** IANA zone whose calendar days the law counts: a reading, said where they are counted. */
  readonly timeZone: string;
  /** From the answer to the teardown without an agent. */
  readonly waitLimitMs: Cited<number>;
  readonly ratio: {
    /** NA / (NA + NB) over a window, and over a day; equality is allowed. */
    readonly window: Cited<RatioLimit>;
    readonly day: Cited<RatioLimit>;
    /** Local days of a window, counted from the campaign's first. */
    readonly windowDays: Cited<number>;
  };
  /** After a silent call: both must be over. */
  readonly recallLock: {
    readonly hours: Cited<number>;
    /** Whole local days after that of the silent call. */
    readonly calendarDays: Cited<number>;
  };
  /** Of an answered call that the dialer reports as machine or fax, and of one that its callee ends before the wait does. */
  readonly options: { readonly machineAnswered: ClassOption; readonly calleeHangUp: ClassOption };
  /** How long the statistics of each campaign are kept. */
  readonly statisticsKeptYears: Cited<number>;
  /** Whether a call must show its number. */
  readonly callerIdPresentation: { readonly required: boolean; readonly citation: string };
  /** What is asked before a call is placed. */
  readonly admission: AdmissionLaw;
};
