/** What a country's rules say, as data: every legal number is here with its citation, never in code. */

import type { WaitStart } from '../../call/call-facts.ts';
import type { WindowSpan } from '../ratio-window.ts';
import type { RatioLimit } from '../tally.ts';
import type { AdmissionLaw } from './admission-law.ts';

/** The countries whose rules are known. */
export const JURISDICTION_NAMES = ['it', 'gb', 'us', 'ca', 'de'] as const;
/** One of them, by its country code (ISO 3166-1). */
export type JurisdictionName = (typeof JURISDICTION_NAMES)[number];

/** A rule's figure or word. */
export type Cited<T> = {
  readonly value: T;
  /** Source with its point or article. */
  readonly citation: string;
  /** Where the text leaves room, what we read in it; null: these are its own words. */
  readonly reading: string | null;
  /** Rests on memory: the source was not looked at again, so that nobody may rely on it; told wherever the rules are shown. */
  readonly fromMemory?: true;
};

/** How a kind of answered call is counted; `none`: in neither class, though it is told of. */
export type CountedClass = 'A' | 'B' | 'none';

/** The class of a kind of answered call that the text does not settle: a choice, made by a setting. */
export type ClassOption = Cited<CountedClass> & {
  readonly default: CountedClass;
  /** Those that the text bears. */
  readonly choices: readonly CountedClass[];
  /** Its name in the policy stamp, where the choice differs from the default. */
  readonly stamp: string;
};

/** How long a number rests, and what that means. Both times must be over. */
export type RecallLockLaw = {
  readonly hours: Cited<number>;
  /** Whole local days after that of the call; null: hours alone. */
  readonly calendarDays: Cited<number> | null;
  /** Until then it is not called at all, or only with a guaranteed agent … */
  readonly within: 'blocked' | 'agent-only';
  /** … and from then on only with one, until a call to it was bridged, or as any other. */
  readonly after: 'agent-only' | 'free';
};

/** Whether a dialer tells machines from people before an agent hears them. */
export const MACHINE_DETECTION = ['used', 'none'] as const;
/** See {@link MACHINE_DETECTION}. */
export type MachineDetection = (typeof MACHINE_DETECTION)[number];

/** How reported machines enter the ratio: estimates, in words; `machine-estimate.ts` makes them. */
export type MachinesInRatio = {
  /** As the settings have it of the campaign. */
  readonly detection: MachineDetection;
  /** With detection. */
  readonly falsePositives: Cited<string>;
  /** Without. */
  readonly withoutDetection: Cited<string>;
};

/** One country's rules with the options that were chosen. Plain data. */
export type Jurisdiction = {
  readonly name: JurisdictionName;
  /** Stamped on every outcome: name of the text, our version of reading it, and the options that differ from their default. */
  readonly policy: string;
  /** IANA zone whose calendar days the law counts: a reading, said where they are counted. */
  readonly timeZone: string;
  /** First and last local day `YYYY-MM-DD` on which these figures hold; null: no day is known. */
  readonly effective: { readonly from: string | null; readonly to: string | null; readonly note: string };
  readonly wait: {
    /** How long a callee may wait for an agent. */
    readonly limitMs: Cited<number>;
    /** From when on. */
    readonly from: Cited<WaitStart>;
    /** What comes at its end: the call is torn down, or a message says who called. */
    readonly then: Cited<'drop' | 'message'>;
    /** The message must offer a key that says never again; absent: a telephone number will do. */
    readonly optOutKey?: Cited<true>;
  };
  /** NA / (NA + NB) over a window, and over a day; equality is allowed. Null: the law has no such limit. */
  readonly ratio: {
    readonly window: (Cited<RatioLimit> & { readonly span: Cited<WindowSpan> }) | null;
    readonly day: Cited<RatioLimit> | null;
  };
  /** What is counted, in words: the numerator and the denominator. */
  readonly counting: Cited<string>;
  /** Null: what is estimated of machines is shown beside the ratio, and is not in it. */
  readonly machinesInRatio: MachinesInRatio | null;
  /** What a silent call brings its number; null: nothing. */
  readonly recallLock: RecallLockLaw | null;
  /** What a reported machine or fax brings its number; null: nothing. */
  readonly machineLock: RecallLockLaw | null;
  /** For how long a call must ring before it is given up; null: no figure. */
  readonly minRingMs: Cited<number> | null;
  /** Of an answered call that the dialer reports as machine or fax, and of one that its callee ends before the wait does. */
  readonly options: { readonly machineAnswered: ClassOption; readonly calleeHangUp: ClassOption };
  /** How long the statistics of each campaign are kept. */
  readonly statisticsKeptYears: Cited<number>;
  /** Whether a call must show its number. */
  readonly callerIdPresentation: { readonly required: boolean; readonly citation: string; readonly fromMemory?: true };
  /** What is asked before a call is placed. */
  readonly admission: AdmissionLaw;
};
