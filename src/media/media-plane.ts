/**
 * The media plane as the guard sees it: commands are posted to the media thread in order, its notices become promises
 * kept and events. When the thread dies every live call is told that it failed; nothing waits for an answer for ever.
 */
import { Worker } from 'node:worker_threads';
import { addMs, type Clock, type MonotonicMs, systemClock, type Timer } from '../base/clock.ts';
import { AppError, describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { threadUrl } from '../base/thread-url.ts';
import type { CallId } from '../call/call-facts.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { CallMediaAddresses, MediaEvent, MediaPlane, MediaReport } from '../guard/ports.ts';
import type { MediaCommand, MediaNotice, MediaWorkerData, MediaWorkerOptions } from './media-message.ts';

/** How long a close, or the thread's own end, is waited for. */
export const CLOSE_WAIT_MS = 1000;

type Settle<T> = { readonly resolve: (value: T) => void; readonly reject: (error: Error) => void };
type Closing = {
  readonly report: Promise<MediaReport | null>;
  readonly resolve: (report: MediaReport | null) => void;
  readonly timer: Timer;
};

/** A media plane that is not started yet. */
export function createMediaPlane(options: MediaWorkerOptions, log: Logger, clock: Clock = systemClock): MediaPlane {
  return new ThreadedMediaPlane(options, log, clock);
}

class ThreadedMediaPlane implements MediaPlane {
  readonly #options: MediaWorkerOptions;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #opening = new Map<CallId, Settle<CallMediaAddresses>>();
  readonly #closing = new Map<CallId, Closing>();
  /** Calls that were opened and not yet closed. */
  readonly #live = new Set<CallId>();
  readonly #bell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #worker: Worker | null = null;
  #starting: Settle<void> | null = null;
  #stopping = false;
  #onEvent: (event: MediaEvent) => void = () => {};

  constructor(options: MediaWorkerOptions, log: Logger, clock: Clock) {
    this.#options = options;
    this.#log = log;
    this.#clock = clock;
  }

  start(onEvent: (event: MediaEvent) => void): Promise<void> {
    this.#onEvent = onEvent;
    this.#stopping = false;
    const worker = new Worker(threadUrl('media-worker', import.meta.url), {
      name: 'media',
      workerData: { options: this.#options, bell: this.#bell.buffer } satisfies MediaWorkerData,
    });
    this.#worker = worker;
    worker.on('message', (notice: MediaNotice) => this.#take(notice));
    worker.on('error', (error) => this.#died(describeError(error)));
    worker.on('messageerror', (error) => this.#died(describeError(error)));
    worker.on('exit', (code) => this.#died(`the media thread ended with code ${code}`));
    return new Promise((resolve, reject) => {
      this.#starting = { resolve, reject };
    });
  }

  open(callId: CallId): Promise<CallMediaAddresses> {
    return new Promise((resolve, reject) => {
      if (this.#worker === null) return reject(workerFailed('the media thread is not running'));
      this.#opening.set(callId, { resolve, reject });
      this.#post({ type: 'open', callId });
    });
  }

  setDialer(callId: CallId, dialer: RemoteMedia): void {
    this.#post({ type: 'set-dialer', callId, dialer });
  }

  setCallee(callId: CallId, callee: RemoteMedia): void {
    this.#post({ type: 'set-callee', callId, callee });
  }

  relayEarlyMedia(callId: CallId, callee: RemoteMedia): void {
    this.#post({ type: 'relay-early-media', callId, callee });
  }

  playAmbience(callId: CallId, callee: RemoteMedia | null, answeredAt: MonotonicMs): void {
    this.#post({ type: 'play-ambience', callId, callee, answeredAt });
  }

  relay(callId: CallId, callee: RemoteMedia): void {
    this.#post({ type: 'relay', callId, callee });
  }

  connect(callId: CallId, callee: RemoteMedia | null): void {
    this.#post({ type: 'connect', callId, callee });
  }

  close(callId: CallId): Promise<MediaReport | null> {
    this.#live.delete(callId);
    const asked = this.#closing.get(callId);
    if (asked !== undefined) return asked.report;
    if (this.#worker === null) return Promise.resolve(null);
    const { promise: report, resolve } = Promise.withResolvers<MediaReport | null>();
    const timer = this.#clock.setTimer(addMs(this.#clock.monotonicMs(), CLOSE_WAIT_MS), () => {
      this.#log.warn({ callId }, 'media did not confirm the close of a call');
      this.#closed(callId, null);
    });
    this.#closing.set(callId, { report, resolve, timer });
    this.#post({ type: 'close', callId });
    return report;
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    this.#stopping = true;
    this.#post({ type: 'stop' });
    await new Promise<void>((resolve) => {
      const timer = this.#clock.setTimer(addMs(this.#clock.monotonicMs(), CLOSE_WAIT_MS), resolve);
      worker.once('exit', () => {
        timer.cancel();
        resolve();
      });
    });
    await worker.terminate();
  }

  #post(command: MediaCommand): void {
    this.#worker?.postMessage(command);
    // The thread may be asleep until its next packet: it takes a message at once.
    Atomics.add(this.#bell, 0, 1);
    Atomics.notify(this.#bell, 0);
  }

  #take(notice: MediaNotice): void {
    switch (notice.type) {
      case 'ready':
        this.#starting?.resolve();
        this.#starting = null;
        return;
      case 'unusable':
        this.#stopping = true;
        this.#starting?.reject(new AppError(notice.code, notice.problem));
        this.#starting = null;
        return;
      case 'opened':
        this.#live.add(notice.callId);
        this.#opening.get(notice.callId)?.resolve(notice.addresses);
        this.#opening.delete(notice.callId);
        return;
      case 'open-failed':
        this.#opening.get(notice.callId)?.reject(new AppError(notice.code, notice.problem));
        this.#opening.delete(notice.callId);
        return;
      case 'event':
        // What crossed our close is about a call nobody knows any more.
        if (this.#live.has(notice.event.callId)) this.#onEvent(notice.event);
        return;
      case 'closed':
        this.#log.debug({ callId: notice.callId, report: notice.report, drops: notice.drops }, 'media closed');
        this.#closed(notice.callId, notice.report);
        return;
    }
  }

  #closed(callId: CallId, report: MediaReport | null): void {
    const closing = this.#closing.get(callId);
    if (closing === undefined) return;
    this.#closing.delete(callId);
    closing.timer.cancel();
    closing.resolve(report);
  }

  /** The thread is gone, asked to or not. */
  #died(problem: string): void {
    if (this.#worker === null) return;
    this.#worker = null;
    if (!this.#stopping) this.#log.error({ problem, callsLive: this.#live.size }, 'media thread died');
    const error = workerFailed(problem);
    this.#starting?.reject(error);
    this.#starting = null;
    for (const { reject } of this.#opening.values()) reject(error);
    this.#opening.clear();
    for (const callId of [...this.#closing.keys()]) this.#closed(callId, null);
    const live = [...this.#live];
    this.#live.clear();
    for (const callId of live) this.#onEvent({ type: 'failed', callId, detail: problem });
    if (!this.#stopping) this.#onEvent({ type: 'thread-died', detail: problem });
  }
}

function workerFailed(problem: string): AppError {
  return new AppError('media.worker-failed', problem);
}
