/** `GET /v1/campaigns/{id}/report` makes one; `GET /v1/reports` shows those that are kept. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { toIso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { ReportFiles, Reports } from '../guard/report-port.ts';
import { MANIFEST_FILE } from '../ledger/report/manifest.ts';
import { REPORT_LANGUAGES } from '../ledger/report/report-language.ts';
import type { WantedPeriod } from '../ledger/report/report-period.ts';
import { zip } from '../ledger/report/zip.ts';
import { KEPT_REPORTS } from './answer-schemas.ts';
import type { ApiRoute } from './api-route.ts';
import { type Problem, sendProblem } from './problem-document.ts';
import { invalidBody, readBody } from './report-body.ts';

const FORMATS = ['bundle', 'json', 'csv', 'pdf', 'manifest'] as const;
const day = z.iso.date();
const format = z
  .enum(FORMATS)
  .default('bundle')
  .describe('bundle: a ZIP of all files with the signed manifest; else one of them alone');

const madeQuery = z
  .strictObject({
    window: z.coerce.number().int().min(1).max(999_999).optional().describe('number of the window, from 1'),
    day: day.optional(),
    from: day.optional(),
    to: day.optional(),
    'last-week': z.stringbool().optional(),
    language: z.enum(REPORT_LANGUAGES).optional(),
    format,
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), { error: 'from and to go together' })
  .refine(
    (query) =>
      [query.window, query.day, query.from, query['last-week'] || undefined].filter((one) => one !== undefined)
        .length <= 1,
    {
      error: 'name one period: window, day, from and to, or last-week; none is the last window that is over',
    },
  );

const keptQuery = z.strictObject({ campaign: z.string().max(128).optional() });
const fileQuery = z.strictObject({ format });

const FILE_ANSWER = {
  mediaType: 'application/zip',
  description: 'the report: a ZIP, or one of its files by its own media type',
} as const;

/** The routes; every one of them wants an API key. */
export function reportRoutes(reports: Reports): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/v1/campaigns/:id/report',
      doc: {
        summary: "Makes a signed report of a campaign's window, day or days; the ledger is told that it was given out.",
        ...{ query: madeQuery, answer: FILE_ANSWER, problems: [404, 422, 429, 503] },
      },
      async handle(request, reply) {
        const query = readBody(madeQuery, request.query);
        if (!query.ok) return sendProblem(reply, invalidBody(query.problem));
        const { language = null, format: wantedFormat } = query.value;
        const { id: campaign } = (request as FastifyRequest<{ Params: { id: string } }>).params;
        try {
          const made = await reports.make({ campaign, wanted: wantedOf(query.value), language });
          return send(reply, made, wantedFormat);
        } catch (thrown) {
          const problem = problemOf(thrown);
          if (problem === null) throw thrown;
          return sendProblem(reply, problem);
        }
      },
    },
    {
      method: 'GET',
      path: '/v1/reports',
      doc: {
        summary: 'The reports that are kept, the latest period first.',
        query: keptQuery,
        answer: KEPT_REPORTS,
        problems: [422, 503],
      },
      async handle(request, reply) {
        const query = readBody(keptQuery, request.query);
        if (!query.ok) return sendProblem(reply, invalidBody(query.problem));
        const kept = await reports.kept(query.value.campaign ?? null);
        return reply.send({ reports: kept.map((one) => ({ ...one, madeAt: toIso(one.madeAt) })) });
      },
    },
    {
      method: 'GET',
      path: '/v1/reports/:id',
      doc: {
        summary: 'One of them, as it was made.',
        query: fileQuery,
        answer: FILE_ANSWER,
        problems: [404, 422, 503],
      },
      async handle(request, reply) {
        const query = readBody(fileQuery, request.query);
        if (!query.ok) return sendProblem(reply, invalidBody(query.problem));
        const found = await reports.find((request as FastifyRequest<{ Params: { id: string } }>).params.id);
        return found === null ? sendProblem(reply, UNKNOWN) : send(reply, found, query.value.format);
      },
    },
  ];
}

function wantedOf(query: z.infer<typeof madeQuery>): WantedPeriod {
  const { window, day: oneDay, from, to } = query;
  if (window !== undefined) return { kind: 'window', number: window };
  if (oneDay !== undefined) return { kind: 'day', day: oneDay };
  if (from !== undefined && to !== undefined) return { kind: 'range', from, to };
  return { kind: query['last-week'] === true ? 'last-week' : 'last-window' };
}

const MEDIA: Readonly<Record<(typeof FORMATS)[number], { readonly type: string; readonly file: string }>> = {
  bundle: { type: 'application/zip', file: 'report.zip' },
  json: { type: 'application/json', file: 'report.json' },
  csv: { type: 'text/csv; charset=utf-8; header=present', file: 'report.csv' },
  pdf: { type: 'application/pdf', file: 'report.pdf' },
  manifest: { type: 'application/json', file: MANIFEST_FILE },
};

function send(reply: FastifyReply, { id, files }: ReportFiles, wanted: (typeof FORMATS)[number]): FastifyReply {
  const { type, file } = MEDIA[wanted];
  const octets = wanted === 'bundle' ? zip(files) : files.find(({ name }) => name === file)?.octets;
  if (octets === undefined) return sendProblem(reply, UNKNOWN);
  const extension = file.slice(file.lastIndexOf('.'));
  const name = wanted === 'manifest' ? `manifest-${id}` : `report-${id}`;
  return reply
    .type(type)
    .header('content-disposition', `attachment; filename="${name}${extension}"`)
    .send(Buffer.from(octets));
}

/** Null: none of these. */
function problemOf(thrown: unknown): Problem | null {
  if (!(thrown instanceof AppError)) return null;
  const { code, message: detail } = thrown;
  if (code === 'report.no-campaign') return { status: 404, title: 'Unknown campaign', detail };
  if (code === 'report.no-period') return { status: 422, title: 'No such period', detail };
  if (code === 'report.busy') return { status: 429, title: 'Busy', detail };
  return null;
}

const UNKNOWN: Problem = { status: 404, title: 'Unknown report', detail: 'No report with this id is kept.' };
