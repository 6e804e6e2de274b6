/** What a country's rules say of whether a call may be placed, as data: figures with their citations. */

/** Where a rule comes from: the text with its point or article, and what it says; ASCII, since it goes into SIP headers. */
export type Cited = { readonly citation: string };

/** Minutes of the local day: from, included, to, excluded. */
export type MinuteSpan = { readonly fromMinute: number; readonly toMinute: number };

/** The rules around the call that a campaign's settings are held against. */
export type AdmissionLaw = {
  /** ISO 3166-1 code of the jurisdiction's own country: that of numbers which nothing else places. */
  readonly country: string;
  /** Its country calling code (E.164): numbers are digested with it where the settings name no country. */
  readonly countryCode: string;
  readonly campaignDates: Cited;
  readonly roc: Cited;
  readonly declaredCallerId: Cited;
  /** In the local time of the callee's country; Sundays and holidays are closed. */
  readonly callingHours: Cited & {
    /** Monday to Friday, unless a holiday or its eve. */
    readonly weekday: MinuteSpan;
    /** Saturdays and eves of holidays. */
    readonly eve: MinuteSpan;
  };
  /** For how many days after it was checked a list of cleared numbers may be used. */
  readonly screening: Cited & { readonly listDaysMax: number };
  readonly recallLock: Cited;
  readonly guaranteedAgent: Cited;
  readonly frequency: Cited;
};
