/** Regions that settings name for their holidays and that do not exist. */
import { campaignJurisdictions } from '../config/campaign-jurisdictions.ts';
import type { SettingsProblem } from '../config/load-settings.ts';
import type { Settings } from '../config/settings.ts';

/** The regions of a country by their codes, as the holidays' data has them. */
export type RegionsOf = (country: string) => ReadonlyMap<string, string>;

/** Each at the path of the setting that names it. */
export function regionProblems(settings: Settings, regionsOf: RegionsOf): readonly SettingsProblem[] {
  const { campaigns } = settings;
  const jurisdictionOf = campaignJurisdictions(settings);
  const named = campaigns.named.flatMap(({ name, hours }, index) =>
    hours === null ? [] : [{ campaign: name, region: hours.region, path: `campaigns.named[${index}].hours.region` }],
  );
  // No campaign has the empty name: it has what all have that are not named.
  return [{ campaign: '', region: campaigns.hours.region, path: 'campaigns.hours.region' }, ...named].flatMap(
    ({ campaign, region, path }) => {
      if (region === null) return [];
      const { country } = jurisdictionOf(campaign).admission;
      const regions = regionsOf(country);
      const known = [...regions].map(([code, name]) => `${code} ${name}`).join(', ');
      return regions.has(region) ? [] : [{ path, message: `${country} has no region ${region}: ${known}` }];
    },
  );
}
