/** `GET /v1/overview`: what the dashboard shows when it is opened, and every few seconds again. */
import { type Clock, elapsedMs, type MonotonicMs, toIso } from '../../base/clock.ts';
import type { GuardView } from '../../guard/guard-view.ts';
import type { ApiRoute } from '../api-route.ts';
import type { CampaignSummary } from '../campaign-view.ts';
import type { EventHub } from '../events/event-hub.ts';
import { campaignsShown, liveCallsShown, type Moment, OVERVIEW } from './overview.ts';

/** The database is asked for campaigns this often at most, however many look, ms. */
export const CAMPAIGNS_MAX_AGE_MS = 1_000;

/** What is shown. */
export type OverviewDesk = {
  readonly guard: Pick<GuardView, 'callStates' | 'waitingCalls' | 'freeAgents'>;
  readonly events: Pick<EventHub, 'position'>;
  readonly campaigns: () => Promise<readonly CampaignSummary[]>;
  readonly moment: () => Moment;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
};

/** The route; it wants an API key or a session. */
export function overviewRoutes({ guard, events, campaigns, moment, clock }: OverviewDesk): readonly ApiRoute[] {
  const summaries = keptFor(CAMPAIGNS_MAX_AGE_MS, clock, async () => campaignsShown(await campaigns()));
  return [
    {
      method: 'GET',
      path: '/v1/overview',
      doc: {
        summary: 'Campaigns with the room they have left, live calls, the last outcomes, refusals, agents and health.',
        ...{ answer: OVERVIEW, problems: [503] },
      },
      async handle(_request, reply) {
        // Before anything is looked at: what happens meanwhile is told twice and not missed.
        const position = events.position();
        const shown = await summaries();
        const { callsMax, ...now } = moment();
        return reply.send({
          ...{ at: toIso(clock.now().wallMs), position, ...now },
          calls: liveCallsShown(guard, callsMax),
          campaigns: shown,
          freeAgents: guard.freeAgents.all(),
        });
      },
    },
  ];
}

/** What `make` made last, while it is young enough; a failure is not kept. */
function keptFor<T>(maxAgeMs: number, clock: Pick<Clock, 'monotonicMs'>, make: () => Promise<T>): () => Promise<T> {
  let kept: { readonly at: MonotonicMs; readonly value: Promise<T> } | null = null;
  return () => {
    const now = clock.monotonicMs();
    if (kept !== null && elapsedMs(kept.at, now) < maxAgeMs) return kept.value;
    const value = make();
    const made = { at: now, value };
    kept = made;
    value.catch(() => {
      if (kept === made) kept = null;
    });
    return value;
  };
}
