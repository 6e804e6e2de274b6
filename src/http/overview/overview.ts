/** Everything that a person looks at first, at one moment: the body of `GET /v1/overview`. */
import { z } from 'zod';
import type { GuardView } from '../../guard/guard-view.ts';
import { outcomeRecordSchema } from '../../policy/outcome-record.ts';
import { roomLeft } from '../../policy/tally.ts';
import { CAMPAIGN, campaignSummarySchema, freeAgentsViewSchema, LIVE_CALL, liveCallSchema } from '../answer-schemas.ts';
import type { NamedSchema } from '../api-route.ts';
import type { CampaignSummary } from '../campaign-view.ts';
import type { LiveHealth, LiveRefusals } from '../events/live-state.ts';
import type { OutcomeLine } from './recent-outcomes.ts';

/** Campaigns shown, those with the least room first; all are in `GET /v1/campaigns`. */
export const CAMPAIGNS_SHOWN_MAX = 100;
/** Waiting calls shown; all are in `GET /v1/calls`. */
export const WAITING_SHOWN_MAX = 50;

/** What the program knows at this moment without asking the database. */
export type Moment = {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly version: string;
  readonly health: LiveHealth;
  readonly refusals: LiveRefusals;
  readonly callsMax: number;
  /** Of the latest calls, ms. */
  readonly firstPacket: z.infer<typeof firstPacketSchema> | null;
  readonly outcomes: readonly OutcomeLine[];
};

const count = z.int().min(0);
const time = z.iso.datetime().describe('UTC');

const firstPacketSchema = z.strictObject({ calls: count, p50Ms: z.number(), p99Ms: z.number(), maxMs: z.number() });

const roomSchema = count.nullable().describe('silent calls that could yet be counted within the limit; null: no limit');

const campaignSchema = campaignSummarySchema.extend({
  room: z.strictObject({ day: roomSchema, window: roomSchema }),
});

const healthSchema = z.strictObject({
  acceptingCalls: z.boolean(),
  problem: z.string().nullable(),
  store: z.strictObject({ writable: z.boolean(), problem: z.string().nullable() }),
  media: z.strictObject({ problem: z.string().nullable() }),
  carriers: z.array(
    z.strictObject({
      ...{ name: z.string(), up: z.boolean(), reachable: z.boolean(), registration: z.string(), paused: z.boolean() },
    }),
  ),
  agentSources: z.array(
    z.strictObject({ name: z.string(), kind: z.string(), up: z.boolean(), problem: z.string().nullable() }),
  ),
  webhooks: z.array(z.strictObject({ endpoint: z.string(), state: z.enum(['up', 'down', 'gone']), dead: count })),
}) satisfies z.ZodType<LiveHealth>;

const refusalsSchema = z.strictObject({
  refused: z.record(z.string(), count).describe('INVITEs refused since the start, by rule'),
  breaches: z
    .array(z.strictObject({ rule: z.string(), mode: z.string(), count }))
    .describe('rules of law breached since the start, refused (enforce) or not (observe)'),
}) satisfies z.ZodType<LiveRefusals>;

const outcomeLineSchema = outcomeRecordSchema
  .pick({
    ...{ callId: true, kind: true, campaign: true, number: true, network: true, answeredBy: true },
    ...{ handling: true, class: true, endedBy: true, endCause: true, times: true, waitMs: true },
  })
  .extend({
    carrier: z.string().nullable(),
    status: z.int().nullable(),
    q850: z.int().nullable(),
  }) satisfies z.ZodType<OutcomeLine>;

const overviewSchema = z.strictObject({
  at: time,
  startedAt: time,
  version: z.string(),
  position: z.string().describe('`after` of GET /v1/events for everything that happens from here on'),
  health: healthSchema,
  refusals: refusalsSchema,
  calls: z.strictObject({
    live: count,
    max: count.describe('one more is refused'),
    byState: z.record(z.string(), count),
    waiting: z.array(liveCallSchema).describe('those that wait, at most 50'),
  }),
  campaigns: z.strictObject({
    running: count,
    shown: z.array(campaignSchema).describe('those that run, with the least room first, at most 100'),
  }),
  freeAgents: z.array(freeAgentsViewSchema),
  firstPacket: firstPacketSchema
    .nullable()
    .describe('2xx received to first packet of ambience sent, of the last 1,000 calls'),
  outcomes: z.array(outcomeLineSchema).describe('the last 30 of this process, latest first'),
});

/** The answer. */
export type Overview = z.infer<typeof overviewSchema>;

export const OVERVIEW: NamedSchema = {
  ...{ name: 'Overview', schema: overviewSchema },
  parts: [LIVE_CALL, CAMPAIGN, { name: 'CampaignWithRoom', schema: campaignSchema }],
};

/** Live calls by state, and some of those that wait. */
export function liveCallsShown(guard: Pick<GuardView, 'callStates' | 'waitingCalls'>, max: number) {
  const byState = guard.callStates();
  const live = Object.values(byState).reduce((sum, calls) => sum + calls, 0);
  return { live, max, byState, waiting: guard.waitingCalls(WAITING_SHOWN_MAX) };
}

/** The campaigns that run, those nearest to a limit first. */
export function campaignsShown(summaries: readonly CampaignSummary[]): Overview['campaigns'] {
  const running = summaries.filter(({ day, window }) => day !== null || window !== null);
  const shown = running.map((one) => ({ ...one, room: { day: roomOf(one.day), window: roomOf(one.window) } }));
  shown.sort((a, b) => urgency(b) - urgency(a) || (a.campaign < b.campaign ? -1 : 1));
  return { running: running.length, shown: shown.slice(0, CAMPAIGNS_SHOWN_MAX) };
}

function roomOf(figures: CampaignSummary['day']): number | null {
  if (figures === null || figures.limit === null) return null;
  const { silent, answered } = figures.ratio;
  return roomLeft({ silent, handled: answered - silent }, figures.limit);
}

/** Breached first, then how much of a limit is used, in parts of it. */
function urgency({ day, window }: CampaignSummary): number {
  const used = [day, window].map((figures) => {
    if (figures === null || figures.limit === null || figures.ratio.answered === 0) return 0;
    return (figures.ratio.silent * figures.limit.of) / (figures.ratio.answered * figures.limit.silent);
  });
  return Math.max(...used);
}
