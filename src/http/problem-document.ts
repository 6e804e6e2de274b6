/** Errors as RFC 9457 problem documents: the same few fields whatever went wrong. */
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

/** The media type (RFC 9457 §3). */
export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** What one wrong field of a body is told (RFC 9457 §3, the `errors` of its example). */
export type FieldProblem = {
  /** JSON pointer into the body (RFC 6901); empty for the body as a whole. */
  readonly pointer: string;
  readonly detail: string;
};

/** The document's shape. */
export const problemSchema = z.looseObject({
  type: z.literal('about:blank'),
  title: z.string().describe('the same for every occurrence of this kind'),
  status: z.int(),
  detail: z.string().describe('what is wrong this time'),
  errors: z
    .array(z.strictObject({ pointer: z.string().describe('JSON pointer into the body'), detail: z.string() }))
    .optional(),
});

/** A problem, before its status is written on the wire. */
export type Problem = {
  readonly status: number;
  /** The same for every occurrence of this kind. */
  readonly title: string;
  /** What is wrong this time, in words for whoever made the request. */
  readonly detail: string;
  /** Members of its own, such as `errors` or `class`. */
  readonly fields?: Readonly<Record<string, unknown>>;
};

/** The document: `type` is `about:blank` (RFC 9457 §4.2.1), since status and fields say all that a program needs. */
export function problemDocument({ status, title, detail, fields }: Problem): Record<string, unknown> {
  return { type: 'about:blank', title, status, detail, ...fields };
}

/** Answers with the document. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  // As octets: to a string fastify would add a charset, which application/problem+json does not define.
  const octets = Buffer.from(JSON.stringify(problemDocument(problem)));
  return reply.code(problem.status).type(PROBLEM_CONTENT_TYPE).send(octets);
}
