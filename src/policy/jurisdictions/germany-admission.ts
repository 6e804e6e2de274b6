import type { AdmissionLaw } from './admission-law.ts';

const CODE = 'CCV and DDV, Branchenkodex of 1/2015';

/** Germany: what is asked before a call is placed. */
export const germanyAdmission: AdmissionLaw = {
  country: 'DE',
  countryCode: '49',
  campaignDates: { citation: `${CODE}: attempts are counted per campaign` },
  roc: null,
  declaredCallerId: { citation: `${CODE}: a number is presented under which one can call back` },
  callingHours: {
    citation: `${CODE}: Monday to Friday 8-20, Saturdays 9-18, not on Sundays and holidays`,
    weekday: { fromMinute: 8 * 60, toMinute: 20 * 60 },
    saturday: { fromMinute: 9 * 60, toMinute: 18 * 60 },
    eve: null,
    sunday: null,
    holiday: null,
    clocks: 'law',
  },
  optOut: {
    citation:
      'Regulation (EU) 2016/679 art. 21(2)-(3): who objects to direct marketing, at any time, is not called for it any more',
  },
  screening: null,
  recallLock: null,
  guaranteedAgent: null,
  frequency: {
    citation: `${CODE}: at most 3 attempts a day, 15 a week, 30 in a campaign`,
    perDay: 3,
    perWeek: 15,
    perCampaign: 30,
  },
};
