/** `/v1/session`: a browser's session, opened by whoever has an API key. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Clock, toIso, type WallMs } from '../../base/clock.ts';
import type { ApiRoute } from '../api-route.ts';
import { sessionCookie, sessionTokenOf } from './session-cookie.ts';
import { SESSION_MS, type Sessions } from './sessions.ts';

const sessionSchema = z.strictObject({ expiresAt: z.iso.datetime().describe('UTC') });

/** The routes. A key opens a session; a session opens none, and whoever has one may end it. */
export function sessionRoutes(sessions: Sessions, clock: Pick<Clock, 'now'>): readonly ApiRoute[] {
  return [
    {
      method: 'POST',
      path: '/v1/session',
      doc: {
        summary:
          'A cookie for the dashboard, in exchange for an API key: it may read for twelve hours, and nothing else.',
        answer: { name: 'Session', schema: sessionSchema },
        problems: [],
      },
      async handle(request, reply) {
        const cookie = sessionCookie(sessions.open(), portOf(request), SESSION_MS, request.headers);
        const expiresAt = toIso((clock.now().wallMs + SESSION_MS) as WallMs);
        return reply.header('set-cookie', cookie).send({ expiresAt });
      },
    },
    {
      method: 'DELETE',
      path: '/v1/session',
      isOpen: true,
      doc: { summary: 'Ends the session that the cookie names, if there is one.', answer: 'nothing', problems: [] },
      async handle(request, reply) {
        const token = sessionTokenOf(request.headers, portOf(request));
        if (token !== null) sessions.close(token);
        return reply
          .header('set-cookie', sessionCookie('', portOf(request), 0, request.headers))
          .code(204)
          .send();
      },
    },
  ];
}

function portOf(request: FastifyRequest): number {
  return request.socket.localPort ?? 0;
}
