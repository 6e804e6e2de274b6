/** `/healthz` and `/metrics`: for who runs the program. */
import type { GuardView } from '../guard/guard-view.ts';
import type { Store } from '../guard/store-port.ts';
import { HEALTH } from './answer-schemas.ts';
import type { ApiRoute } from './api-route.ts';
import { type MetricsSnapshot, PROMETHEUS_CONTENT_TYPE, prometheusText } from './metrics.ts';
import { type Problem, sendProblem } from './problem-document.ts';

/** What is asked. */
export type OperatorDesk = {
  readonly guard: Pick<GuardView, 'health' | 'agentSources'>;
  readonly store: Pick<Store, 'health'>;
  readonly metrics: () => Promise<MetricsSnapshot>;
  /** Whoever reaches the address may see the figures. */
  readonly areMetricsOpen: boolean;
};

/** The routes. */
export function operatorRoutes({ guard, store, metrics, areMetricsOpen }: OperatorDesk): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      isOpen: true,
      doc: { summary: 'Whether new calls are taken, and why not.', answer: HEALTH, problems: [503] },
      async handle(_request, reply) {
        const problem = healthProblem(guard, store);
        if (problem !== null) return sendProblem(reply, notReady(problem));
        // A carrier that is down is no reason to take no calls: there may be others, and it is still tried last.
        const carriers = guard.health().carriers.map(({ name, up, reachable, registration, pausedMs }) => ({
          ...{ name, up, reachable, registration, pausedMs },
        }));
        const agentSources = guard.agentSources().map(({ name, kind, up, problem }) => ({ name, kind, up, problem }));
        return reply.send({ status: 'ok', carriers, agentSources });
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      isOpen: areMetricsOpen,
      doc: {
        summary: 'Every number of the program at this moment.',
        answer: { mediaType: 'text/plain', description: 'The Prometheus text exposition format 0.0.4.' },
        problems: [],
      },
      async handle(_request, reply) {
        return reply.type(PROMETHEUS_CONTENT_TYPE).send(prometheusText(await metrics()));
      },
    },
  ];
}

function healthProblem(guard: OperatorDesk['guard'], store: OperatorDesk['store']): string | null {
  const guardHealth = guard.health();
  const storeHealth = store.health();
  if (!storeHealth.writable) return `The store cannot write: ${storeHealth.problem ?? 'unknown problem'}.`;
  return guardHealth.acceptingCalls ? null : `No new calls are taken: ${guardHealth.problem ?? 'unknown problem'}.`;
}

function notReady(detail: string): Problem {
  return { status: 503, title: 'Not ready', detail };
}
