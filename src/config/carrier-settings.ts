/** The settings of carriers, and of how numbers are written for them. */
import { z } from 'zod';
import { NUMBER_FORMATS } from '../policy/telephone-number.ts';
import { behindNat, callsAtOnce, callsPerSecond, cidr, dialled, headerName, name, sipUri } from './setting-values.ts';

const carrierSchema = z
  .strictObject({
    name: name.default('primary').describe('shown in every outcome'),
    uri: sipUri.describe('where INVITEs go: host and port; the called number is put before the @'),
    sources: z
      .array(cidr)
      .default([])
      .describe("addresses its requests (BYE, inbound INVITE) come from, besides the URI's own"),
    passHeaders: z
      .array(headerName)
      .default([])
      .describe('X- headers that may pass to this carrier; all others are stripped'),
    priority: z.int().min(0).max(65_535).default(0).describe('lower is tried first'),
    weight: z.int().min(0).max(65_535).default(1).describe('share among carriers of one priority'),
    campaigns: z.array(name).default([]).describe('campaigns it serves; none: all'),
    noResponseMs: z
      .int()
      .min(500)
      .max(60_000)
      .default(8_000)
      .describe('without any 18x for so long the next carrier is tried, ms'),
    nat: behindNat,
    srtp: z
      .enum(['accept', 'require'])
      .default('accept')
      .describe('require: it is offered SRTP (SDES) alone; accept: RTP, and its own offers are answered as they come'),
    callsPerSecondMax: callsPerSecond.describe('INVITEs a second; beyond, the next carrier; null: no limit'),
    callsMax: callsAtOnce.describe('calls at once; beyond, the next carrier; null: no limit'),
    username: z.string().min(1).max(128).nullable().default(null).describe('for its digest challenges; null: none'),
    password: z.string().max(256).nullable().default(null).describe('the same; never shown or logged'),
    calledFormat: z.enum(NUMBER_FORMATS).default('unchanged').describe('how it wants the called number'),
    calledPrefix: dialled.default('').describe('put before the called number'),
    callerFormat: z.enum(NUMBER_FORMATS).default('unchanged').describe("how it wants the caller's number"),
    optionsIntervalMs: z
      .int()
      .min(1_000)
      .max(3_600_000)
      .nullable()
      .default(null)
      .describe('asked by OPTIONS so often, ms; null: never'),
    optionsTimeoutMs: z.int().min(100).max(32_000).default(2_000).describe('an OPTIONS is lost after, ms'),
    optionsFailMax: z.int().min(1).max(100).default(2).describe('lost in a row until the carrier is down'),
    optionsRiseMin: z.int().min(1).max(100).default(2).describe('answered in a row until it is up again'),
    registrar: sipUri.nullable().default(null).describe('where to REGISTER; null: no registration'),
    registerExpiresS: z.int().min(30).max(86_400).default(3_600).describe('lifetime asked for, s'),
  })
  .refine((carrier) => (carrier.username === null) === (carrier.password === null), {
    error: 'username and password go together',
    path: ['password'],
  })
  .refine((carrier) => carrier.registrar === null || carrier.username !== null, {
    error: 'a registration needs username and password',
    path: ['registrar'],
  });

/** More are no carriers but a routing table, which this is not. */
const CARRIERS_MAX = 64;

/** All of them; without any, the one that the demo and the tests have. */
export const carriersSection = z
  .array(carrierSchema)
  .min(1)
  .max(CARRIERS_MAX)
  .refine((all) => new Set(all.map((one) => one.name)).size === all.length, { error: 'carrier names must differ' })
  .prefault([{ uri: 'sip:127.0.0.1:5070' }]);

/** How numbers without a country code are read and written. */
export const numbersSection = z
  .strictObject({
    countryCode: z
      .string()
      .regex(/^[1-9]\d{0,2}$/, { error: 'expected a country code such as "39"' })
      .nullable()
      .default(null)
      .describe('country of numbers without a country code; null: they stay as they are'),
    internationalPrefix: z
      .string()
      .regex(/^\d{0,5}$/)
      .default('00')
      .describe('dialled before a country code'),
    trunkPrefix: z
      .string()
      .regex(/^\d{0,3}$/)
      .default('')
      .describe('dialled before a national number and no part of it; Italy: none'),
  })
  .prefault({});
