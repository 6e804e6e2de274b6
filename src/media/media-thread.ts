/**
 * One media thread as the main thread sees it: commands are posted to it in order, its notices become promises kept and
 * events. When it dies every live call of it is told that it failed; nothing waits for an answer for ever.
 */
import { Worker } from 'node:worker_threads';
import { addMs, type Clock, type Timer } from '../base/clock.ts';
import { AppError, describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { ThreadLoad } from '../base/thread-load.ts';
import { threadUrl } from '../base/thread-url.ts';
import type { CallId } from '../call/call-facts.ts';
import type { CallNetworks } from '../call/media-network.ts';
import type { CallAmbience, CallMediaAddresses, MediaCallEvent, MediaReport } from '../guard/media-port.ts';
import type { ClipLibrary } from './clip-library.ts';
import type { CallCommand, MediaCommand, MediaNotice, MediaWorkerData, MediaWorkerOptions } from './media-message.ts';

/** How long a close, the thread's own end, or the answer to a question is waited for. */
export const CLOSE_WAIT_MS = 1000;

/** Whom a media thread tells what. */
export type MediaThreadOwner = {
  readonly log: Logger;
  readonly clock: Clock;
  /** Of a call that is open here. */
  readonly onEvent: (event: MediaCallEvent) => void;
  /** It ended without having been asked to; its calls have been told. */
  readonly onDied: (thread: MediaThread, problem: string) => void;
};

type Settle<T> = { readonly resolve: (value: T) => void; readonly reject: (error: Error) => void };
type Closing = {
  readonly report: Promise<MediaReport | null>;
  readonly resolve: (report: MediaReport | null) => void;
  readonly timer: Timer;
};

/** A media thread, started by its constructor. */
export class MediaThread {
  readonly name: string;
  /** Kept when it can take calls, broken with `media.worker-failed`. */
  readonly ready: Promise<void>;
  readonly #owner: MediaThreadOwner;
  readonly #worker: Worker;
  readonly #bell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #opening = new Map<CallId, Settle<CallMediaAddresses>>();
  readonly #closing = new Map<CallId, Closing>();
  /** Calls that were opened and not yet closed, with their ports. */
  readonly #live = new Map<CallId, CallMediaAddresses>();
  readonly #loads: ((load: ThreadLoad | null) => void)[] = [];
  #starting: Settle<void> | null = null;
  #state: 'starting' | 'running' | 'stopping' | 'ended' = 'starting';

  constructor(name: string, options: MediaWorkerOptions, clips: ClipLibrary, owner: MediaThreadOwner) {
    this.name = name;
    this.#owner = owner;
    this.#worker = new Worker(threadUrl('media-worker', import.meta.url), {
      name,
      workerData: { options, clips, bell: this.#bell.buffer } satisfies MediaWorkerData,
    });
    this.ready = new Promise((resolve, reject) => {
      this.#starting = { resolve, reject };
    });
    this.#worker.on('message', (notice: MediaNotice) => this.#take(notice));
    this.#worker.on('error', (error) => this.#ended(describeError(error)));
    this.#worker.on('messageerror', (error) => this.#ended(describeError(error)));
    this.#worker.on('exit', (code) => this.#ended(`the media thread ended with code ${code}`));
  }

  /** Whether it takes calls at this moment; what is posted to one that is still starting waits in its queue. */
  get isRunning(): boolean {
    return this.#state === 'running';
  }

  /** Calls that take ports, or are about to. */
  get callsLive(): number {
    return this.#live.size + this.#opening.size;
  }

  /** The even ports in use. */
  portsInUse(): readonly number[] {
    return [...this.#live.values()].flatMap(({ dialer, carrier }) => [dialer.port, carrier.port]);
  }

  open(callId: CallId, ambience: CallAmbience, networks: CallNetworks): Promise<CallMediaAddresses> {
    return new Promise((resolve, reject) => {
      if (this.#state === 'ended') return reject(workerFailed('the media thread is not running'));
      this.#opening.set(callId, { resolve, reject });
      this.post({ type: 'open', callId, ambience, networks });
    });
  }

  post(command: CallCommand | Extract<MediaCommand, { type: 'open' | 'close' | 'load' | 'stop' }>): void {
    if (this.#state === 'ended') return;
    this.#worker.postMessage(command);
    // The thread may be asleep until its next packet: it takes a message at once.
    Atomics.add(this.#bell, 0, 1);
    Atomics.notify(this.#bell, 0);
  }

  close(callId: CallId): Promise<MediaReport | null> {
    this.#live.delete(callId);
    const asked = this.#closing.get(callId);
    if (asked !== undefined) return asked.report;
    if (this.#state === 'ended') return Promise.resolve(null);
    const { promise: report, resolve } = Promise.withResolvers<MediaReport | null>();
    const timer = this.#after(CLOSE_WAIT_MS, () => {
      this.#owner.log.warn({ callId }, 'media did not confirm the close of a call');
      this.#closed(callId, null);
    });
    this.#closing.set(callId, { report, resolve, timer });
    this.post({ type: 'close', callId });
    return report;
  }

  /** How the thread bears its work; null when it does not answer in time. */
  load(): Promise<ThreadLoad | null> {
    if (this.#state !== 'running') return Promise.resolve(null);
    return new Promise((resolve) => {
      const timer = this.#after(CLOSE_WAIT_MS, () => resolve(null));
      this.#loads.push((load) => {
        timer.cancel();
        resolve(load);
      });
      this.post({ type: 'load' });
    });
  }

  async stop(): Promise<void> {
    if (this.#state === 'ended') return;
    this.post({ type: 'stop' });
    this.#state = 'stopping';
    await new Promise<void>((resolve) => {
      const timer = this.#after(CLOSE_WAIT_MS, resolve);
      this.#worker.once('exit', () => {
        timer.cancel();
        resolve();
      });
    });
    await this.#worker.terminate();
  }

  #after(durationMs: number, fire: () => void): Timer {
    return this.#owner.clock.setTimer(addMs(this.#owner.clock.monotonicMs(), durationMs), fire);
  }

  #take(notice: MediaNotice): void {
    switch (notice.type) {
      case 'ready':
        if (this.#state === 'starting') this.#state = 'running';
        this.#owner.log.info({ thread: this.name, udp: notice.udp }, 'media thread ready');
        this.#starting?.resolve();
        this.#starting = null;
        return;
      case 'unusable':
        this.#starting?.reject(new AppError(notice.code, notice.problem));
        this.#starting = null;
        this.#ended(notice.problem);
        return;
      case 'opened':
        this.#live.set(notice.callId, notice.addresses);
        this.#opening.get(notice.callId)?.resolve(notice.addresses);
        this.#opening.delete(notice.callId);
        return;
      case 'open-failed':
        this.#opening.get(notice.callId)?.reject(new AppError(notice.code, notice.problem));
        this.#opening.delete(notice.callId);
        return;
      case 'event':
        // What crossed our close is about a call nobody knows any more.
        if (this.#live.has(notice.event.callId)) this.#owner.onEvent(notice.event);
        return;
      case 'load':
        this.#loads.shift()?.(notice.load);
        return;
      case 'closed':
        this.#owner.log.debug({ callId: notice.callId, report: notice.report }, 'media closed');
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
  #ended(problem: string): void {
    if (this.#state === 'ended') return;
    const wasAsked = this.#state === 'stopping';
    this.#state = 'ended';
    if (!wasAsked) {
      this.#owner.log.error({ thread: this.name, problem, callsLive: this.#live.size }, 'media thread died');
    }
    const error = workerFailed(problem);
    this.#starting?.reject(error);
    this.#starting = null;
    for (const { reject } of this.#opening.values()) reject(error);
    this.#opening.clear();
    for (const callId of [...this.#closing.keys()]) this.#closed(callId, null);
    for (const answer of this.#loads.splice(0)) answer(null);
    for (const callId of this.#live.keys()) this.#owner.onEvent({ type: 'failed', callId, detail: problem });
    if (!wasAsked) this.#owner.onDied(this, problem);
    this.#live.clear();
  }
}

/** No media for this call, or for any. */
export function workerFailed(problem: string): AppError {
  return new AppError('media.worker-failed', problem);
}
