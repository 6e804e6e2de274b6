/** In which country a telephone number is, by its beginning (ITU-T E.164). */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/**
 * ISO 3166-1 code, `IT`; of a country code shared by several, whichever the number plans tell (+1 416 is Canada), else the
 * main one. Null for what is no E.164 number, and for codes that belong to no country (satellites, +800).
 */
export function countryOf(number: string): string | null {
  // A call that is judged again, and one that is judged by several rules, is to the same number.
  if (latest.number !== number) latest = { number, country: lookUp(number) };
  return latest.country;
}

let latest: { readonly number: string; readonly country: string | null } = { number: '', country: null };

function lookUp(number: string): string | null {
  const parsed = number.startsWith('+') ? parsePhoneNumberFromString(number) : undefined;
  return parsed?.country ?? parsed?.getPossibleCountries()[0] ?? null;
}
