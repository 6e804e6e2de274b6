import type { AdmissionLaw } from './admission-law.ts';

/** United Kingdom: what is asked before a call is placed. */
export const unitedKingdomAdmission = {
  country: 'GB',
  countryCode: '44',
  campaignDates: {
    citation: 'no figure in the statement of 2010: the days are those of the settings (startsOn, endsOn)',
  },
  roc: null,
  declaredCallerId: {
    citation: 'Ofcom, persistent misuse statement of 2010: callers present a valid number that can be dialled',
  },
  callingHours: null,
  optOut: {
    citation:
      'SI 2003/2426 (PECR) reg. 21(1)(a): no marketing call to a line whose subscriber told the caller that none should be made',
  },
  screening: null,
  recallLock: null,
  guaranteedAgent: {
    citation:
      'Ofcom, persistent misuse statement of 2010: for 72 hours after an abandoned call, and 24 after a machine, an operator is guaranteed',
  },
  frequency: {
    citation: 'no figure in the statement of 2010: the limits are those of the settings (frequency)',
    perDay: null,
    perWeek: null,
    perCampaign: null,
  },
} satisfies AdmissionLaw;
