/**
 * The rules over what the store knows, behind the guard's port: the main side of the ruling thread. It keeps what has room,
 * so that a thread that died loses none of it.
 */
import { Worker } from 'node:worker_threads';
import { addMs, type Clock, type Timer } from '../../base/clock.ts';
import { AppError, describeError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { threadUrl } from '../../base/thread-url.ts';
import type { RulingRequest, Rulings } from '../../guard/ruling-port.ts';
import type { Ruling } from '../../policy/rules/ruling.ts';
import type { DatabasePlace } from '../database-place.ts';
import { type CallNotice, createHeldCalls, heldCall, leftCall } from './held-calls.ts';
import type { Asked, RulingCommand, RulingReply, RulingWorkerData } from './ruling-message.ts';

/**
 * What the rulings are made of; for tests: `spawned` gives the thread that one is about to kill, `timeoutMs` is longer than any
 * machine takes to start another.
 */
export type RulingsOptions = {
  readonly place: DatabasePlace;
  /** Stamps of the rules that campaigns have. */
  readonly policies: readonly string[];
  readonly log: Logger;
  readonly clock: Clock;
  readonly spawned?: (worker: Worker) => void;
  readonly timeoutMs?: number;
};

/** A ruling that takes longer is not waited for, and its call refused, ms: the dialer has its 100 and resends nothing. */
const RULING_TIMEOUT_MS = 5_000;

/** How long the thread may not know yet that a call takes no room any more, ms: every message wakes it, at the price of a ruling. */
const TELL_WITHIN_MS = 20;

type Waiting = {
  readonly asked: Asked;
  readonly timer: Timer;
  /** Its call was given up before it was judged. */
  released: boolean;
  resolve(ruling: Ruling): void;
  reject(problem: AppError): void;
};

/** Rulings that are not open yet; `start` comes after the store's own, which makes the tables. */
export function createRulings({ place, policies, log, clock, ...forTests }: RulingsOptions): Rulings {
  const waiting = new Map<number, Waiting>();
  /** What each call with room was asked with, for when its agent leaves. */
  const requests = new Map<string, RulingRequest>();
  let held = createHeldCalls();
  /** Heard, and not told to the thread yet. */
  const untold: CallNotice[] = [];
  let tellTimer: Timer | null = null;
  let thread: Worker | null = null;
  let problem = 'the ruling thread has not been started';
  let mayRestart = false;
  let stopping = false;
  const timeoutMs = forTests.timeoutMs ?? RULING_TIMEOUT_MS;
  let lastId = 0;
  /** Those who wait until a call's room is known to be taken again. */
  const takingRoom = new Map<number, () => void>();

  /** What is posted before it has opened waits in its port. */
  function open(): Promise<void> {
    const data: RulingWorkerData = { place, policies, left: held.all() };
    const worker = new Worker(threadUrl('ruling-worker', import.meta.url), {
      workerData: data,
      name: 'brusio-rulings',
    });
    const opened = Promise.withResolvers<void>();
    thread = worker;
    worker.on('message', (message: RulingReply) => {
      if (message.type === 'opened') opened.resolve();
      else if (message.type === 'room-taken') for (const id of message.ids) takingRoom.get(id)?.();
      else if (message.type === 'cannot-open') problem = message.message;
      else if (message.type === 'not-ruled')
        settle(message.id)?.reject(new AppError('store.cannot-read', message.problem));
      else for (const { id, ruling } of message.rulings) ruled(id, ruling);
    });
    worker.on('error', (thrown) => {
      problem = `the ruling thread failed: ${describeError(thrown)}`;
    });
    worker.on('exit', () => {
      opened.reject(new AppError('store.cannot-open', problem));
      threadGone();
    });
    forTests.spawned?.(worker);
    return opened.promise;
  }

  function threadGone(): void {
    thread = null;
    // What is held says it all.
    untold.length = 0;
    tellTimer?.cancel();
    tellTimer = null;
    for (const { timer, reject } of waiting.values()) {
      timer.cancel();
      reject(new AppError('store.cannot-read', problem));
    }
    waiting.clear();
    if (stopping) return;
    log.error({ problem, startedAgain: mayRestart }, 'rulings: the thread died');
    if (!mayRestart) return;
    // Once: a question that kills it a second time would do so for ever. A ruling in between gives the right back.
    mayRestart = false;
    open().catch(() => {});
  }

  function post(command: RulingCommand): void {
    thread?.postMessage(command);
  }

  /** In the order in which it was heard, and before what is asked next. */
  function tellHeard(): void {
    tellTimer?.cancel();
    tellTimer = null;
    for (const notice of untold.splice(0)) post({ type: 'heard', notice });
  }

  function ask(asked: Omit<Asked, 'id'>): Promise<Ruling> {
    if (thread === null) return Promise.reject(new AppError('store.cannot-read', problem));
    const id = ++lastId;
    const { promise, resolve, reject } = Promise.withResolvers<Ruling>();
    const timer = clock.setTimer(addMs(clock.monotonicMs(), timeoutMs), () => {
      waiting.delete(id);
      reject(new AppError('store.cannot-read', `no ruling within ${timeoutMs} ms`));
    });
    waiting.set(id, { asked: { ...asked, id }, timer, released: false, resolve, reject });
    tellHeard();
    post({ type: 'rule', asked: { ...asked, id } });
    return promise;
  }

  function settle(id: number): Waiting | undefined {
    const waiter = waiting.get(id);
    waiting.delete(id);
    waiter?.timer.cancel();
    return waiter;
  }

  function ruled(id: number, ruling: Ruling): void {
    const waiter = settle(id);
    if (waiter === undefined) return;
    mayRestart = true;
    const { request, of } = waiter.asked;
    if (of === 'invite' && ruling.allowed && !waiter.released) {
      held.hold(heldCall(request));
      requests.set(request.callId, request);
    }
    waiter.resolve(ruling);
  }

  function heard(notice: CallNotice): void {
    held.heard(notice);
    if (notice.type === 'released') {
      requests.delete(notice.callId);
      for (const waiter of waiting.values()) waiter.released ||= waiter.asked.request.callId === notice.callId;
    }
    if (thread === null) return;
    untold.push(notice);
    // An answer is heard before its class can be committed. What makes room may wait for who asks for it.
    if (notice.type === 'answered' || notice.type === 'uncounted') tellHeard();
    else tellTimer ??= clock.setTimer(addMs(clock.monotonicMs(), TELL_WITHIN_MS), tellHeard);
  }

  return {
    async start(left) {
      held = createHeldCalls(left.map(leftCall));
      await open();
      mayRestart = true;
    },
    rule: (request) => ask({ request, at: request.at, of: 'invite' }),
    withoutAgent(callId) {
      const request = requests.get(callId);
      if (request === undefined) return Promise.reject(new AppError('store.cannot-read', 'the call has no room'));
      held.heard({ type: 'without-agent', callId });
      return ask({ request, at: clock.now().wallMs, of: 'agent-left' });
    },
    answered: (callId, at) => heard({ type: 'answered', callId, at }),
    counted: (callId) => heard({ type: 'counted', callId }),
    uncounted(callId) {
      const id = ++lastId;
      heard({ type: 'uncounted', callId, id });
      // What a ruling of this process sees was committed behind what its thread was told before: it has it, or will look for it.
      if (thread === null || place.url === null) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      // Not for ever: a change that waits is not on record, and where nothing is answered that long nothing is admitted either.
      const timer = clock.setTimer(addMs(clock.monotonicMs(), timeoutMs), taken);
      takingRoom.set(id, taken);
      return promise;

      function taken(): void {
        timer.cancel();
        takingRoom.delete(id);
        resolve();
      }
    },
    released: (callId) => heard({ type: 'released', callId }),
    async stop() {
      stopping = true;
      const worker = thread;
      if (worker === null) return;
      const gone = new Promise((resolve) => worker.once('exit', resolve));
      tellHeard();
      post({ type: 'close' });
      await gone;
    },
  };
}
