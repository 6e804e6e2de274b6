/** Where a called number rings, as far as a calendar and clocks go. */
import type { WallMs } from '../../base/clock.ts';
import { addDays, localTimeOf, wallOf, weekdayOf } from '../../base/local-time.ts';
import type { CallingHours, MinuteSpan } from '../jurisdictions/admission-law.ts';
import type { Jurisdiction } from '../jurisdictions/jurisdiction.ts';
import { countryOf } from './callee-country.ts';
import type { CampaignTerms } from './campaign-terms.ts';
import { holidayCalendar } from './public-holidays.ts';

/** What a day is for calling: holidays before Sundays, eves of holidays before Saturdays. */
export type DayKind = 'weekday' | 'saturday' | 'eve' | 'sunday' | 'holiday';

/** A country, or what of it a campaign's settings make. */
export type CallingPlace = {
  readonly country: string;
  /** A zone in which calls must not come at that moment; null: it is open in all of them. */
  closedZoneAt(at: WallMs): string | null;
  kindOf(day: string): DayKind;
  holidayOn(day: string): string | null;
  /** The first moment from now on at which it is open in every zone; null: none for {@link SEARCH_DAYS_MAX} days. */
  opensAfter(at: WallMs): WallMs | null;
};

/** Longer than any row of holidays; a country whose zones never have the hours at once stays closed. */
const SEARCH_DAYS_MAX = 30;

const PLACES_MAX = 300;

const SATURDAY = 6;
const SUNDAY = 7;

const places = new Map<string, CallingPlace>();

/**
 * The place of a number, cached. A number without a country, or of one without clocks in the data, is taken for one of the
 * jurisdiction's own; the campaign's region and further holidays are of that country alone.
 */
export function callingPlaceOf(
  number: string,
  { hours }: CampaignTerms,
  law: Jurisdiction,
  callingHours: CallingHours,
): CallingPlace {
  if (latest?.number !== number || latest.hours !== hours || latest.law !== law)
    latest = { number, hours, law, place: placeOf(number, hours, law, callingHours) };
  return latest.place;
}

/** A call that is judged again, and a campaign that is simulated, is to the same place as the one before. */
let latest: {
  readonly number: string;
  readonly hours: CampaignTerms['hours'];
  readonly law: Jurisdiction;
  readonly place: CallingPlace;
} | null = null;

function placeOf(
  number: string,
  hours: CampaignTerms['hours'],
  law: Jurisdiction,
  callingHours: CallingHours,
): CallingPlace {
  const home = law.admission.country;
  const found = countryOf(number) ?? home;
  const abroad = found === home ? null : holidayCalendar(found, null);
  const isHome = abroad === null || abroad.timeZones.length === 0;
  const key = isHome ? `${law.policy}:${hours.region}:${hours.extraHolidays}` : `${law.policy}:${found}`;
  let place = places.get(key);
  if (place !== undefined) return place;
  if (places.size >= PLACES_MAX) places.clear();
  const calendar = isHome ? holidayCalendar(home, hours.region) : abroad;
  const further = new Set(isHome ? hours.extraHolidays : []);
  place = openPlace(
    isHome ? home : found,
    isHome ? (callingHours.clocks === 'law' ? [law.timeZone] : calendar.timeZones) : abroad.timeZones,
    (day) => calendar.holidayOn(day) ?? (further.has(day.slice(5)) ? 'in the settings' : null),
    callingHours,
  );
  places.set(key, place);
  return place;
}

function openPlace(
  country: string,
  timeZones: readonly string[],
  holidayOn: CallingPlace['holidayOn'],
  hours: CallingHours,
): CallingPlace {
  // Between the moment of a search and what it found nothing else opens.
  let found: { readonly from: WallMs; readonly opensAt: WallMs } | null = null;
  /** Its zones have the same day but around midnights: what was asked of the last one. */
  let known: { readonly day: string; readonly open: MinuteSpan | null } | null = null;

  return {
    country,
    closedZoneAt: (at) => timeZones.find((timeZone) => !isOpen(timeZone, at)) ?? null,
    kindOf,
    holidayOn,
    opensAfter(at) {
      if (found !== null && found.from <= at && at < found.opensAt) return found.opensAt;
      const opensAt = searchFrom(at);
      found = opensAt === null ? null : { from: at, opensAt };
      return opensAt;
    },
  };

  function kindOf(day: string): DayKind {
    if (holidayOn(day) !== null) return 'holiday';
    const weekday = weekdayOf(day);
    if (weekday === SUNDAY) return 'sunday';
    if (hours.eve !== null && holidayOn(addDays(day, 1)) !== null) return 'eve';
    return weekday === SATURDAY ? 'saturday' : 'weekday';
  }

  function hoursOn(day: string): MinuteSpan | null {
    if (known?.day !== day) known = { day, open: hoursOf(kindOf(day)) };
    return known.open;
  }

  function hoursOf(kind: DayKind): MinuteSpan | null {
    return hours[kind];
  }

  function isOpen(timeZone: string, at: WallMs): boolean {
    const { day, minute } = localTimeOf(timeZone, at);
    const open = hoursOn(day);
    return open !== null && minute >= open.fromMinute && minute < open.toMinute;
  }

  /** An opening of one of the zones, whichever is the first at which all are open. */
  function searchFrom(at: WallMs): WallMs | null {
    for (let days = 0; days <= SEARCH_DAYS_MAX; days++) {
      const openings = timeZones
        .flatMap((timeZone) => openingOn(timeZone, addDays(localTimeOf(timeZone, at).day, days)))
        .filter((opening) => opening > at)
        .sort((one, other) => one - other);
      const first = openings.find((opening) => timeZones.every((timeZone) => isOpen(timeZone, opening)));
      if (first !== undefined) return first;
    }
    return null;
  }

  function openingOn(timeZone: string, day: string): readonly WallMs[] {
    const open = hoursOn(day);
    return open === null ? [] : [wallOf(timeZone, day, open.fromMinute)];
  }
}
