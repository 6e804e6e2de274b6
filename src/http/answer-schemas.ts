/** What the API answers, as schemas: `GET /v1/openapi.json` shows them, and the tests hold the answers against them. */
import { z } from 'zod';
import type { CallView, GuardView } from '../guard/guard-view.ts';
import type { Erased } from '../guard/privacy-port.ts';
import { periodFiguresSchema } from '../policy/campaign-figures.ts';
import { OPT_OUT_SOURCES } from '../policy/opt-out-source.ts';
import { correctedOutcomeSchema } from '../policy/outcome-correction.ts';
import type { NamedSchema } from './api-route.ts';
import type { CampaignDetail, CampaignSummary } from './campaign-view.ts';

const count = z.int().min(0);
const time = z.iso.datetime().describe('UTC');

/** An answer, and those of its parts that have a name of their own. */
const named = (name: string, schema: z.ZodType, parts: readonly NamedSchema[] = []): NamedSchema => ({
  ...{ name, schema, parts },
});

export const liveCallSchema = z.strictObject({
  callId: z.string().describe("Brusio's id of the call"),
  state: z.enum(['dialing', 'cancelling', 'waiting', 'released', 'overdue', 'announcing', 'bridged', 'ended']),
  kind: z.enum(['guarded', 'inbound', 'manual', 'callback', 'transfer']),
  campaign: z.string(),
  number: z.string().describe('the called number, masked'),
  dialerReference: z.string().nullable(),
  dialerCallId: z.string(),
  agent: z
    .object({ id: z.string(), source: z.string() })
    .catchall(z.union([z.string(), z.number(), z.null()]))
    .nullable()
    .describe('who takes the call, and how it is known'),
  class: z.enum(['A', 'B']).nullable().describe('null until the call has ended'),
  answeredAt: time.nullable(),
  waitEndsAt: time.nullable().describe('when it is over unless an agent comes; null: it does not wait'),
}) satisfies z.ZodType<Readonly<Record<keyof CallView, unknown>>>;

export const LIVE_CALL = named('LiveCall', liveCallSchema);
export const OUTCOME = named('Outcome', correctedOutcomeSchema);
export const CALL = named('Call', z.union([liveCallSchema, correctedOutcomeSchema]), [LIVE_CALL, OUTCOME]);
export const CALLS = named(
  'Calls',
  z.strictObject({ calls: z.array(z.union([liveCallSchema, correctedOutcomeSchema])) }),
  [LIVE_CALL, OUTCOME],
);

export const PERIOD_FIGURES = named('PeriodFigures', periodFiguresSchema);

export const campaignSummarySchema = z.strictObject({
  campaign: z.string(),
  controller: z.string(),
  firstDay: z.iso.date().describe('local day of its first allowed INVITE: its windows count from there'),
  firstAt: time,
  endsOn: z.iso.date().nullable(),
  policy: z.string().describe('name and version of the rules that are counted by'),
  day: periodFiguresSchema.nullable().describe('null before its first day, and once it is over'),
  window: periodFiguresSchema.nullable(),
}) satisfies z.ZodType<CampaignSummary>;

const campaignDetailSchema = campaignSummarySchema.extend({
  windows: z.array(periodFiguresSchema).describe('latest first'),
  days: z.array(periodFiguresSchema).describe('those on which something was counted, latest first'),
}) satisfies z.ZodType<CampaignDetail>;

export const CAMPAIGN = named('Campaign', campaignSummarySchema, [PERIOD_FIGURES]);
export const CAMPAIGNS = named('Campaigns', z.strictObject({ campaigns: z.array(campaignSummarySchema) }), [CAMPAIGN]);
export const CAMPAIGN_DETAIL = named('CampaignDetail', campaignDetailSchema, [PERIOD_FIGURES]);

export const freeAgentsViewSchema = z.strictObject({
  campaign: z.string(),
  free: count.describe('sum over who told of it'),
  source: z.string().describe('who told last'),
  at: time,
}) satisfies z.ZodType<ReturnType<GuardView['freeAgents']['of']>>;

export const FREE_AGENTS = named('FreeAgents', freeAgentsViewSchema);

export const ERASED = named(
  'Erased',
  z.strictObject({
    calls: count,
    numbers: count,
    webhooks: count,
    masked: count,
    live: count,
  }) satisfies z.ZodType<Erased>,
);

const optOutSchema = z.strictObject({
  controller: z.string().nullable().describe('whose calls are not wanted; null: those of the whole installation'),
  digest: z.string().describe('of the number, which is kept nowhere here'),
  at: time.describe('when it was said, or written down'),
  source: z.enum(OPT_OUT_SOURCES).describe('key: pressed in a call; command, http: told by hand'),
  callId: z.string().nullable().describe('the call in which it was said; null: told by the number'),
  reference: z.string().nullable().describe('where that can be looked up'),
  ledger: z.strictObject({ chain: z.string(), seq: z.int() }).describe('its entry'),
});

export const OPT_OUT = named('OptOut', optOutSchema);
export const OPT_OUTS = named(
  'OptOuts',
  z.strictObject({
    optOuts: z.array(optOutSchema).describe('the latest first'),
    next: z.string().nullable().describe('`before` of the next page; null: that was all'),
  }),
  [OPT_OUT],
);
export const OPT_OUTS_REMOVED = named('OptOutsRemoved', z.strictObject({ removed: z.array(optOutSchema) }), [OPT_OUT]);

const carrierSchema = z.strictObject({
  name: z.string(),
  up: z.boolean().describe('reachable, and registered where that is needed: else it is tried last'),
  reachable: z.boolean(),
  registration: z.enum(['none', 'pending', 'registered', 'failed']),
  pausedMs: z.number().min(0).describe('what is left of the pause it asked for'),
});

const agentSourceSchema = z.strictObject({
  name: z.string(),
  kind: z.string(),
  up: z.boolean(),
  problem: z.string().nullable(),
});

export const HEALTH = named(
  'Health',
  z.strictObject({
    status: z.literal('ok'),
    carriers: z.array(carrierSchema),
    agentSources: z.array(agentSourceSchema),
  }),
);

const screeningListSchema = z.strictObject({
  list: z.string(),
  controller: z.string(),
  checkedAt: time,
  expiresAt: time.describe('from then on the law lets nobody use it'),
  importedAt: time,
  numbers: count,
  sha256: z.string().describe('of the file'),
  fileName: z.string().nullable(),
  keyId: z.string(),
});

export const SCREENING_LIST = named('ScreeningList', screeningListSchema);
export const SCREENING_LISTS = named('ScreeningLists', z.strictObject({ lists: z.array(screeningListSchema) }), [
  SCREENING_LIST,
]);

export const SCREENING_IMPORT = named(
  'ScreeningImport',
  screeningListSchema.extend({
    findings: z.looseObject({ lines: count, numbers: count }).describe('what was found in the file'),
    replaced: z
      .strictObject({ list: z.string(), numbers: count, checkedAt: time })
      .nullable()
      .describe('the list it took the place of'),
  }),
);

export const KEPT_REPORTS = named(
  'KeptReports',
  z.strictObject({
    reports: z.array(
      z.strictObject({
        id: z.uuid(),
        campaign: z.string(),
        period: z.enum(['window', 'day', 'range']),
        from: z.iso.date().describe('first local day'),
        to: z.iso.date().describe('last local day'),
        revision: count.describe('from 1; a later one tells of what was counted after the one before'),
        language: z.string(),
        madeAt: time,
        madeBy: z.string().describe('the process'),
        keepUntil: z.iso.date().describe('first local day on which it may be deleted'),
        policy: z.string(),
        fingerprint: z.string().describe('SHA-256 of the key that signed it'),
        silent: count.describe('NA'),
        handled: count.describe('NB'),
        sha256: z.string().describe('of its manifest'),
      }),
    ),
  }),
);
