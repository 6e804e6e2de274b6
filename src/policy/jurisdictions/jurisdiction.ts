import type { AdmissionLaw } from './admission-law.ts';

/** What a country's rules say, as data: every legal number is here with its citation, never in code. */
export type Jurisdiction = {
  /** Stamped on every outcome: name of the text and our version of reading it. */
  readonly policy: string;
  /** IANA zone whose calendar days the law counts. */
  readonly timeZone: string;
  readonly waitLimitMs: { readonly value: number; readonly citation: string };
  /** Whether a call may hide its number. */
  readonly callerIdPresentation: { readonly required: boolean; readonly citation: string };
  /** The class of an answered call that the dialer reports as machine or fax. */
  readonly machineAnsweredClass: 'A' | 'B';
  readonly admission: AdmissionLaw;
};
