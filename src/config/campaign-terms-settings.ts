/** The settings of what a campaign is held to: who it is for, its numbers, its days. */
import { z } from 'zod';
import { JURISDICTION_NAMES, MACHINE_DETECTION } from '../policy/jurisdictions/jurisdiction.ts';
import { LEGAL_RULES, type LegalRule, RULE_MODES } from '../policy/rules/ruling.ts';
import { name } from './setting-values.ts';

const controller = name.describe(
  'the controller (titolare) it calls for; locks, screening and frequency are counted for it',
);

const roc = z
  .string()
  .regex(/^\w[\w /.-]{0,31}$/, { error: 'expected the number of the entry in the ROC register' })
  .nullable()
  .describe('number under which its operator stands in the register of communication operators (ROC)');

const callerIds = z
  .array(
    z.string().regex(/^(?:\+\d{3,15}|\d{2,6})\*?$/, {
      error: 'expected E.164, such as +390212345678, a beginning, such as +390844*, or a service number',
    }),
  )
  .max(1_000)
  .describe('caller ids declared for it, E.164: whole, or a beginning with * after it');

const jurisdiction = z.enum(JURISDICTION_NAMES).nullable().default(null);

const calendarDay = z.iso.date({ error: 'expected a day, such as 2026-11-23' }).nullable();
const startsOn = calendarDay.describe('its first local day, YYYY-MM-DD');
const endsOn = calendarDay.describe('its last local day, YYYY-MM-DD');

const calls = z.int().min(1).max(10_000).nullable().default(null);
const frequency = z.strictObject({
  perDay: calls.describe('calls to one number for the controller on one local day; null: no limit'),
  perWeek: calls.describe('the same in one ISO week, Monday to Sunday; null: no limit'),
  perCampaign: calls.describe('calls to one number for the campaign; null: no limit'),
});

const hours = z.strictObject({
  region: z
    .string()
    .regex(/^[\w-]{1,8}$/, { error: 'expected a region as date-holidays names it, such as 32 for South Tyrol' })
    .nullable()
    .default(null)
    .describe("holidays of a region besides the country's, as date-holidays names it; null: none"),
  extraHolidays: z
    .array(
      z.string().refine((day) => !Number.isNaN(Date.parse(`2028-${day}T00:00:00Z`)) && /^\d\d-\d\d$/.test(day), {
        error: 'expected month and day, such as 12-07',
      }),
    )
    .max(100)
    .default([])
    .describe("further holidays each year, MM-DD, such as a patron saint's day"),
});

const machineFalsePositive = z
  .strictObject({
    percent: z.number().min(0).max(100).describe('of calls that are reported as machines, how many are people, %'),
    evidence: z.string().min(1).max(500).describe('where that figure comes from, told in the reports'),
  })
  .nullable();

const machineDetection = z.enum(MACHINE_DETECTION);

const mode = z.enum(RULE_MODES);

/** What each rule asks of a call, for the settings' table. */
const RULE_MEANINGS: Readonly<Record<LegalRule, string>> = {
  'campaign-dates': "the call is within its campaign's days",
  roc: 'its campaign has a ROC number',
  'declared-caller-id': 'its caller id is declared for the campaign',
  'calling-hours': "it is a day and an hour for calling in the callee's country",
  'opt-out': 'nobody at the number said never again to the controller, or consented since',
  screening: 'the opposition register cleared the number, or there is consent or a contract',
  'recall-lock': 'the number had no silent call for five days, and is not being called (Italy)',
  'guaranteed-agent':
    'a number that had a silent call is called with an agent: in Italy until one was bridged, in the United Kingdom for 72 h',
  frequency: 'the number was not called more often than the law (Germany) or the settings allow',
  'abandonment-budget': 'the limits of its law (Italy: 3 % and 4 %) hold should it become a silent call',
};

/** A mode each. */
function modesOf<T extends z.ZodType>(modeOf: (meaning: string) => T): Record<LegalRule, T> {
  return Object.fromEntries(LEGAL_RULES.map((rule) => [rule, modeOf(RULE_MEANINGS[rule])])) as Record<LegalRule, T>;
}

/** In `policy`: what is asked of the calls of every campaign. */
export const POLICY_TERMS = {
  rules: z
    .strictObject(modesOf((meaning) => mode.default('observe').describe(`${meaning}; else: nothing, told, or refused`)))
    .prefault({}),
  lockScope: z
    .enum(['controller', 'installation'])
    .default('controller')
    .describe(
      'after a silent call a number is locked, and after an opt-out closed, for its controller or for all of them',
    ),
  ringLimitMs: z
    .int()
    .min(15_000)
    .max(300_000)
    .default(120_000)
    .describe(
      'a guarded call that rings for longer is given up, ms; until then it may be answered, on the next day too',
    ),
  promisedAgents: z
    .enum(['trust', 'count'])
    .default('trust')
    .describe('whether an agent who is only reserved opens the abandonment budget, or none but one on the line'),
};

/** In `campaigns`, for all of them. */
export const CAMPAIGN_TERMS = {
  jurisdiction: jurisdiction.describe('whose rules hold for calls from the next one on; null: policy.jurisdiction'),
  controller: controller.default('default'),
  roc: roc.default(null),
  callerIds: callerIds.default([]),
  startsOn: startsOn.default(null),
  endsOn: endsOn.default(null),
  frequency: frequency.prefault({}),
  hours: hours.prefault({}),
  machineFalsePositive: machineFalsePositive
    .default(null)
    .describe(
      'how often a machine that detection found is a person: United Kingdom: added to the silent calls in the ratio; elsewhere an alternative count; null: no estimate',
    ),
  machineDetection: machineDetection
    .default('used')
    .describe(
      'United Kingdom: whether its dialer detects machines; none: silent calls to machines are estimated from those that agents heard, and taken out of the ratio',
    ),
};

const OWN = 'null: as in campaigns';

/** In `campaigns.named[]`, of one campaign; null: as for all. */
export const OWN_CAMPAIGN_TERMS = {
  jurisdiction: jurisdiction.describe(
    `whose rules hold for its calls from the next one on; those that were placed keep theirs; ${OWN}`,
  ),
  controller: controller.nullable().default(null).describe(`its controller; ${OWN}`),
  roc: roc.default(null).describe(`its ROC number; ${OWN}`),
  callerIds: callerIds.nullable().default(null).describe(`its caller ids; ${OWN}`),
  startsOn: startsOn.default(null).describe(`its first local day; ${OWN}`),
  endsOn: endsOn.default(null).describe(`its last local day; ${OWN}`),
  frequency: frequency.nullable().default(null).describe(`its limits, all three; ${OWN}`),
  hours: hours.nullable().default(null).describe(`its holidays, both; ${OWN}`),
  machineFalsePositive: machineFalsePositive.default(null).describe(`its own; ${OWN}`),
  machineDetection: machineDetection.nullable().default(null).describe(`its own; ${OWN}`),
  rules: z.strictObject(modesOf(() => mode.nullable().default(null).describe('null: as in policy.rules'))).prefault({}),
};
