/** `/v1/opt-outs`: numbers whose person said never again. No answer and no log repeats a number in clear. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { toIso, type WallMs } from '../base/clock.ts';
import type { OptOutDesk, OptOutPage } from '../guard/opt-out-port.ts';
import type { OptOutRow } from '../ledger/opt-out.ts';
import { WHOLE_INSTALLATION } from '../policy/rules/campaign-terms.ts';
import { isTelephoneNumber } from '../policy/telephone-number.ts';
import { OPT_OUT, OPT_OUTS, OPT_OUTS_REMOVED } from './answer-schemas.ts';
import type { ApiRoute } from './api-route.ts';
import { numberOf } from './number-routes.ts';
import { type Problem, sendProblem } from './problem-document.ts';
import { invalidBody, readBody } from './report-body.ts';

/** Opt-outs on one page. */
const PAGE_MAX = 1_000;
const PAGE_USUAL = 100;
/** Longest Call-ID or id of a call, in characters. */
const CALL_LENGTH_MAX = 1_024;

const number = z.string().refine(isTelephoneNumber, { error: 'expected a telephone number, such as +393331234567' });
/** As a campaign's settings may name it. */
const controller = z
  .string()
  .regex(/^[^\p{Cc}]{1,128}$/u)
  .refine((name) => name !== WHOLE_INSTALLATION, { error: 'leave it out for the whole installation' });
const reference = z.string().regex(/^[^\p{Cc}]{1,128}$/u);

/** The query of `GET /v1/opt-outs`. */
const pageSchema = z.strictObject({
  number: number.optional().describe('those of one number'),
  before: z
    .string()
    .regex(/^\d{1,16}\.\d{1,16}\..{1,128}$/)
    .optional()
    .describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).optional().describe(`at most ${PAGE_MAX}; ${PAGE_USUAL}`),
});

/** Body of `POST /v1/opt-outs`. */
const optOutSchema = z
  .strictObject({
    number: number.optional().describe('either the number'),
    call: z.string().min(1).max(CALL_LENGTH_MAX).optional().describe("or a call by its id or its dialer leg's Call-ID"),
    controller: controller.optional().describe('of a number; left out: the whole installation'),
    reference: reference.optional().describe('where that can be looked up, such as a letter'),
  })
  .refine((body) => (body.number === undefined) !== (body.call === undefined), { error: 'name a number or a call' })
  .refine((body) => body.call === undefined || body.controller === undefined, {
    error: 'a call has its own controller',
    path: ['controller'],
  });

/** Body of `POST /v1/opt-outs/removals`. */
const removalSchema = z.strictObject({
  number,
  controller: controller.optional().describe('left out: those of the whole installation'),
  reference: reference.describe('why, or where that can be looked up'),
});

/** The routes; every one of them wants an API key. */
export function optOutRoutes(desk: OptOutDesk): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/v1/opt-outs',
      doc: {
        summary: 'Numbers that are not to be called again, by their digests; or what is known of one number.',
        ...{ query: pageSchema, answer: OPT_OUTS, problems: [422, 503] },
      },
      handle: (request, reply) => tell(desk, request, reply),
    },
    {
      method: 'POST',
      path: '/v1/opt-outs',
      doc: {
        summary: 'The person of a number, or of a call that lives or is over, wants no more calls.',
        ...{ body: { name: 'OptOutSaid', schema: optOutSchema }, answer: OPT_OUT, problems: [404, 422, 503] },
      },
      async handle(request, reply) {
        const body = readBody(optOutSchema, request.body);
        if (!body.ok) return sendProblem(reply, invalidBody(body.problem));
        const said = body.value;
        const why = said.reference ?? null;
        const added =
          said.number === undefined
            ? await desk.addOfCall(said.call ?? '', why)
            : await desk.add(said.number, said.controller ?? null, why);
        return added === null ? sendProblem(reply, UNKNOWN_CALL) : reply.send(publicOptOut(added));
      },
    },
    {
      method: 'POST',
      path: '/v1/opt-outs/removals',
      doc: {
        summary: 'Takes back the opt-outs of a number, of one controller or of the whole installation.',
        body: { name: 'OptOutRemoval', schema: removalSchema },
        ...{ answer: OPT_OUTS_REMOVED, problems: [404, 422, 503] },
      },
      async handle(request, reply) {
        const body = readBody(removalSchema, request.body);
        if (!body.ok) return sendProblem(reply, invalidBody(body.problem));
        const removed = await desk.remove(body.value.number, body.value.controller ?? null, body.value.reference);
        if (removed.length === 0) return sendProblem(reply, NO_OPT_OUT);
        return reply.send({ removed: removed.map(publicOptOut) });
      },
    },
  ];
}

async function tell(desk: OptOutDesk, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const asked = numberOf(request.query);
  if (asked !== null && typeof asked !== 'string') return sendProblem(reply, asked);
  const { number: _, ...rest } = request.query as Record<string, unknown>;
  const query = readBody(pageSchema, rest);
  if (!query.ok) return sendProblem(reply, { ...invalidBody(query.problem), title: 'Invalid query' });
  if (asked !== null) return reply.send({ optOuts: (await desk.of(asked)).map(publicOptOut), next: null });
  const most = query.value.limit ?? PAGE_USUAL;
  const page = await desk.page({ before: placeOf(query.value.before), most });
  return reply.send({ optOuts: page.map(publicOptOut), next: page.length < most ? null : cursorOf(page.at(-1)) });
}

function cursorOf(row: OptOutRow | undefined): string | null {
  return row === undefined ? null : `${row.at}.${row.seq}.${row.chain}`;
}

function placeOf(cursor: string | undefined): OptOutPage['before'] {
  if (cursor === undefined) return null;
  const [at = '', seq = '', ...chain] = cursor.split('.');
  return { at: Number(at) as WallMs, seq: Number(seq), chain: chain.join('.') };
}

function publicOptOut({ chain, seq, scope, digest, at, source, callId, reference: where }: OptOutRow) {
  const whose = scope === WHOLE_INSTALLATION ? null : scope;
  return { controller: whose, digest, at: toIso(at), source, callId, reference: where, ledger: { chain, seq } };
}

const UNKNOWN_CALL: Problem = {
  status: 404,
  title: 'Unknown call',
  detail: "There is no guarded call with this id or with this Call-ID on the dialer's leg.",
};

const NO_OPT_OUT: Problem = {
  status: 404,
  title: 'No opt-out',
  detail: 'The number has none of this controller; of which it has any, GET /v1/opt-outs?number= tells.',
};
