import type { AdmissionLaw } from './admission-law.ts';

/** Canada: what is asked before a call is placed. */
export const canadaAdmission: AdmissionLaw = {
  country: 'CA',
  countryCode: '1',
  campaignDates: {
    citation: 'no figure known of the CRTC (2007-48): the days are those of the settings (startsOn, endsOn)',
  },
  roc: null,
  declaredCallerId: {
    citation: 'CRTC, Unsolicited Telecommunications Rules (2007-48): the number of the telemarketer is shown',
    fromMemory: true,
  },
  callingHours: null,
  optOut: {
    citation:
      'CRTC, Unsolicited Telecommunications Rules (2007-48), part III: the internal do not call list of who calls',
    fromMemory: true,
  },
  screening: null,
  recallLock: null,
  guaranteedAgent: null,
  frequency: {
    citation: 'no figure known of the CRTC (2007-48): the limits are those of the settings (frequency)',
    perDay: null,
    perWeek: null,
    perCampaign: null,
  },
};
