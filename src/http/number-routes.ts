/** By a number: `GET /v1/calls?number=` and `POST /v1/erasures`. No answer and no log repeats it in clear. */
import { z } from 'zod';
import type { NumberDesk } from '../guard/privacy-port.ts';
import { isTelephoneNumber } from '../policy/telephone-number.ts';
import { ERASED } from './answer-schemas.ts';
import type { ApiRoute } from './api-route.ts';
import type { Problem } from './problem-document.ts';
import { sendProblem } from './problem-document.ts';
import { invalidBody, readBody } from './report-body.ts';

const number = z.string().refine(isTelephoneNumber, { error: 'expected a telephone number, such as +393331234567' });

/** Body of `POST /v1/erasures`. */
const erasureSchema = z.strictObject({ number, controller: z.string().min(1).max(128).optional() });

/** The query of `GET /v1/calls`. */
export const numberQuerySchema = z.strictObject({ number: number.optional().describe('the called number') });

/** The routes; every one of them wants an API key. */
export function numberRoutes(numbers: NumberDesk): readonly ApiRoute[] {
  return [
    {
      method: 'POST',
      path: '/v1/erasures',
      doc: {
        summary: 'Drops a number wherever it is kept in clear, of one controller or of all.',
        ...{ body: { name: 'Erasure', schema: erasureSchema }, answer: ERASED, problems: [422, 503] },
      },
      async handle(request, reply) {
        const body = readBody(erasureSchema, request.body);
        if (!body.ok) return sendProblem(reply, invalidBody(body.problem));
        return reply.send(await numbers.erase(body.value.number, body.value.controller ?? null));
      },
    },
  ];
}

/** The `number` of a query; null: none; a problem when it is no number. */
export function numberOf(query: unknown): string | null | Problem {
  const { number: given } = query as { readonly number?: unknown };
  if (given === undefined) return null;
  // A plus that was not percent-encoded is a blank in a query.
  const written = typeof given === 'string' ? given.replace(/^ /, '+') : '';
  return isTelephoneNumber(written) ? written : BAD_NUMBER;
}

const BAD_NUMBER: Problem = {
  status: 422,
  title: 'Invalid number',
  detail: '`number` is a telephone number, its plus percent-encoded: ?number=%2B393331234567.',
};
