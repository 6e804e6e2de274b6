import type { WallMs } from '../../base/clock.ts';
import { addDays, localTimeOf, wallOf } from '../../base/local-time.ts';
import type { AdmissionLaw, CallLimits } from '../jurisdictions/admission-law.ts';
import type { CampaignTerms } from './campaign-terms.ts';
import type { Rule } from './ruling.ts';

/** The number was not called as often as law and controller allow: in a local day, its ISO week, the campaign. */
export const frequency: Rule = ({ at, terms, history }, { timeZone, admission }) => {
  const { perDay, perWeek, perCampaign } = callLimits(terms, admission);
  const { callsOnDay, callsInWeek, callsOfCampaign } = history;
  const isDayFull = perDay !== null && callsOnDay >= perDay;
  const isWeekFull = perWeek !== null && callsInWeek >= perWeek;
  const isCampaignFull = perCampaign !== null && callsOfCampaign >= perCampaign;
  if (!isDayFull && !isWeekFull && !isCampaignFull) return null;
  const today = localTimeOf(timeZone, at);
  // ISO 8601: weeks begin on Monday. The whole campaign is not over by waiting.
  const opens = addDays(today.day, isWeekFull ? 8 - today.weekday : 1);
  const opensAt: WallMs | null = isCampaignFull ? null : wallOf(timeZone, opens, 0);
  return {
    rule: 'frequency',
    citation: admission.frequency.citation,
    facts: {
      ...(isDayFull ? { callsOnDay, perDay } : {}),
      ...(isWeekFull ? { callsInWeek, perWeek } : {}),
      ...(isCampaignFull ? { callsOfCampaign, perCampaign } : {}),
    },
    remedy: isCampaignFull
      ? 'take the number out of the campaign'
      : `call this number again from ${opens} on, or raise the campaign's frequency`,
    retryAfterS: opensAt === null ? null : Math.ceil((opensAt - at) / 1_000),
  };
};

/** How often one number may be called: the law's figures, or the controller's where these are lower. */
export function callLimits({ frequency: own }: CampaignTerms, { frequency: law }: AdmissionLaw): CallLimits {
  return {
    perDay: lower(own.perDay, law.perDay),
    perWeek: lower(own.perWeek, law.perWeek),
    perCampaign: lower(own.perCampaign, law.perCampaign),
  };
}

function lower(own: number | null, law: number | null): number | null {
  return own === null || law === null ? (own ?? law) : Math.min(own, law);
}
