import type { AdmissionLaw } from './admission-law.ts';

/** Italy: what decision 83/2014 and the rules around it want before a call is placed. */
export const italyAdmission = {
  country: 'IT',
  countryCode: '39',
  campaignDates: {
    citation: 'Garante, decision 83/2014, point 2: silent calls are measured per campaign from its start to its end',
  },
  roc: {
    citation:
      'DL 83/2012 art. 24-bis c. 11: call centres, subcontractors included, are in the ROC register with all their numbers',
  },
  declaredCallerId: {
    citation:
      'L. 5/2018 art. 2 (18G00021): calls show a number with prefix 0844 or 0843, or one that can be called back',
  },
  // Voluntary for those who have not signed it, so the rule observes unless it is told to refuse.
  callingHours: {
    citation:
      'Garante, code of conduct 148/2024: weekdays 9-20, Saturdays and eves of holidays 10-19, never Sundays and holidays',
    weekday: { fromMinute: 9 * 60, toMinute: 20 * 60 },
    saturday: { fromMinute: 10 * 60, toMinute: 19 * 60 },
    eve: { fromMinute: 10 * 60, toMinute: 19 * 60 },
    sunday: null,
    holiday: null,
    clocks: 'law',
  },
  optOut: {
    citation:
      'Regulation (EU) 2016/679 art. 21(2)-(3): who objects to direct marketing, at any time, is not called for it any more',
  },
  screening: {
    citation: 'DPR 26/2022: the opposition register is consulted before a campaign, and its answer holds for 15 days',
    listDaysMax: 15,
  },
  recallLock: {
    citation: 'Garante, decision 83/2014, point 4: a number is not called for at least five days after a silent call',
  },
  guaranteedAgent: {
    citation: 'Garante, decision 83/2014, point 4: its next call has an operator guaranteed before it is placed',
  },
  // POLICY knows of no Italian figure: the limits are the controller's own.
  frequency: {
    citation: 'no figure in Italian law: the limits are those of the settings (frequency)',
    perDay: null,
    perWeek: null,
    perCampaign: null,
  },
} satisfies AdmissionLaw;
