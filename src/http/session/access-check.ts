/** Who may do what: a key everything, a session reading. */
import type { FastifyRequest } from 'fastify';
import { apiKeyCheck } from '../api-key.ts';
import { isOwnPage, sessionTokenOf } from './session-cookie.ts';
import type { Sessions } from './sessions.ts';

/** Whether a request may be answered; asked again of one whose answer goes on and on. */
export type MayAsk = (request: FastifyRequest) => boolean;

/** Keys of the settings, sessions of the dashboard. */
export function accessCheck(apiKeys: readonly string[], sessions: Sessions): MayAsk {
  const hasApiKey = apiKeyCheck(apiKeys);
  return (request) => {
    if (hasApiKey(request.headers)) return true;
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const token = sessionTokenOf(request.headers, request.socket.localPort ?? 0);
    return token !== null && isOwnPage(request.headers) && sessions.isOpen(token);
  };
}
