import { localTimeOf } from '../../base/local-time.ts';
import type { Rule } from './ruling.ts';

/** The call falls on one of the campaign's days, both ends included; a campaign without dates has all days. */
export const campaignDates: Rule = ({ at, terms }, { timeZone, admission }) => {
  const { startsOn, endsOn } = terms;
  const { day } = localTimeOf(timeZone, at);
  const isEarly = startsOn !== null && day < startsOn;
  const isLate = endsOn !== null && day > endsOn;
  if (!isEarly && !isLate) return null;
  return {
    rule: 'campaign-dates',
    citation: admission.campaignDates.citation,
    facts: { day, startsOn, endsOn },
    remedy: isLate
      ? 'take the campaign out of the dialer, or set its endsOn'
      : 'start the campaign on its day, or set its startsOn',
    // Its status is 403, to which Retry-After does not belong (RFC 3261 §20.33).
    retryAfterS: null,
  };
};
