import { toIso } from '../../base/clock.ts';
import { localTimeOf } from '../../base/local-time.ts';
import { callingPlaceOf } from './calling-place.ts';
import type { Rule } from './ruling.ts';

/**
 * It is a time of day and a day for calling where the callee is, by the country of the number.
 *
 * The careful reading of a country with several time zones: the hours must be right in all of them, since a number tells
 * nothing of where in the country it rings.
 */
export const callingHours: Rule = ({ at, number, terms }, law) => {
  if (law.admission.callingHours === null) return null;
  const place = callingPlaceOf(number, terms, law, law.admission.callingHours);
  const timeZone = place.closedZoneAt(at);
  if (timeZone === null) return null;
  const { day, minute } = localTimeOf(timeZone, at);
  const opensAt = place.opensAfter(at);
  return {
    rule: 'calling-hours',
    citation: law.admission.callingHours.citation,
    facts: {
      country: place.country,
      timeZone,
      localTime: `${day} ${clock(minute)}`,
      day: place.kindOf(day),
      holiday: place.holidayOn(day),
    },
    remedy:
      opensAt === null ? 'call when the hours are right in all of its time zones' : `call from ${toIso(opensAt)} on`,
    retryAfterS: opensAt === null ? null : Math.ceil((opensAt - at) / 1_000),
  };
};

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
