/** The cleared lists of the database that the settings name, for the daemon and for the command line. */
import type { NumberKey } from './base/number-digest.ts';
import { homeJurisdiction } from './config/campaign-jurisdictions.ts';
import type { Settings } from './config/settings.ts';
import type { Screening } from './guard/screening-port.ts';
import { listDaysMaxOf } from './policy/rules/screening.ts';
import { digestPlan } from './policy/telephone-number.ts';
import type { DatabasePlace } from './store/database-place.ts';
import { createScreening } from './store/screening/screening.ts';

/** @param keys newest first */
export function screeningOf(settings: Settings, place: DatabasePlace, keys: readonly NumberKey[]): Screening {
  const { admission } = homeJurisdiction(settings);
  return createScreening({
    place,
    keys: keys.map(({ id, secret }) => ({ id, secret })),
    plan: digestPlan(settings.numbers, admission.countryCode),
    listDaysMax: listDaysMaxOf(admission),
  });
}
