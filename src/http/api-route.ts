import type { FastifyReply, FastifyRequest } from 'fastify';

/** One thing the HTTP server does; `path` in fastify's notation, `:id` for a parameter. */
export type ApiRoute = {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  /** Its body is no JSON, but octets of any type and length, which it reads from the request itself. */
  readonly takesUpload?: true;
  handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
};
