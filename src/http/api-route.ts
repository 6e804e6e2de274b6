import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';

/** One thing the HTTP server does; `path` in fastify's notation, `:id` for a parameter. */
export type ApiRoute = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** What `GET /v1/openapi.json` says of it. */
  readonly doc: RouteDoc;
  /** Wants no key. */
  readonly isOpen?: boolean;
  /** Its body is no JSON, but octets of any type and length, which it reads from the request itself. */
  readonly takesUpload?: true;
  handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
};

/** A route for who writes a program against it. */
export type RouteDoc = {
  /** One sentence. */
  readonly summary: string;
  /** The query's parameters, as they are read. */
  readonly query?: z.ZodObject;
  /** The JSON body, as it is read. */
  readonly body?: NamedSchema;
  readonly answer: RouteAnswer;
  /** Statuses of the problem documents that it may answer with, besides 401 without a key. */
  readonly problems: readonly number[];
};

/** JSON by its schema, another media type, or nothing (204). */
export type RouteAnswer = NamedSchema | { readonly mediaType: string; readonly description: string } | 'nothing';

/** A schema and the name it has in the document. */
export type NamedSchema = {
  readonly name: string;
  readonly schema: z.ZodType;
  /** What it is made of and has a name too. */
  readonly parts?: readonly NamedSchema[];
};
