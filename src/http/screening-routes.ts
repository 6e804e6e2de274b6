/** `/v1/screening`: the opposition register's cleared lists. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Clock, toIso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Screening, ScreeningList } from '../guard/screening-port.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { listDaysMaxOf } from '../policy/rules/screening.ts';
import { readCheckedAt } from '../policy/screening/checked-at.ts';
import { NUMBER_FORMS } from '../policy/screening/list-layout.ts';
import { SCREENING_IMPORT, SCREENING_LIST, SCREENING_LISTS } from './answer-schemas.ts';
import type { ApiRoute } from './api-route.ts';
import { type Problem, sendProblem } from './problem-document.ts';
import { readBody } from './report-body.ts';
import type { RequestDeadlines } from './uploads.ts';

/** What the routes need. */
export type ScreeningDesk = {
  readonly screening: Screening;
  readonly jurisdiction: Pick<Jurisdiction, 'timeZone' | 'admission'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** As a campaign's settings may name it. */
const CONTROLLER = /^[^\p{Cc}]{1,128}$/u;

/** The query of `PUT /v1/screening/{controller}`. */
const importSchema = z.strictObject({
  checkedAt: z.string().max(64),
  fileName: z
    .string()
    .regex(/^[^\p{Cc}]{1,255}$/u)
    .optional(),
  column: z.string().min(1).max(255).optional(),
  numbers: z.enum(NUMBER_FORMS).default('auto'),
});

/** The query of `DELETE /v1/screening/{controller}`. */
const removalSchema = z.strictObject({
  confirm: z.string().max(128).describe("the controller's name once more"),
  reference: z
    .string()
    .regex(/^[^\p{Cc}]{1,128}$/u)
    .optional()
    .describe('why; kept in the ledger'),
});

/** The routes; every one of them wants an API key. */
export function screeningRoutes(desk: ScreeningDesk, uploads: Pick<RequestDeadlines, 'upload'>): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/v1/screening',
      doc: { summary: 'The lists of cleared numbers in force.', answer: SCREENING_LISTS, problems: [503] },
      async handle(_request, reply) {
        return reply.send({ lists: (await desk.screening.lists()).map(publicList) });
      },
    },
    {
      method: 'PUT',
      path: '/v1/screening/:controller',
      doc: {
        summary: "Puts a list in the place of the controller's earlier one.",
        ...{ query: importSchema, answer: SCREENING_IMPORT, problems: [400, 408, 409, 422, 503] },
      },
      takesUpload: true,
      handle: (request, reply) => importList(desk, uploads, request, reply),
    },
    {
      method: 'DELETE',
      path: '/v1/screening/:controller',
      doc: {
        summary: "Takes the controller's list out of force: no number is cleared for it until the next import.",
        ...{ query: removalSchema, answer: SCREENING_LIST, problems: [404, 422, 503] },
      },
      handle: (request, reply) => removeList(desk, request, reply),
    },
  ];
}

async function importList(
  { screening, jurisdiction, clock }: ScreeningDesk,
  uploads: Pick<RequestDeadlines, 'upload'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { controller } = request.params as { controller: string };
  if (!CONTROLLER.test(controller)) return sendProblem(reply, BAD_CONTROLLER);
  const query = readBody(importSchema, request.query);
  if (!query.ok) return sendProblem(reply, invalidQuery(query.problem));
  const { fileName = null, column = null, numbers: form } = query.value;
  const listDaysMax = listDaysMaxOf(jurisdiction.admission);
  const terms = { timeZone: jurisdiction.timeZone, listDaysMax, now: clock.now().wallMs };
  const checkedAt = readCheckedAt(query.value.checkedAt, terms);
  if (!checkedAt.ok) return sendProblem(reply, invalidQuery([{ pointer: '/checkedAt', detail: checkedAt.problem }]));
  try {
    const result = await screening.import(
      { controller, checkedAt: checkedAt.value, fileName, form, column },
      uploads.upload(request.raw),
      () => {},
    );
    if (!result.ok) return sendProblem(reply, notImported(result.problem.reason, result.problem.findings));
    const { findings, replaced, ...list } = result.value;
    const earlier = replaced === null ? null : { ...replaced, checkedAt: toIso(replaced.checkedAt) };
    return reply.send({ ...publicList(list), findings, replaced: earlier });
  } catch (thrown) {
    const problem = thrown instanceof AppError ? PROBLEMS[thrown.code] : undefined;
    if (problem === undefined) throw thrown;
    return sendProblem(reply, problem);
  }
}

async function removeList(
  { screening }: ScreeningDesk,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { controller } = request.params as { controller: string };
  const query = readBody(removalSchema, request.query);
  if (!query.ok) return sendProblem(reply, invalidQuery(query.problem));
  const { confirm, reference = null } = query.value;
  if (confirm !== controller)
    return sendProblem(reply, invalidQuery([{ pointer: '/confirm', detail: "expected the controller's name" }]));
  const removed = await screening.remove(controller, reference);
  return removed === null ? sendProblem(reply, NO_LIST) : reply.send(publicList(removed));
}

function publicList({ checkedAt, expiresAt, importedAt, ...rest }: ScreeningList) {
  return { ...rest, checkedAt: toIso(checkedAt), expiresAt: toIso(expiresAt), importedAt: toIso(importedAt) };
}

const BAD_CONTROLLER: Problem = {
  status: 422,
  title: 'Invalid controller',
  detail: 'A controller has 1 to 128 characters and no control characters.',
};

const NO_LIST: Problem = { status: 404, title: 'No list', detail: 'This controller has no list in force.' };

/** What an import that came to no end is answered with. */
const PROBLEMS: Readonly<Record<string, Problem>> = {
  'store.import-busy': {
    status: 409,
    title: 'Another import is under way',
    detail: 'Lists are imported one after the other: try again when it is done.',
  },
  'http.upload-stalled': {
    status: 408,
    title: 'Upload too slow',
    detail: 'The list did not come in time; the earlier one stays.',
  },
  'http.upload-broken': {
    status: 400,
    title: 'Upload broke off',
    detail: 'The list did not come whole; the earlier one stays.',
  },
};

function invalidQuery(errors: readonly { readonly pointer: string; readonly detail: string }[]): Problem {
  return { status: 422, title: 'Invalid query', detail: 'The query does not say what this needs.', fields: { errors } };
}

function notImported(reason: string, findings: unknown): Problem {
  const detail = `The list was not imported, and the earlier one stays: ${reason}.`;
  return { status: 422, title: 'List refused', detail, fields: { findings } };
}
