/** What agent sources may send, and how a wrong body is told all that is wrong with it. */
import { z } from 'zod';
import { ok, type Result, refused } from '../base/result.ts';
import type { FieldProblem, Problem } from './problem-document.ts';

/** Longest agent id, in characters: it goes into headers and records. */
export const AGENT_ID_LENGTH_MAX = 128;
/** Longest name of a detection method, in characters. */
export const METHOD_LENGTH_MAX = 64;

const agentId = z.string().min(1).max(AGENT_ID_LENGTH_MAX);

/** Body of `POST /v1/calls/{id}/agent`: who is on the line; who left need not be named. */
export const agentBodySchema = z.discriminatedUnion('state', [
  z.strictObject({ agent: agentId, state: z.literal('connected') }),
  z.strictObject({ agent: agentId.optional(), state: z.literal('left') }),
]);

/** Body of `POST /v1/calls/{id}/disposition`: what the dialer found at the other end, and how it knows. */
export const dispositionBodySchema = z.strictObject({
  answeredBy: z.enum(['human', 'machine', 'fax']),
  method: z.string().min(1).max(METHOD_LENGTH_MAX).optional(),
});

/** The body as the schema has it, or every problem at once. */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): Result<T, readonly FieldProblem[]> {
  const read = schema.safeParse(body);
  if (read.success) return ok(read.data);
  return refused(read.error.issues.map((issue) => ({ pointer: pointerOf(issue.path), detail: issue.message })));
}

/** What a wrong body is answered with. */
export function invalidBody(errors: readonly FieldProblem[]): Problem {
  return { status: 422, title: 'Invalid body', detail: 'The body does not say what this needs.', fields: { errors } };
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
