/**
 * The deliveries to one endpoint: reads what is due from the outbox, keeps a bounded number of requests in flight,
 * writes what became of each, and sleeps until the next one falls due. Lanes know nothing of each other, so that a
 * dead consumer delays nobody else.
 */
import { addMs, type Clock, type MonotonicMs, type Timer, type WallMs } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { DueWebhook, Outbox } from '../guard/store-port.ts';
import type { HttpPost } from './http-post.ts';
import { type Verdict, verdictOn } from './schedule.ts';
import type { Signer } from './signature.ts';

/** Requests in flight to one endpoint: 16 at 100 ms each are 160 webhooks/s. */
export const CONCURRENCY_MAX = 16;
/** Webhooks read from the outbox ahead of their turn. */
export const READ_AHEAD = 200;
/** Webhooks whose fate is known but not committed yet; beyond, nothing more is sent: the disk is failing. */
export const UNCOMMITTED_MAX = 1_000;
/** Failures in a row after which an endpoint is down: one request at a time, with pauses. */
export const DOWN_AFTER_FAILURES = 5;
/** Pause between requests to an endpoint that is down, in ms; it doubles with each failure … */
export const PROBE_PAUSE_MIN_MS = 1_000;
/** … up to this, in ms: what a consumer that comes back waits at most. */
export const PROBE_PAUSE_MAX_MS = 30_000;
/** Pause before the outbox is read again after it could not be, in ms. */
export const READ_RETRY_MS = 1_000;
/**
 * From the end of a delivery to the look for what waited behind it in its call, in ms. Hardly ever does anything: asking
 * after each would cost as much as the delivery.
 */
export const LOOK_AGAIN_MS = 200;
/** Longest sleep, in ms: the wall clock, by which webhooks fall due, may be set while we sleep. */
export const SLEEP_MAX_MS = 60_000;

/** What one endpoint has seen since the start. */
export type EndpointStats = {
  readonly endpoint: string;
  readonly delivered: number;
  readonly attemptsFailed: number;
  readonly dead: number;
  readonly inFlight: number;
  readonly state: 'up' | 'down' | 'gone';
};

/** One endpoint's deliveries. */
export type EndpointLane = {
  /** Something may be due. */
  wake(): void;
  /** Sends what is due now; resolves when nothing is left that could be sent at once. An endpoint that is down is not waited for. */
  flush(): Promise<void>;
  /** Sends nothing more; resolves when what was in flight is over and written down. */
  stop(): Promise<void>;
  stats(): EndpointStats;
};

/** What a lane works with. */
export type EndpointLaneOptions = {
  readonly name: string;
  readonly sign: Signer;
  readonly http: HttpPost;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
};

/** A lane that sleeps until it is woken. */
export function createEndpointLane({
  name,
  sign,
  http,
  outbox,
  clock,
  random,
  log,
}: EndpointLaneOptions): EndpointLane {
  const ready: DueWebhook[] = [];
  /** Read from the outbox and not yet written back: the outbox still calls them due. */
  const taken = new Map<string, Promise<void>>();
  const counters = { delivered: 0, attemptsFailed: 0, dead: 0 };
  let inFlight = 0;
  let failuresInARow = 0;
  let pausedUntil = clock.monotonicMs();
  let gone = false;
  let stopped = false;
  let mayBeDue = false;
  let reading = false;
  let timer: { readonly at: MonotonicMs; readonly timer: Timer } | null = null;

  const flushing: (() => void)[] = [];

  const isDown = () => failuresInARow >= DOWN_AFTER_FAILURES;

  function wake(): void {
    mayBeDue = true;
    pump();
  }

  function pump(): void {
    while (!stopped && ready.length > 0) {
      if (inFlight >= (isDown() ? 1 : CONCURRENCY_MAX)) return;
      if (!gone && clock.monotonicMs() < pausedUntil) {
        sleepUntil(pausedUntil);
        return;
      }
      const webhook = ready.shift();
      if (webhook !== undefined) taken.set(webhook.id, deliver(webhook));
    }
    if (mayBeDue && !reading && !stopped && taken.size < UNCOMMITTED_MAX) keepReading();
    if (isIdle()) for (const resolve of flushing.splice(0)) resolve();
  }

  function isIdle(): boolean {
    if (stopped || gone || isDown()) return true;
    return !reading && !mayBeDue && ready.length === 0 && taken.size === 0;
  }

  /** One read at a time. Each is a question to the store's thread, so none is asked without a reason. */
  function keepReading(): void {
    reading = true;
    read().then(
      () => {
        reading = false;
        pump();
      },
      (thrown: unknown) => {
        reading = false;
        log.warn({ endpoint: name, problem: describeError(thrown) }, 'webhook: the outbox cannot be read');
        sleepUntil(addMs(clock.monotonicMs(), READ_RETRY_MS));
      },
    );
  }

  async function read(): Promise<void> {
    mayBeDue = false;
    const limit = taken.size + READ_AHEAD;
    const readAt = clock.now().wallMs;
    const due = await outbox.due(readAt, limit, name);
    ready.push(...due.filter((webhook) => !taken.has(webhook.id)));
    if (due.length === limit) mayBeDue = true;
    else if (ready.length === 0 && taken.size === 0) await sleepUntilNextDue(readAt);
  }

  async function sleepUntilNextDue(readAt: WallMs): Promise<void> {
    const next = await outbox.nextDueAt(name);
    if (next === null) return;
    // Due at `readAt` and yet not read: its commit came in between. It wakes us as well; the pause is for an outbox that
    // contradicts itself.
    const at = next > readAt ? next : ((readAt + READ_RETRY_MS) as WallMs);
    const inMs = Math.max(at - clock.now().wallMs, 0);
    sleepUntil(addMs(clock.monotonicMs(), Math.min(inMs, SLEEP_MAX_MS)));
  }

  function sleepUntil(at: MonotonicMs): void {
    if (stopped || (timer !== null && timer.at <= at)) return;
    timer?.timer.cancel();
    const set = clock.setTimer(at, () => {
      timer = null;
      wake();
    });
    timer = { at, timer: set };
  }

  async function deliver(webhook: DueWebhook): Promise<void> {
    inFlight++;
    const verdict = gone ? GONE : await send(webhook);
    inFlight--;
    if (verdict !== null) {
      note(webhook, verdict);
      // The slot is free while the verdict is committed.
      queueMicrotask(pump);
      if (!(await isWrittenDown(webhook, verdict))) return;
    }
    taken.delete(webhook.id);
    sleepUntil(addMs(clock.monotonicMs(), LOOK_AGAIN_MS));
    queueMicrotask(pump);
  }

  /** Null when we were stopped in the middle: the webhook stays due and is sent again by the next process. */
  async function send({ id, body, attempts }: DueWebhook): Promise<Verdict | null> {
    const timestampS = Math.floor(clock.now().wallMs / 1000);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'brusio',
      'webhook-id': id,
      'webhook-timestamp': String(timestampS),
      'webhook-signature': sign(id, timestampS, body),
    };
    const result = await http.post(headers, body);
    if (stopped && result.kind === 'no-response') return null;
    return verdictOn(result, attempts + 1, clock.now().wallMs, random);
  }

  function note(webhook: DueWebhook, verdict: Verdict): void {
    const fields = { endpoint: name, webhookId: webhook.id, callId: webhook.callId, attempt: webhook.attempts + 1 };
    if (verdict.verdict === 'delivered') {
      if (isDown()) log.info({ endpoint: name }, 'webhook: the endpoint answers again');
      counters.delivered++;
      failuresInARow = 0;
      return;
    }
    if (verdict.verdict !== 'retry') counters.dead++;
    // Not sent at all: an earlier one was told that the endpoint is gone.
    if (verdict === GONE) return;
    const { problem } = verdict;
    counters.attemptsFailed++;
    if (verdict.verdict === 'endpoint-gone') {
      if (!gone)
        log.error({ ...fields, problem }, 'webhook: the endpoint wants no more and is disabled until a restart');
      gone = true;
    } else if (verdict.verdict === 'dead') {
      log.error({ ...fields, problem }, 'webhook: given up');
    } else {
      log.warn({ ...fields, problem, nextAttemptAt: verdict.at }, 'webhook: not delivered');
      sleepUntil(addMs(clock.monotonicMs(), verdict.at - clock.now().wallMs));
    }
    failuresInARow++;
    if (!isDown()) return;
    const pauseMs = Math.min(PROBE_PAUSE_MIN_MS * 2 ** (failuresInARow - DOWN_AFTER_FAILURES), PROBE_PAUSE_MAX_MS);
    pausedUntil = addMs(clock.monotonicMs(), pauseMs);
  }

  /** False when it could not be: the webhook then stays `taken`, and due for the next process, not for this one. */
  async function isWrittenDown({ id }: DueWebhook, verdict: Verdict): Promise<boolean> {
    try {
      if (verdict.verdict === 'delivered') await outbox.delivered(id, clock.now().wallMs);
      else if (verdict.verdict === 'retry') await outbox.failed(id, verdict.at, verdict.problem);
      else await outbox.dead(id, verdict.problem);
      return true;
    } catch (thrown) {
      // Reading it again at once would send it for ever. At least once is what we promise, and it was sent.
      log.error({ endpoint: name, webhookId: id, problem: describeError(thrown) }, 'webhook: its fate was not stored');
      return false;
    }
  }

  return {
    wake,
    flush() {
      const flushed = new Promise<void>((resolve) => flushing.push(resolve));
      wake();
      return flushed;
    },
    async stop() {
      stopped = true;
      for (const resolve of flushing.splice(0)) resolve();
      ready.length = 0;
      timer?.timer.cancel();
      await Promise.all(taken.values());
    },
    stats: () => ({ endpoint: name, ...counters, inFlight, state: gone ? 'gone' : isDown() ? 'down' : 'up' }),
  };
}

const GONE: Verdict = { verdict: 'endpoint-gone', problem: 'the endpoint answered 410 before' };
