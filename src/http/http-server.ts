/** The HTTP edge: health and metrics for operators, calls for programs. Every error is a problem document. */
import type { Socket } from 'node:net';
import { type FastifyError, type FastifyInstance, fastify, type HTTPMethods } from 'fastify';
import { addMs, systemClock } from '../base/clock.ts';
import { AppError, describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { GuardView } from '../guard/guard-view.ts';
import type { OptOutDesk } from '../guard/opt-out-port.ts';
import type { NumberDesk } from '../guard/privacy-port.ts';
import type { Reports } from '../guard/report-port.ts';
import type { Store } from '../guard/store-port.ts';
import type { StoryStore } from '../guard/story-port.ts';
import type { ApiRoute } from './api-route.ts';
import { callRoutes, type OutcomeStore } from './call-routes.ts';
import { type CampaignBook, campaignCountRoutes, campaignSummaries } from './campaign-count-routes.ts';
import { campaignRoutes } from './campaign-routes.ts';
import { dashboardRoutes } from './dashboard-routes.ts';
import type { EventHub } from './events/event-hub.ts';
import { eventRoutes } from './events/event-routes.ts';
import type { MetricsSnapshot } from './metrics.ts';
import { numberRoutes } from './number-routes.ts';
import { openApiRoute } from './openapi.ts';
import { operatorRoutes } from './operator-routes.ts';
import { optOutRoutes } from './opt-out-routes.ts';
import type { Moment } from './overview/overview.ts';
import { overviewRoutes } from './overview/overview-routes.ts';
import { PROBLEM_CONTENT_TYPE, type Problem, problemDocument, sendProblem } from './problem-document.ts';
import { reportRoutes } from './report-routes.ts';
import { type ScreeningDesk, screeningRoutes } from './screening-routes.ts';
import { accessCheck } from './session/access-check.ts';
import { sessionRoutes } from './session/session-routes.ts';
import { createSessions } from './session/sessions.ts';
import { storyRoutes } from './story-routes.ts';
import { createRequestDeadlines, REQUEST_TIMEOUT_MS } from './uploads.ts';

/** Longest request body, in octets. */
export const BODY_OCTETS_MAX = 16 * 1024;
/** Longest id in a path, in characters, percent-encoded: a Call-ID is rarely above 100. */
export const CALL_REF_LENGTH_MAX = 1024;
/** Connections at a time; the kernel's backlog holds the rest. */
export const CONNECTIONS_MAX = 1000;
/** Requests in flight at `stop` get this long, in ms. */
export const STOP_TIMEOUT_MS = 2_000;

/** What the server needs. */
export type HttpServerOptions = {
  /** IP literal or name, and port; 0 for any free one. */
  readonly listen: { readonly address: string; readonly port: number };
  readonly apiKeys: readonly string[];
  readonly guard: GuardView;
  readonly store: OutcomeStore & StoryStore & Pick<Store, 'health'>;
  readonly campaigns: CampaignBook;
  readonly numbers: NumberDesk;
  readonly optOuts: OptOutDesk;
  readonly reports: Reports;
  readonly screening: ScreeningDesk;
  readonly metrics: () => Promise<MetricsSnapshot>;
  /** What people watch: events as they happen, and the moment. */
  readonly live: { readonly events: EventHub; moment(): Moment };
  /** The program's own, told in the API's description. */
  readonly version: string;
  readonly log: Logger;
};

/** A server that does not listen yet. */
export type HttpServer = {
  /**
   * Resolves with where it listens. Rejects with AppError `http.address-in-use`, or `http.cannot-listen` when the
   * address is not ours or the port needs more rights.
   */
  start(): Promise<{ address: string; port: number }>;
  /** Stops listening and resolves when the requests in flight are answered or out of time. */
  stop(): Promise<void>;
};

/** Builds the server and all its routes. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const {
    listen,
    apiKeys,
    guard,
    store,
    numbers,
    optOuts,
    campaigns,
    reports,
    screening,
    metrics,
    live,
    version,
    log,
  } = options;
  const sessions = createSessions(systemClock);
  const mayAsk = accessCheck(apiKeys, sessions);
  const app = fastify({
    bodyLimit: BODY_OCTETS_MAX,
    // A request's head; what follows it has a deadline of ours.
    http: { headersTimeout: REQUEST_TIMEOUT_MS },
    requestTimeout: 0,
    routerOptions: { maxParamLength: CALL_REF_LENGTH_MAX },
    clientErrorHandler: (_error, socket) => refuseUnreadable(socket),
    frameworkErrors: (error, _request, reply) => sendProblem(reply, clientProblem(error)),
  });
  const deadlines = createRequestDeadlines(systemClock, refuseUnreadable);
  app.addHook('onRequest', async ({ raw }) => deadlines.begin(raw));
  app.addHook('onRequest', async (_request, reply) => void reply.headers(GUARDING_HEADERS));
  app.server.maxConnections = CONNECTIONS_MAX;
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, NOT_FOUND));
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    if (error.statusCode !== undefined && error.statusCode < 500) return sendProblem(reply, clientProblem(error));
    log.error({ route: request.routeOptions.url, problem: describeError(error) }, 'http: a request failed');
    return sendProblem(reply, error instanceof AppError ? UNAVAILABLE : INTERNAL_ERROR);
  });

  const routes: readonly ApiRoute[] = [
    // Whoever reaches a loopback address is on the machine already; anywhere else the figures tell of the business.
    ...operatorRoutes({ guard, store, metrics, areMetricsOpen: isLoopback(listen.address) }),
    ...dashboardRoutes(),
    ...sessionRoutes(sessions, systemClock),
    ...eventRoutes(live.events, mayAsk),
    ...overviewRoutes({ ...live, guard, campaigns: () => campaignSummaries(campaigns), clock: systemClock }),
    ...campaignCountRoutes(campaigns),
    ...callRoutes(guard, store, numbers),
    ...storyRoutes(store),
    ...numberRoutes(numbers),
    ...optOutRoutes(optOuts),
    ...campaignRoutes(guard),
    ...reportRoutes(reports),
    ...screeningRoutes(screening, deadlines),
    openApiRoute(() => routes, version),
  ];
  const add = (to: FastifyInstance, route: ApiRoute) =>
    to.route({
      method: route.method,
      url: route.path,
      // Before the body is read: a stranger's is not worth parsing.
      onRequest: async (request, reply) => {
        if (route.isOpen === true || mayAsk(request)) return;
        return sendProblem(reply.header('www-authenticate', 'Bearer realm="brusio"'), UNAUTHORIZED);
      },
      handler: (request, reply) => route.handle(request, reply),
    });
  for (const route of routes) if (route.takesUpload !== true) add(app, route);
  // Apart, since what a body may be holds for all routes beside it.
  app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers();
    uploads.addContentTypeParser('*', (_request, _body, done) => done(null));
    for (const route of routes) if (route.takesUpload === true) add(uploads, route);
  });
  refuseOtherMethods(app, routes);

  return {
    async start() {
      try {
        await app.listen({ host: listen.address, port: listen.port });
      } catch (thrown) {
        throw cannotListen(listen, thrown);
      }
      const bound = app.server.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : listen.port;
      return { address: listen.address, port };
    },
    async stop() {
      const limit = addMs(systemClock.monotonicMs(), STOP_TIMEOUT_MS);
      const timer = systemClock.setTimer(limit, () => app.server.closeAllConnections());
      live.events.stop();
      await app.close();
      timer.cancel();
    },
  };
}

/** What is answered is what it says it is, is kept by nobody, and is no part of another site's page. */
const GUARDING_HEADERS = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** fastify says 404 to a known path with another method; RFC 9110 §15.5.6 wants 405 and what is allowed. */
function refuseOtherMethods(app: FastifyInstance, routes: readonly ApiRoute[]): void {
  for (const [path, served] of Map.groupBy(routes, (route) => route.path)) {
    const allowed: readonly string[] = served.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    app.route({
      method: METHODS.filter((m) => !allowed.includes(m)),
      url: path,
      onRequest: (_request, reply) => {
        sendProblem(reply.header('allow', allowed.join(', ')), {
          status: 405,
          title: 'Method not allowed',
          detail: `This address takes ${allowed.join(' and ')}.`,
        });
      },
      handler: (_request, reply) => reply,
    });
  }
}

function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || address.startsWith('127.');
}

const NOT_FOUND: Problem = { status: 404, title: 'Not found', detail: 'Nothing is at this address.' };
const UNAUTHORIZED: Problem = {
  status: 401,
  title: 'API key required',
  detail: 'Send one of the API keys as `Authorization: Bearer <key>` or `X-Api-Key: <key>`.',
};
const INTERNAL_ERROR: Problem = {
  status: 500,
  title: 'Internal error',
  detail: 'Brusio failed to answer; its log says why.',
};
const UNAVAILABLE: Problem = {
  status: 503,
  title: 'Unavailable',
  detail: 'Brusio cannot read its store at the moment.',
};
const UNREADABLE: Problem = { status: 400, title: 'Bad request', detail: 'This is not a readable HTTP request.' };

/** What fastify found wrong with a request before any route saw it. */
function clientProblem(error: FastifyError): Problem {
  switch (error.statusCode) {
    case 413:
      return { status: 413, title: 'Body too large', detail: `A body has at most ${BODY_OCTETS_MAX} octets.` };
    case 414:
      return { status: 414, title: 'Address too long', detail: `An id has at most ${CALL_REF_LENGTH_MAX} characters.` };
    case 415:
      return { status: 415, title: 'Unsupported media type', detail: 'A body is application/json.' };
    default:
      return { status: error.statusCode ?? 400, title: 'Bad request', detail: error.message };
  }
}

/** Not HTTP at all, or too slow: there is no request to reply to, only a socket. */
function refuseUnreadable(socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify(problemDocument(UNREADABLE));
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function cannotListen({ address, port }: HttpServerOptions['listen'], thrown: unknown): AppError {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
  if (code === 'EADDRINUSE') {
    const message = `HTTP cannot listen on ${address} port ${port}: another program is using it`;
    return new AppError('http.address-in-use', message, { cause: thrown });
  }
  const message = `HTTP cannot listen on ${address} port ${port}: ${describeError(thrown)}`;
  return new AppError('http.cannot-listen', message, { cause: thrown });
}
