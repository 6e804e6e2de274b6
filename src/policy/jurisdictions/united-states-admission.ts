import type { AdmissionLaw } from './admission-law.ts';

const ALL_DAYS = { fromMinute: 8 * 60, toMinute: 21 * 60 };

/** United States: what is asked before a call is placed. */
export const unitedStatesAdmission: AdmissionLaw = {
  country: 'US',
  countryCode: '1',
  campaignDates: {
    citation: 'FTC, 16 CFR 310.4(b)(4)(i): abandoned calls are measured per campaign, from its start to its end',
  },
  roc: null,
  declaredCallerId: { citation: 'FTC, 16 CFR 310.4(a)(8): the caller id is transmitted', fromMemory: true },
  callingHours: {
    citation: 'FTC, 16 CFR 310.4(c): 8 a.m. to 9 p.m., local time at the location called',
    weekday: ALL_DAYS,
    saturday: ALL_DAYS,
    eve: null,
    sunday: ALL_DAYS,
    holiday: ALL_DAYS,
    clocks: 'country',
  },
  // Both lists may end after five years; nobody has to let them.
  optOut: {
    citation:
      'FTC, 16 CFR 310.4(b)(1)(iii)(A): nobody who said that they want no calls of this seller; 47 CFR 64.1200(d)(6): for five years at least',
  },
  screening: null,
  recallLock: null,
  guaranteedAgent: null,
  frequency: {
    citation: 'no figure in 16 CFR 310: the limits are those of the settings (frequency)',
    perDay: null,
    perWeek: null,
    perCampaign: null,
  },
};
