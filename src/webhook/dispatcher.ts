/** Delivers what waits in the outbox: at least once, in order within a call, each endpoint in a lane of its own. */
import { addMs, type Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { within } from '../base/within.ts';
import type { Outbox } from '../guard/store-port.ts';
import { CONCURRENCY_MAX, createEndpointLane, type EndpointStats } from './endpoint-lane.ts';
import { type CreateHttpPost, createHttpPost } from './http-post.ts';
import { createSigner } from './signature.ts';
import type { WebhookEndpoint } from './webhook-endpoint.ts';

/** How long `stop` lets requests in flight finish, in ms; then they are cut off and sent again by the next process. */
export const STOP_TIMEOUT_MS = 5_000;

/** How long `flush` waits for endpoints that answer slowly, in ms. What is left is sent after the next start. */
export const FLUSH_TIMEOUT_MS = 3_000;

/** What the dispatcher works with; `createPost` is for tests. */
export type WebhookDispatcherOptions = {
  readonly outbox: Outbox;
  readonly endpoints: readonly WebhookEndpoint[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: Random;
  readonly createPost?: CreateHttpPost;
};

/** A dispatcher that sends nothing yet. */
export type WebhookDispatcher = {
  /** Starts with what earlier processes left. */
  start(): void;
  /** Delivers what is due now: resolves when nothing is left, no longer than {@link FLUSH_TIMEOUT_MS}. */
  flush(): Promise<void>;
  /** Resolves when nothing is in flight and every fate is written down; stop the store after it. */
  stop(): Promise<void>;
  /** One per endpoint, in the order of the settings. */
  stats(): readonly EndpointStats[];
};

/** Throws AppError `webhook.bad-secret` or `webhook.bad-url` when an endpoint cannot be used. */
export function createWebhookDispatcher(options: WebhookDispatcherOptions): WebhookDispatcher {
  const { outbox, endpoints, clock, log, random, createPost = createHttpPost } = options;
  const lanes = endpoints.map(({ name, url, secrets }) => {
    const http = createPost(url, CONCURRENCY_MAX, clock);
    const lane = createEndpointLane({ name, sign: createSigner(secrets), http, outbox, clock, random, log });
    return { lane, http };
  });

  function wake(): void {
    for (const { lane } of lanes) lane.wake();
  }

  return {
    start() {
      outbox.onDue(wake);
      wake();
    },
    async flush() {
      await within(Promise.all(lanes.map(({ lane }) => lane.flush())), FLUSH_TIMEOUT_MS, clock);
    },
    async stop() {
      const abort = () => {
        for (const { http } of lanes) http.abort();
      };
      const timer = clock.setTimer(addMs(clock.monotonicMs(), STOP_TIMEOUT_MS), abort);
      await Promise.all(lanes.map(({ lane }) => lane.stop()));
      timer.cancel();
      abort();
    },
    stats: () => lanes.map(({ lane }) => lane.stats()),
  };
}
