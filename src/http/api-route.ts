import type { FastifyReply, FastifyRequest } from 'fastify';

/** One thing the HTTP server does; `path` in fastify's notation, `:id` for a parameter. */
export type ApiRoute = {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
};
