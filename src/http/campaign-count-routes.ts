/** `GET /v1/campaigns`: how each campaign stands against its limits at this moment, by the committed counts. */
import type { FastifyRequest } from 'fastify';
import { type Clock, systemClock } from '../base/clock.ts';
import { localTimeOf } from '../base/local-time.ts';
import type { CampaignCounts } from '../guard/campaign-port.ts';
import type { CampaignDay } from '../ledger/projection.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { CAMPAIGN_DETAIL, CAMPAIGNS } from './answer-schemas.ts';
import type { ApiRoute } from './api-route.ts';
import {
  type CampaignCountTerms,
  type CampaignSummary,
  campaignDetail,
  campaignSummary,
  detailFrom,
  summaryFrom,
} from './campaign-view.ts';
import { type Problem, sendProblem } from './problem-document.ts';

/** What the routes show. */
export type CampaignBook = {
  readonly counts: CampaignCounts;
  /** The rules that a campaign's calls are placed under now. */
  readonly jurisdictionOf: (campaign: string) => Jurisdiction;
  readonly termsOf: (campaign: string) => CampaignCountTerms;
  /** The system's own, unless a test has another. */
  readonly clock?: Pick<Clock, 'now'>;
};

/** The routes; every one of them wants an API key. */
export function campaignCountRoutes(book: CampaignBook): readonly ApiRoute[] {
  const { counts, jurisdictionOf, termsOf } = book;
  return [
    {
      method: 'GET',
      path: '/v1/campaigns',
      doc: {
        summary: 'How each campaign stands against its limits, by the committed counts.',
        ...{ answer: CAMPAIGNS, problems: [503] },
      },
      async handle(_request, reply) {
        return reply.send({ campaigns: await campaignSummaries(book) });
      },
    },
    {
      method: 'GET',
      path: '/v1/campaigns/:id',
      doc: {
        summary: 'One campaign with its windows and days.',
        ...{ answer: CAMPAIGN_DETAIL, problems: [404, 503] },
      },
      async handle(request, reply) {
        const campaign = (request as FastifyRequest<{ Params: { id: string } }>).params.id;
        const law = jurisdictionOf(campaign);
        const now = todayOf(book, law);
        const start = (await counts.campaigns()).find((one) => one.campaign === campaign);
        if (start === undefined) return sendProblem(reply, UNKNOWN);
        const days = await counts.campaignDays(campaign, detailFrom(start, now, law));
        return reply.send(campaignDetail(start, days, now, termsOf(campaign), law));
      },
    },
  ];
}

/** Every campaign that ever had an allowed call, by name. Rejects with AppError `store.cannot-read`. */
export async function campaignSummaries(book: CampaignBook): Promise<readonly CampaignSummary[]> {
  const { counts, jurisdictionOf, termsOf } = book;
  const starts = await counts.campaigns();
  const laws = [...new Set(starts.map(({ campaign }) => jurisdictionOf(campaign)))];
  if (laws.length === 0) return [];
  const from = laws.map((law) => summaryFrom(todayOf(book, law), law)).reduce((a, b) => (a < b ? a : b));
  const days = await counts.campaignDays(null, from);
  const byCampaign = Map.groupBy(days, ({ campaign }) => campaign);
  const daysOf = (campaign: string): readonly CampaignDay[] => byCampaign.get(campaign) ?? [];
  return starts.map((start) => {
    const law = jurisdictionOf(start.campaign);
    return campaignSummary(start, daysOf(start.campaign), todayOf(book, law), termsOf(start.campaign), law);
  });
}

function todayOf({ clock = systemClock }: CampaignBook, { timeZone }: Jurisdiction): string {
  return localTimeOf(timeZone, clock.now().wallMs).day;
}

const UNKNOWN: Problem = {
  status: 404,
  title: 'Unknown campaign',
  detail: 'No call of a campaign with this name was ever let through.',
};
