/** The settings of campaigns: which there are, and how a call's is known. */
import { z } from 'zod';
import { campaignAmbience } from './ambience-settings.ts';
import { announcementSection } from './announcement-settings.ts';
import { CAMPAIGN_TERMS, OWN_CAMPAIGN_TERMS } from './campaign-terms-settings.ts';
import { headerName, name, numberPrefix } from './setting-values.ts';

const ruleSchema = z
  .strictObject({
    dialer: name.nullable().default(null).describe('calls of this dialer; null: of any'),
    callerId: numberPrefix.nullable().default(null).describe('begins the caller id, E.164'),
    number: numberPrefix.nullable().default(null).describe('begins the called number, E.164'),
    callCode: z
      .string()
      .regex(/^[A-Z]\d{0,20}$/, { error: 'expected the beginning of a call code, such as V' })
      .nullable()
      .default(null)
      .describe("begins VICIdial's call code"),
    header: headerName.nullable().default(null).describe('a header that the INVITE must have'),
    begins: z.string().max(128).default('').describe("begins that header's value"),
    campaign: name.nullable().default(null).describe("the campaign; null: the header's value is its name"),
  })
  .refine((rule) => rule.campaign !== null || rule.header !== null, {
    error: 'name the campaign, or the header that does',
    path: ['campaign'],
  })
  .refine((rule) => rule.begins === '' || rule.header !== null, {
    error: 'name the header whose value begins so',
    path: ['header'],
  });

/** `campaigns`. */
export const campaignsSection = z
  .strictObject({
    autoCreate: z.boolean().default(true).describe('accept campaigns that are not in the list'),
    default: name.default('default').describe('campaign of a call that names none'),
    names: z.array(name).default([]).describe('known campaigns'),
    named: z
      .array(
        z.strictObject({
          name: name.describe('as the campaign header names it'),
          ambience: campaignAmbience,
          announcement: announcementSection,
          ...OWN_CAMPAIGN_TERMS,
        }),
      )
      .max(10_000)
      .refine((all) => new Set(all.map((one) => one.name)).size === all.length, { error: 'campaign names must differ' })
      .default([])
      .describe('known campaigns that have settings of their own'),
    rules: z
      .array(ruleSchema)
      .max(1_000)
      .default([])
      .describe('the campaign of a call without headers.campaign: the first rule of which all fits'),
    announcement: announcementSection,
    ...CAMPAIGN_TERMS,
  })
  .check(({ value, issues }) => {
    for (const [index, own] of [null, ...value.named].entries()) {
      const startsOn = own?.startsOn ?? value.startsOn;
      const endsOn = own?.endsOn ?? value.endsOn;
      if (startsOn === null || endsOn === null || startsOn <= endsOn) continue;
      issues.push({
        code: 'custom',
        input: endsOn,
        path: own === null ? ['endsOn'] : ['named', index - 1, 'endsOn'],
        message: `the last day ${endsOn} is before the first, ${startsOn}`,
      });
    }
  })
  .prefault({});
