/** What is simulated, as a person writes it: campaigns, their people and machines, their dialer and agents, and the law. Pure. */
import { z } from 'zod';
import { JURISDICTIONS } from '../policy/jurisdictions/chosen-jurisdiction.ts';
import { JURISDICTION_NAMES, type JurisdictionName, MACHINE_DETECTION } from '../policy/jurisdictions/jurisdiction.ts';
import { LEGAL_RULES, type LegalRule, RULE_MODES } from '../policy/rules/ruling.ts';
import { durationSchema } from './distribution.ts';

/** A number is a country's prefix and seven digits. */
const NUMBERS_MAX = 10_000_000;

const share = z.number().min(0).max(1);
const weight = z.number().min(0).max(1_000);
const calendarDay = z.iso.date({ error: 'expected a day, such as 2027-01-04' });
const clockTime = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: 'expected a time of day in quotes, such as "09:00"' });
const outcomeClass = z.enum(['A', 'B']).nullable().default(null);
const mode = z.enum(RULE_MODES);

const MODES = Object.fromEntries(LEGAL_RULES.map((rule) => [rule, mode.default('enforce')])) as Record<
  LegalRule,
  z.ZodDefault<typeof mode>
>;
const OWN_MODES = Object.fromEntries(LEGAL_RULES.map((rule) => [rule, mode.nullable().default(null)])) as Record<
  LegalRule,
  z.ZodDefault<z.ZodNullable<typeof mode>>
>;

const policy = z.strictObject({
  jurisdiction: z.enum(JURISDICTION_NAMES).default('it').describe('whose rules hold'),
  machineAnswered: outcomeClass.describe(
    "class of a call that is reported as a machine's; null: the jurisdiction's own",
  ),
  calleeHangUp: outcomeClass.describe(
    "class of a call whose callee hangs up before the end of the wait; null: the jurisdiction's own",
  ),
  lockScope: z
    .enum(['controller', 'installation'])
    .default('controller')
    .describe('where a silent call locks its number'),
  ringLimitMs: z
    .int()
    .min(15_000)
    .max(300_000)
    .default(120_000)
    .describe('after which Brusio gives a ringing call up, ms'),
  promisedAgents: z.enum(['trust', 'count']).default('trust').describe('whether a reserved agent opens the budget'),
  rules: z.strictObject(MODES).prefault({}).describe('of each rule: off, observe (only told) or enforce (refuses)'),
});

const greetingLimitMs = z
  .int()
  .min(1_000)
  .max(15_000)
  .default(6_000)
  .describe('a greeting that goes on for longer counts as over, as wait.greetingLimitMs of the settings has it, ms');

const arrival = z.strictObject({
  callsPerDay: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(40_000)
    .describe('calls on a full working day: as many with pacing "arrivals", at most so many with the others'),
  hourly: z
    .array(weight)
    .length(24)
    .default([0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 10, 10, 9, 6, 8, 10, 10, 11, 10, 8, 0, 0, 0, 0])
    .describe('how they are spread over the hours 0–23 of the local day: weights'),
  weekdays: z
    .array(share)
    .length(7)
    .default([1, 1, 1, 1, 1, 0.5, 0])
    .describe('of a full working day, Monday to Sunday'),
  holidays: share.default(0).describe("of a full working day, on the country's public holidays"),
});

const answering = z.strictObject({
  person: share.default(0.28).describe('of calls that are answered by a person, if they ring for long enough'),
  machine: share.default(0.12).describe('answered by a machine, the same'),
  busy: share.default(0.08).describe('busy'),
  failed: share.default(0.04).describe('no such number, or unreachable; all others ring until the dialer gives up'),
  personAfter: durationSchema.default({ logNormal: { median: 9, p90: 17 } }).describe('from the INVITE to the answer'),
  machineAfter: durationSchema.default({ logNormal: { median: 18, p90: 23 } }).describe('the same of a machine'),
  failedAfter: durationSchema.default(2).describe('from the INVITE to busy or failed'),
  patience: durationSchema
    .default({ logNormal: { median: 4, p90: 9 } })
    .describe('after which a person who hears nobody hangs up'),
  heard: share
    .default(0.95)
    .describe(
      'of answers, those in which a greeting is heard; the rest is silent, or in a codec that is not understood. Greetings count where the wait counts from them (gb, us)',
    ),
  personGreetsAfter: durationSchema
    .default({ logNormal: { median: 0.5, p90: 1.2 } })
    .describe('from the answer to the first word of a person'),
  personGreeting: durationSchema
    .default({ logNormal: { median: 0.9, p90: 2.2 } })
    .describe('from their first word to the end of the greeting'),
  machineGreetsAfter: durationSchema.default({ uniform: { from: 0.2, to: 1.2 } }).describe('the same of a machine'),
  machineGreeting: durationSchema
    .default({ logNormal: { median: 10, p90: 22 } })
    .describe('a machine’s, from its first word to its end'),
});

const detection = z.strictObject({
  machinesFound: share.default(0.9).describe('of machines, how many the dialer detects'),
  peopleMistaken: share.default(0.03).describe('of people, how many it takes for machines and hangs up on'),
  takes: durationSchema
    .default({ uniform: { from: 0.3, to: 1.6 } })
    .describe('from the answer until it has decided; nobody is connected before. 0: no detection'),
  foundAfterwards: share
    .default(0)
    .describe(
      'of machines whose call was silent, how many are reported as such after it: such an outcome is corrected',
    ),
  foundAfter: durationSchema.default(5).describe('from the end of the call to that report'),
});

const shift = z.strictObject({
  agents: z.int().min(0).max(5_000),
  from: clockTime.default('09:00'),
  to: clockTime.default('20:00'),
  weekdays: z.array(z.int().min(1).max(7)).default([1, 2, 3, 4, 5, 6]).describe('1 is Monday'),
});

const dialer = z.strictObject({
  pacing: z
    .enum(['lines-per-agent', 'predictive', 'arrivals'])
    .default('lines-per-agent')
    .describe(
      'lines-per-agent: `overdial` lines ring for each free agent; predictive: as many lines as reach `overdial` people for each agent who is free or about to be; arrivals: calls come by their rate, whoever is free',
    ),
  overdial: z.number().min(0.1).max(20).default(2).describe('see pacing; 1 is no over-dialling'),
  adaptive: z
    .strictObject({
      targetPercent: z.number().min(0).max(100).default(2.5).describe('share of silent calls to steer for, %'),
      over: z.enum(['day', 'window']).default('window').describe('counted over'),
      everyS: z.number().min(1).max(86_400).default(60).describe('how often it is looked at'),
      step: z.number().min(0.001).max(5).default(0.05).describe('by which overdial moves then'),
      min: z.number().min(0.1).max(20).default(1),
      max: z.number().min(0.1).max(20).default(4),
    })
    .nullable()
    .default(null)
    .describe('overdial follows the observed ratio; null: it stays'),
  linesMax: z.int().min(1).max(20_000).default(2_000).describe('lines of the trunk'),
  givesUpAfter: durationSchema.default(25).describe('how long it lets a call ring'),
  agentFirst: z
    .enum(['connected', 'reserved', 'never'])
    .default('connected')
    .describe(
      'where a call needs its agent (after a silent call, or while the budget is closed): the agent is on the line while it rings, or held for it; never: such calls are not made',
    ),
  budgetPauseS: z
    .number()
    .min(1)
    .max(3_600)
    .default(10)
    .describe('how long it places calls with agents only after the budget refused one'),
  bridging: durationSchema.default(0.15).describe('from finding a free agent to their being on the line'),
});

const redial = z.strictObject({
  attemptsMax: z.int().min(1).max(100).default(4).describe('calls to a number in one round through the list'),
  noAnswerMin: z.number().min(0).max(100_000).default(180).describe('minutes until the next one after no answer'),
  busyMin: z.number().min(0).max(100_000).default(20).describe('after busy or a failure'),
  machineMin: z.number().min(0).max(100_000).default(240).describe('after a machine'),
  silent: z
    .union([z.literal('after-the-lock'), z.number().min(0).max(100_000)])
    .default('after-the-lock')
    .describe('after a silent call: when its lock is over, or minutes later whatever Brusio says'),
  againAfterDays: z
    .number()
    .min(0)
    .max(3_660)
    .nullable()
    .default(30)
    .describe('days until a number that was reached or tried out is in the list again; null: never'),
});

const campaignSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w.-]{1,64}$/, { error: 'expected letters, digits, . - _' })
      .default('campaign'),
    controller: z
      .string()
      .min(1)
      .max(64)
      .default('controller')
      .describe('whom it calls for; locks are the controller’s'),
    jurisdiction: z.enum(JURISDICTION_NAMES).nullable().default(null).describe('its own; null: that of policy'),
    startsOn: calendarDay.nullable().default(null).describe('its first local day; null: that of the scenario'),
    endsOn: calendarDay.nullable().default(null).describe('its last; null: that of the scenario'),
    rules: z.strictObject(OWN_MODES).prefault({}).describe('its own modes; null: as in policy.rules'),
    frequency: z
      .strictObject({
        perDay: z.int().min(1).max(10_000).nullable().default(null),
        perWeek: z.int().min(1).max(10_000).nullable().default(null),
        perCampaign: z.int().min(1).max(10_000).nullable().default(null),
      })
      .prefault({})
      .describe('calls to one number; null: no limit'),
    list: z
      .strictObject({
        size: z.int().min(1).max(NUMBERS_MAX).default(400_000).describe('numbers'),
        first: z
          .int()
          .min(0)
          .max(NUMBERS_MAX)
          .default(0)
          .describe('two lists of a controller share numbers where they overlap'),
        cleared: share.default(1).describe('of them that the opposition register has cleared'),
        checkedEveryDays: z
          .int()
          .min(1)
          .max(365)
          .nullable()
          .default(15)
          .describe('how often the list is taken to the register; null: never'),
      })
      .prefault({}),
    arrival: arrival.prefault({}),
    answering: answering
      .refine(({ person, machine, busy, failed }) => person + machine + busy + failed <= 1, {
        error: 'expected person, machine, busy and failed to be at most 1 together',
      })
      .prefault({}),
    detection: detection.prefault({}),
    machineFalsePositive: z
      .strictObject({ percent: z.number().min(0).max(100), evidence: z.string().min(1).max(500) })
      .nullable()
      .default(null)
      .describe('as campaigns.named[].machineFalsePositive of the settings has it: whether it is right is seen here'),
    machineDetection: z
      .enum(MACHINE_DETECTION)
      .default('used')
      .describe('as campaigns.named[].machineDetection has it; none goes with machinesFound and peopleMistaken 0'),
    shifts: z
      .array(shift)
      .min(1)
      .max(50)
      .default([{ agents: 20, from: '09:00', to: '20:00', weekdays: [1, 2, 3, 4, 5, 6] }]),
    handling: z
      .strictObject({
        talk: durationSchema.default({ logNormal: { median: 55, p90: 210 } }).describe('with a person'),
        talkToMachine: durationSchema.default(6).describe('until an agent sees that it is a machine'),
        wrapUp: durationSchema.default({ exponential: { mean: 15 } }).describe('after the call'),
      })
      .prefault({}),
    dialer: dialer.prefault({}),
    redial: redial.prefault({}),
  })
  .describe('one campaign, with a dialer and agents of its own');

/** A scenario. */
export const scenarioSchema = z
  .strictObject({
    from: calendarDay.default('2025-01-07').describe('first local day'),
    days: z.int().min(1).max(3_660).default(365).describe('local days'),
    seed: z.int().min(0).max(4_294_967_295).default(1).describe('of chance: the same seed gives the same calls'),
    policy: policy.prefault({}),
    wait: z.strictObject({ greetingLimitMs }).prefault({}),
    campaigns: z.array(campaignSchema).min(1).max(200).prefault([{}]),
  })
  .check(({ value, issues }) => {
    for (const [index, { name, dialer, list, jurisdiction, controller }] of value.campaigns.entries()) {
      const at = (key: string[], message: string, input: unknown) =>
        issues.push({ code: 'custom', path: ['campaigns', index, ...key], message, input });
      if (value.campaigns.findIndex((one) => one.name === name) !== index)
        at(['name'], 'campaign names must differ', name);
      if (list.first + list.size > NUMBERS_MAX)
        at(['list', 'size'], `first and size are ${NUMBERS_MAX} together at most`, list.size);
      const lawOf = (one: JurisdictionName | null) => one ?? value.policy.jurisdiction;
      const { options } = JURISDICTIONS[lawOf(jurisdiction)];
      for (const option of ['machineAnswered', 'calleeHangUp'] as const) {
        const chosen = value.policy[option];
        if (chosen !== null && !options[option].choices.includes(chosen))
          at(['jurisdiction'], `these rules know no policy.${option} ${chosen}`, chosen);
      }
      const other = value.campaigns.find(
        (one) =>
          lawOf(one.jurisdiction) !== lawOf(jurisdiction) &&
          (value.policy.lockScope === 'installation' || one.controller === controller),
      );
      if (other !== undefined)
        at(
          ['jurisdiction'],
          `has locks in common with ${other.name}, which is under another jurisdiction`,
          jurisdiction,
        );
      const { adaptive } = dialer;
      if (adaptive !== null && adaptive.min > adaptive.max)
        at(['dialer', 'adaptive', 'min'], 'more than max', adaptive.min);
    }
  });

/** A scenario, complete. */
export type Scenario = z.infer<typeof scenarioSchema>;
/** One campaign of it. */
export type CampaignScenario = Scenario['campaigns'][number];
