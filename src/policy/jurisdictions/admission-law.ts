/** What a country's rules say of whether a call may be placed, as data: figures with their citations. */

/** Where a rule comes from: the text with its point or article, and what it says; ASCII, since it goes into SIP headers. */
export type Cited = {
  readonly citation: string;
  /** Rests on memory: the source was not looked at again. */
  readonly fromMemory?: true;
};

/** Minutes of the local day: from, included, to, excluded. */
export type MinuteSpan = { readonly fromMinute: number; readonly toMinute: number };

/** The rules around the call that a campaign's settings are held against. */
export type AdmissionLaw = {
  /** ISO 3166-1 code of the jurisdiction's own country: that of numbers which nothing else places. */
  readonly country: string;
  /** Its country calling code (E.164): numbers are digested with it where the settings name no country. */
  readonly countryCode: string;
  readonly campaignDates: Cited;
  /** Null here and below: the law asks for no such thing, and the rule finds nothing. */
  readonly roc: Cited | null;
  readonly declaredCallerId: Cited;
  /** In the local time of the callee's country; null: closed, or of eves: days like any other. */
  readonly callingHours: CallingHours | null;
  /** Nobody is called who said never again: a law that has it so is known of every country. */
  readonly optOut: Cited;
  /** For how many days after it was checked a list of cleared numbers may be used. */
  readonly screening: (Cited & { readonly listDaysMax: number }) | null;
  readonly recallLock: Cited | null;
  readonly guaranteedAgent: Cited | null;
  /** Calls to one number on a local day, in an ISO week, in a campaign, where the law has a figure; settings may ask for less. */
  readonly frequency: Cited & CallLimits;
};

/** Calls to one number; null: no limit. */
export type CallLimits = {
  readonly perDay: number | null;
  readonly perWeek: number | null;
  readonly perCampaign: number | null;
};

/** When calls may come. */
export type CallingHours = Cited & {
  /** Monday to Friday, unless a holiday or, where they differ, its eve. */
  readonly weekday: MinuteSpan;
  readonly saturday: MinuteSpan;
  readonly eve: MinuteSpan | null;
  readonly sunday: MinuteSpan | null;
  readonly holiday: MinuteSpan | null;
  /** By which clocks a number of the law's own country is judged: those of the law's days, or all of the country's at once. */
  readonly clocks: 'law' | 'country';
};
