/** The SQL of campaigns: what is counted of them, and what was told of their limits. */
import type { CampaignDay } from '../ledger/projection.ts';
import { query, text } from './query.ts';
import type { CampaignDaysTable } from './schema.ts';
import { isInList } from './value-list.ts';

/** Every campaign that ever had an allowed call. */
export const selectCampaigns = query({}, (db) => db.selectFrom('campaigns').selectAll().orderBy('campaign'));

/** Of these campaigns (a JSON array of names). */
export const selectCampaignsNamed = query({ campaigns: text }, (db, { campaigns }, kind) =>
  db
    .selectFrom('campaigns')
    .selectAll()
    .where(isInList(kind, 'campaign', campaigns)),
);

/** Days of these campaigns between two days, both included. */
export const selectDays = query({ campaigns: text, from: text, to: text }, (db, { campaigns, from, to }, kind) =>
  db
    .selectFrom('campaign_days')
    .selectAll()
    .where(isInList(kind, 'campaign', campaigns))
    .where('day', '>=', from)
    .where('day', '<=', to)
    .orderBy('campaign')
    .orderBy('day'),
);

/** A row of these. */
export function campaignDayOf({ machines_heard, hung_up, ...day }: CampaignDaysTable): CampaignDay {
  return { ...day, machinesHeard: machines_heard, hungUp: hung_up };
}

/** Days of all campaigns from a day on. */
export const selectDaysFrom = query({ from: text }, (db, { from }) =>
  db.selectFrom('campaign_days').selectAll().where('day', '>=', from).orderBy('campaign').orderBy('day'),
);

/** What was told of these campaigns and periods (JSON arrays). */
export const selectAlerts = query({ campaigns: text, periods: text }, (db, { campaigns, periods }, kind) =>
  db
    .selectFrom('campaign_alerts')
    .selectAll()
    .where(isInList(kind, 'campaign', campaigns))
    .where(isInList(kind, 'period', periods)),
);

/** Changes one row when it was not told before, by whatever process. */
export const insertAlert = query(
  { campaign: text, period: text, threshold: text },
  (db, { campaign, period, threshold }) =>
    db
      .insertInto('campaign_alerts')
      .values({ campaign, period, threshold })
      .onConflict((conflict) => conflict.doNothing()),
);
