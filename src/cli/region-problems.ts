/** Regions that settings name for their holidays and that do not exist. */
import type { SettingsProblem } from '../config/load-settings.ts';
import type { Settings } from '../config/settings.ts';

/** The regions of a country by their codes, as the holidays' data has them. */
export type RegionsOf = (country: string) => ReadonlyMap<string, string>;

/** Each at the path of the setting that names it. */
export function regionProblems(
  { campaigns }: Settings,
  country: string,
  regionsOf: RegionsOf,
): readonly SettingsProblem[] {
  const named = campaigns.named.flatMap(({ hours }, index) =>
    hours === null ? [] : [{ region: hours.region, path: `campaigns.named[${index}].hours.region` }],
  );
  const regions = regionsOf(country);
  const known = [...regions].map(([code, name]) => `${code} ${name}`).join(', ');
  return [{ region: campaigns.hours.region, path: 'campaigns.hours.region' }, ...named].flatMap(({ region, path }) =>
    region === null || regions.has(region) ? [] : [{ path, message: `${country} has no region ${region}: ${known}` }],
  );
}
