/** The settings of who may call: dialers, calls that are not guarded, and where calls from carriers go. */
import { z } from 'zod';
import { DECLARED_KINDS } from '../policy/call-kind.ts';
import { CALLER_ID_HEADERS } from '../policy/caller-id.ts';
import { SERVED_ALGORITHMS } from '../policy/dialer-algorithms.ts';
import {
  behindNat,
  callsAtOnce,
  callsPerSecond,
  cidr,
  dialled,
  headerName,
  name,
  numberPrefix,
  sipUri,
} from './setting-values.ts';

const callKind = z.enum(['guarded', ...DECLARED_KINDS]);

const headerPlace = z.templateLiteral(['header:', headerName]);

const teardown = z
  .enum(['enforce', 'observe'])
  .default('enforce')
  .describe('without an agent at the end of the wait: enforce hangs up; observe notes it and lets the dialer go on');

const dialerSchema = z.strictObject({
  name: name
    .refine((text) => text !== 'default', { error: '"default" is the dialer of dialers.sources' })
    .describe('shown in every outcome'),
  sources: z.array(cidr).min(1).describe('addresses its INVITEs come from'),
  users: z
    .array(
      z.strictObject({
        username: z.string().min(1).max(128).describe('of its digest credentials'),
        password: z.string().min(8, { error: 'a password has at least 8 characters' }).max(256).describe('the same'),
      }),
    )
    .default([])
    .describe('who may call from there, by digest; none: whoever is there'),
  algorithms: z
    .array(z.enum(SERVED_ALGORITHMS))
    .min(1)
    .default([...SERVED_ALGORITHMS])
    .describe('in which they are asked; MD5 alone for a dialer that stumbles over SHA-256'),
  callsPerSecondMax: callsPerSecond.describe('INVITEs a second; beyond, 503 with Retry-After; null: no limit'),
  callsMax: callsAtOnce.describe('calls at once; beyond, 503 with Retry-After; null: no limit'),
  numberFrom: z
    .union([z.enum(['request-uri', 'to']), headerPlace], { error: 'expected request-uri, to or header:<name>' })
    .default('request-uri')
    .describe('where it puts the called number: request-uri, to or header:<name>'),
  referenceFrom: z
    .array(
      z.union([z.enum(['call-code', 'call-id']), headerPlace], {
        error: 'expected call-code, call-id or header:<name>',
      }),
    )
    .default(['call-code'])
    .describe(
      "where its own id of a call stands, after headers.reference and in this order: header:<name>, call-code (VICIdial's), call-id",
    ),
  stripPrefix: dialled.default('').describe('dialled before the number and no part of it'),
  callerIdFrom: z
    .array(z.enum(CALLER_ID_HEADERS))
    .min(1)
    .default([...CALLER_ID_HEADERS])
    .describe("where the caller's number is read, in this order"),
  kind: callKind.default('guarded').describe('what its calls are when nothing else is said'),
  mayDeclare: z
    .array(z.enum(DECLARED_KINDS))
    .default([...DECLARED_KINDS])
    .describe('kinds a call may declare by the callType header; others are guarded'),
  agentFromDisplay: z
    .boolean()
    .default(false)
    .describe("a FreeSWITCH's display update after the answer, other than of the callee, tells of an agent"),
  nat: behindNat,
  srtp: z
    .enum(['accept', 'require'])
    .default('accept')
    .describe('require: an offer without SRTP (SDES) is refused; accept: RTP or SRTP, as it offers'),
  teardown,
});

/** Who may send INVITEs. */
export const dialersSection = z
  .strictObject({
    sources: z
      .array(cidr)
      .default(['127.0.0.0/8', '::1'])
      .describe('addresses that may send INVITEs without being named below: the dialer "default"'),
    nat: behindNat,
    unlisted: z.enum(['silent', 'forbidden']).default('silent').describe('others get no answer, or 403'),
    realm: z
      .string()
      .regex(/^[\w.@ -]{1,64}$/, { error: 'expected 1–64 letters, digits, ".", "_", "@", "-" or spaces' })
      .default('brusio')
      .describe('of our digest challenges to dialers'),
    teardown,
    named: z
      .array(dialerSchema)
      .max(256)
      .refine((all) => new Set(all.map((one) => one.name)).size === all.length, { error: 'dialer names must differ' })
      .refine(
        (all) => {
          const users = all.flatMap((one) => one.users.map(({ username }) => username));
          return new Set(users).size === users.length;
        },
        { error: 'a digest user belongs to one dialer' },
      )
      .default([]),
  })
  .refine((dialers) => dialers.sources.length + dialers.named.length > 0, {
    error: 'nobody could call: list sources, or name a dialer',
    path: ['sources'],
  })
  .prefault({});

/** Which of their calls are not guarded. */
export const exemptSection = z
  .strictObject({
    callers: z
      .array(
        z.strictObject({
          prefix: numberPrefix.min(1).describe('begins the caller id, E.164'),
          kind: z.enum(DECLARED_KINDS).describe('what such calls are'),
        }),
      )
      .default([])
      .describe('caller ids whose calls are not guarded'),
  })
  .prefault({});

/** Where calls that come in go. */
export const inboundSection = z
  .array(
    z.strictObject({
      number: numberPrefix.describe('begins the called number, E.164; "" is every number'),
      target: sipUri.describe('where such a call goes; the called number is put before the @'),
      nat: behindNat,
    }),
  )
  .refine((all) => new Set(all.map((one) => one.number)).size === all.length, { error: 'numbers must differ' })
  .default([])
  .describe('where calls that come from a carrier go; none: 404');
