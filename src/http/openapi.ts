/** The API described for programs (OpenAPI 3.1), made from what the routes read and answer: `GET /v1/openapi.json`. */
import { z } from 'zod';
import type { ApiRoute, NamedSchema, RouteDoc } from './api-route.ts';
import { PROBLEM_CONTENT_TYPE, problemSchema } from './problem-document.ts';

type Json = Readonly<Record<string, unknown>>;

const PROBLEM: NamedSchema = { name: 'Problem', schema: problemSchema };

/** The route of the document. @param routes all that it tells of, once all are known */
export function openApiRoute(routes: () => readonly ApiRoute[], version: string): ApiRoute {
  let document: Json | null = null;
  return {
    method: 'GET',
    path: '/v1/openapi.json',
    doc: {
      summary: 'This description of the API.',
      answer: { name: 'OpenApi', schema: z.looseObject({ openapi: z.string() }) },
      problems: [],
    },
    async handle(_request, reply) {
      document ??= openApiDocument(routes(), version);
      return reply.send(document);
    },
  };
}

/** The whole document. */
export function openApiDocument(routes: readonly ApiRoute[], version: string): Json {
  const byPath = Map.groupBy(routes, ({ path }) => templateOf(path));
  const paths = [...byPath].map(([path, served]) => [
    path,
    Object.fromEntries(served.map((route) => [route.method.toLowerCase(), operationOf(route)])),
  ]);
  return {
    openapi: '3.1.0',
    info: { title: 'Brusio', version, license: { name: 'MIT', identifier: 'MIT' } },
    security: [{ bearer: [] }, { apiKey: [] }],
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'One of the API keys of the settings.' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
      },
      schemas: schemasOf(routes),
    },
  };
}

function operationOf({ doc, path, takesUpload, isOpen = false }: ApiRoute): Json {
  const parameters = [...pathParameters(path), ...queryParameters(doc)];
  const octets = { required: true, content: { '*/*': { schema: { type: 'string', format: 'binary' } } } };
  const body = doc.body === undefined ? null : { required: true, content: jsonOf(doc.body) };
  const requestBody = takesUpload === true ? octets : body;
  const problems = isOpen ? doc.problems : [401, ...doc.problems];
  return {
    summary: doc.summary,
    ...(isOpen ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(requestBody === null ? {} : { requestBody }),
    responses: {
      ...answerOf(doc),
      ...Object.fromEntries(
        [...new Set(problems)].map((status) => [
          String(status),
          {
            description: 'A problem document (RFC 9457).',
            content: { [PROBLEM_CONTENT_TYPE]: { schema: ref(PROBLEM) } },
          },
        ]),
      ),
    },
  };
}

function answerOf({ answer }: RouteDoc): Json {
  if (answer === 'nothing') return { 204: { description: 'Done.' } };
  if ('schema' in answer) return { 200: { description: answer.name, content: jsonOf(answer) } };
  const { mediaType, description } = answer;
  return { 200: { description, content: { [mediaType]: { schema: { type: 'string' } } } } };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/:([a-zA-Z]+)/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
  }));
}

function queryParameters({ query }: RouteDoc): Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema },
  }));
}

/** Every schema once, under its name; what one says of another is a reference. */
function schemasOf(routes: readonly ApiRoute[]): Json {
  const collected = (io: 'input' | 'output', schemas: readonly NamedSchema[]): Json => {
    const registry = z.registry<{ id: string }>();
    for (const { name, schema } of new Set(schemas.flatMap(withParts))) registry.add(schema, { id: name });
    const made = z.toJSONSchema(registry, { io, uri: (id) => `#/components/schemas/${id}` }).schemas;
    return Object.fromEntries(Object.entries(made).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]));
  };
  const answers = routes.flatMap(({ doc: { answer } }) => (answer !== 'nothing' && 'schema' in answer ? [answer] : []));
  const bodies = routes.flatMap(({ doc: { body } }) => (body === undefined ? [] : [body]));
  return { ...collected('output', [PROBLEM, ...answers]), ...collected('input', bodies) };
}

const withParts = (named: NamedSchema): readonly NamedSchema[] => [named, ...(named.parts ?? []).flatMap(withParts)];
const jsonOf = (named: NamedSchema): Json => ({ 'application/json': { schema: ref(named) } });
const ref = ({ name }: NamedSchema): Json => ({ $ref: `#/components/schemas/${name}` });
const templateOf = (path: string): string => path.replace(/:([a-zA-Z]+)/g, '{$1}');
