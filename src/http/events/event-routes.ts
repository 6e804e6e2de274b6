/** `GET /v1/events`: what happens, as it happens (Server-Sent Events, HTML §9.2). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ApiRoute } from '../api-route.ts';
import { type Problem, sendProblem } from '../problem-document.ts';
import type { MayAsk } from '../session/access-check.ts';
import { type EventHub, type EventReader, READERS_MAX } from './event-hub.ts';

/** Longest id of an event that is read, in characters. */
const EVENT_ID_LENGTH_MAX = 64;

const querySchema = z.object({
  after: z.string().max(EVENT_ID_LENGTH_MAX).optional().describe('as Last-Event-ID, which is taken first'),
});

/** The route. */
export function eventRoutes(hub: EventHub, mayAsk: MayAsk): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/v1/events',
      doc: {
        summary: 'What happens, as it happens; after Last-Event-ID, or from now on.',
        query: querySchema,
        answer: {
          mediaType: 'text/event-stream',
          description: 'Server-Sent Events; the data of each is `{type, timestamp, data}` as in the webhooks.',
        },
        problems: [503],
      },
      handle: async (request, reply) => follow(hub, mayAsk, request, reply),
    },
  ];
}

function follow(hub: EventHub, mayAsk: MayAsk, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { raw } = reply;
  const reader: EventReader = {
    write(octets) {
      // Not before there is room for it: a reader sent away is told so by a problem document.
      if (!raw.headersSent) begin(reply);
      raw.write(octets);
    },
    queuedOctets: () => raw.writableLength,
    isAllowed: () => mayAsk(request),
    close: () => raw.destroy(),
  };
  if (request.method === 'HEAD') return reply.type('text/event-stream').send();
  if (!hub.read(reader, after(request))) return sendProblem(reply.header('retry-after', '10'), TOO_MANY);
  raw.on('close', () => hub.forget(reader));
  raw.on('error', () => hub.forget(reader));
  return reply;
}

function begin(reply: FastifyReply): void {
  reply.hijack();
  const headers = reply.getHeaders() as Record<string, string>;
  // A proxy that gathers what it passes on (nginx does) would make it late.
  reply.raw.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
}

/** A browser that connects again says the last id it saw; a first connection says it in the address. */
function after({ headers, query }: FastifyRequest): string | null {
  const last = headers['last-event-id'];
  if (typeof last === 'string' && last !== '') return last.slice(0, EVENT_ID_LENGTH_MAX);
  const asked = querySchema.safeParse(query);
  return asked.success ? (asked.data.after ?? null) : null;
}

const TOO_MANY: Problem = {
  status: 503,
  title: 'Too many readers',
  detail: `At most ${READERS_MAX} read the events at a time: try again later.`,
};
