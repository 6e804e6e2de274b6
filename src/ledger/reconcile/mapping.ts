/**
 * How a carrier's CDR file is read: which column says what, and in which form (docs/reconcile.md). A mapping is written by a person;
 * one with mistakes is refused with all of them.
 */
import { z } from 'zod';
import { ok, type Result, refused } from '../../base/result.ts';
import { OUTCOME_CODES } from './outcome-code.ts';
import { PRESETS, type PresetName } from './presets.ts';
import { timeFormatProblem, zoneProblem } from './time-format.ts';

/** Rows that are not for us are left out by at most so many conditions. */
const CONDITIONS_MAX = 16;

const column = z
  .union([z.string().min(1).max(200), z.int().min(1).max(4_096)], {
    error: 'expected the name of a column, or its place from 1',
  })
  .describe('name of a column in the heading, or its place, from 1');

const networkAxis = z.enum([
  ...['answered', 'busy', 'no-answer', 'rejected', 'invalid-number', 'unreachable', 'congestion'],
  ...['network-failure', 'cancelled', 'blocked', 'unknown'],
] as const);

const dialledPrefix = z.string().regex(/^[\d*#+]{1,16}$/, { error: 'expected up to 16 digits, "*", "#" or "+"' });

const timeColumn = z
  .union([column, z.tuple([column, column])], { error: 'expected a column, or two: the date and the time of day' })
  .nullable()
  .default(null);

const seconds = z.number().min(0);

const mappingSchema = z
  .strictObject({
    carrier: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('name of the carrier in the settings: calls that went to others are left out; null: there is but one'),
    file: z
      .strictObject({
        delimiter: z.enum([',', ';', '\t', '|']).nullable().default(null).describe('null: found from the first lines'),
        encoding: z
          .enum(['utf-8', 'windows-1252', 'utf-16le'])
          .default('utf-8')
          .describe('windows-1252 is Latin 1 too'),
        heading: z.boolean().default(true).describe('the first line names the columns'),
        skipLines: z.int().min(0).max(1_000).default(0).describe('lines before the heading, or before the first row'),
      })
      .prefault({}),
    number: z.strictObject({
      column,
      format: z
        .enum(['e164', 'national'])
        .default('e164')
        .describe('of digits without a plus: with the country code, or as they are dialled in the country'),
      country: z
        .string()
        .regex(/^[1-9]\d{0,2}$/, { error: 'expected a country code such as "39"' })
        .nullable()
        .default(null)
        .describe('country code of national numbers; null: that of the settings'),
      internationalPrefix: z
        .string()
        .regex(/^\d{0,5}$/)
        .default('00')
        .describe('before a country code'),
      trunkPrefix: z
        .string()
        .regex(/^\d{0,3}$/)
        .default('')
        .describe('before national numbers, no part of them; Italy has none'),
      strip: z.array(dialledPrefix).max(100).default([]).describe('taken off first, the longest that fits'),
    }),
    times: z
      .strictObject({
        start: timeColumn.describe('the INVITE, or set-up'),
        answer: timeColumn.describe('the 2xx, or connect; empty for a call that nobody answered'),
        end: timeColumn.describe('the release'),
        format: z
          .string()
          .default('iso')
          .superRefine(addProblem(timeFormatProblem))
          .describe('iso, epoch-s, epoch-ms, or a pattern such as "dd/MM/yyyy HH:mm:ss"'),
        zone: z
          .string()
          .nullable()
          .default(null)
          .superRefine(addProblem((zone) => (zone === null ? null : zoneProblem(zone))))
          .describe('of times without an offset: UTC, +01:00 or Europe/Rome; null: the jurisdiction’s'),
      })
      .superRefine((times, context) => {
        if (times.start === null && times.answer === null && times.end === null)
          context.addIssue({ code: 'custom', message: 'one of start, answer and end is needed' });
      }),
    duration: z
      .strictObject({
        column,
        unit: z.enum(['s', 'ms', 'min', 'hms']).default('s').describe('hms: 0:01:05, or 1:05'),
        of: z.enum(['answered', 'whole']).default('answered').describe('answer to end, or start to end'),
        stepS: seconds.max(3_600).default(1).describe('what it is rounded to: 1, 6, 60'),
        rounded: z.enum(['up', 'down', 'nearest']).default('nearest'),
        minimumS: seconds.max(3_600).default(0).describe('what an answered call has at least: 60 of “60/6”'),
      })
      .nullable()
      .default(null),
    outcome: z
      .strictObject({
        column,
        codes: z
          .enum(OUTCOME_CODES)
          .default('words')
          .describe('words such as NO ANSWER, Q.850 causes, or SIP statuses'),
        map: z.record(z.string(), networkAxis).default({}).describe('codes of the carrier’s own, before all others'),
      })
      .nullable()
      .default(null)
      .describe('null: a call with an answer time or a duration was answered'),
    callId: column.nullable().default(null).describe('SIP Call-ID of the leg to the carrier'),
    rows: z
      .strictObject({
        contain: z
          .enum(['all', 'answered'])
          .default('all')
          .describe('answered: what nobody answered is not in the file'),
        only: z
          .array(z.strictObject({ column, is: z.array(z.string()).min(1).max(100) }))
          .max(CONDITIONS_MAX)
          .default([])
          .describe('rows that say something else there are left out'),
      })
      .prefault({}),
    tolerance: z
      .strictObject({
        matchS: z
          .number()
          .min(1)
          .max(600)
          .default(30)
          .describe('how far apart a call’s times may be, the clocks being set'),
        answerS: z.number().min(0).max(60).default(2).describe('answer times further apart are a difference'),
        durationS: z
          .number()
          .min(0)
          .max(60)
          .default(2)
          .describe('durations further apart than this and the rounding are'),
      })
      .prefault({}),
    clock: z
      .strictObject({
        offsetS: z
          .union([z.literal('auto'), z.number().min(-86_400).max(86_400)])
          .default('auto')
          .describe('how far the carrier’s clock is ahead; auto: estimated'),
      })
      .prefault({}),
  })
  .describe('a mapping');

/** How a CDR file is read. */
export type CdrMapping = z.infer<typeof mappingSchema>;
/** A column by its name in the heading, or by its place from 1. */
export type ColumnRef = z.infer<typeof column>;
/** One mistake: where (`times.format`) and what. */
export type MappingProblem = { readonly path: string; readonly message: string };

/** Checks what a person wrote: `preset: NAME` first, what stands beside it over that. */
export function readMapping(written: unknown): Result<CdrMapping, readonly MappingProblem[]> {
  if (!isObject(written))
    return refused([{ path: '(top)', message: 'expected a mapping, such as "number:" and "times:"' }]);
  const { preset, ...own } = written;
  if (preset !== undefined && !(typeof preset === 'string' && preset in PRESETS)) {
    const known = Object.keys(PRESETS).join(', ');
    return refused([{ path: 'preset', message: `expected one of ${known}` }]);
  }
  const base = preset === undefined ? {} : PRESETS[preset as PresetName].mapping;
  const parsed = mappingSchema.safeParse(laidOver(base, own));
  if (!parsed.success) return refused(parsed.error.issues.flatMap(problemsOf));
  const placed = unnamedColumns(parsed.data);
  return placed.length === 0 ? ok(parsed.data) : refused(placed);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a person says of a part of a preset leaves its other parts. */
function laidOver(base: Readonly<Record<string, unknown>>, own: Record<string, unknown>): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(own)) {
    const under = merged[name];
    merged[name] = isObject(under) && isObject(value) ? laidOver(under, value) : value;
  }
  return merged;
}

function problemsOf(issue: z.core.$ZodIssue): readonly MappingProblem[] {
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [{ path: path === '' ? '(top)' : path, message: issue.message }];
  return issue.keys.map((key) => ({ path: path === '' ? key : `${path}.${key}`, message: 'unknown' }));
}

/** Columns by name in a file without a heading. */
function unnamedColumns(mapping: CdrMapping): readonly MappingProblem[] {
  if (mapping.file.heading) return [];
  return columnsOf(mapping)
    .filter(({ column: ref }) => typeof ref === 'string')
    .map(({ path }) => ({ path, message: 'the file has no heading: columns are given by their place, from 1' }));
}

/** Every column that a mapping names, with its path. */
export function columnsOf(mapping: CdrMapping): readonly { readonly path: string; readonly column: ColumnRef }[] {
  const { number, times, duration, outcome, callId, rows } = mapping;
  const of = (path: string, ref: ColumnRef | readonly ColumnRef[] | null | undefined) =>
    [ref ?? []].flat().map((one) => ({ path, column: one }));
  return [
    ...of('number.column', number.column),
    ...of('times.start', times.start),
    ...of('times.answer', times.answer),
    ...of('times.end', times.end),
    ...of('duration.column', duration?.column),
    ...of('outcome.column', outcome?.column),
    ...of('callId', callId),
    ...rows.only.flatMap((condition, at) => of(`rows.only.${at}.column`, condition.column)),
  ];
}

function addProblem<T>(problemOf: (value: T) => string | null) {
  return (value: T, context: z.RefinementCtx): void => {
    const message = problemOf(value);
    if (message !== null) context.addIssue({ code: 'custom', message });
  };
}
