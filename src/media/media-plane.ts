/**
 * The media plane as the guard sees it: a few threads of one kind, each with ports of its own. A call is opened on the
 * one with the fewest calls and stays there. A thread that dies takes its calls with it and is started anew, until that
 * happens so often that the program had better be.
 */
import { type Clock, elapsedMs, type MonotonicMs, systemClock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { ThreadLoad } from '../base/thread-load.ts';
import type { CallId } from '../call/call-facts.ts';
import { type CallNetworks, OUTBOUND } from '../call/media-network.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { CallAmbience, CallMediaAddresses, MediaEvent, MediaPlane, MediaReport } from '../guard/media-port.ts';
import { type ClipLibrary, type ClipSource, loadClips } from './clip-library.ts';
import type { CallCommand, MediaWorkerOptions } from './media-message.ts';
import { MediaThread, type MediaThreadOwner, workerFailed } from './media-thread.ts';
import { type PortRange, portRanges } from './port-ranges.ts';

/** Deaths of media threads within `DEATHS_WITHIN_MS` after which no thread is started any more: a bug that stays. */
export const DEATHS_MAX = 4;

/** See `DEATHS_MAX`. */
export const DEATHS_WITHIN_MS = 60_000;

/** What the media plane is made of. */
export type MediaPlaneOptions = Omit<MediaWorkerOptions, 'portsResting'> & {
  /** What may be played. */
  readonly clips: readonly ClipSource[];
  /** Threads; fewer are started when the ports do not suffice for a call on each. */
  readonly workers: number;
};

/** One thread as an operator sees it; `load` null when it did not answer. */
export type MediaThreadStatus = {
  readonly name: string;
  readonly callsLive: number;
  readonly load: ThreadLoad | null;
};

/** The media plane, and what only its owner asks it. */
export type ThreadedMedia = MediaPlane & {
  /** Bridged audio passes elsewhere: nothing is sent, filled in or watched until `connect` or `relay` comes again. */
  standAside(callId: CallId): void;
  threads(): Promise<readonly MediaThreadStatus[]>;
  /** Threads that were started in place of dead ones. */
  restarts(): number;
};

/** A media plane that is not started yet. */
export function createMediaPlane(options: MediaPlaneOptions, log: Logger, clock: Clock = systemClock): ThreadedMedia {
  return new ThreadedMediaPlane(options, log, clock);
}

class ThreadedMediaPlane implements ThreadedMedia {
  readonly #options: MediaPlaneOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #ranges: readonly PortRange[];
  /** The same for every thread, and for one that is started anew. */
  #clips: ClipLibrary = new Map();
  #threads: MediaThread[] = [];
  readonly #threadOf = new Map<CallId, MediaThread>();
  /** When the latest threads died. */
  #deaths: MonotonicMs[] = [];
  #restarts = 0;
  #stopping = false;
  #onEvent: (event: MediaEvent) => void = () => {};

  constructor(options: MediaPlaneOptions, log: Logger, clock: Clock) {
    this.#options = options;
    this.#log = log;
    this.#clock = clock;
    this.#ranges = portRanges(options, options.workers);
  }

  async start(onEvent: (event: MediaEvent) => void): Promise<void> {
    this.#onEvent = onEvent;
    this.#stopping = false;
    const clips = await loadClips(this.#options.clips);
    if (!clips.ok) throw new AppError('media.no-clip', clips.problem);
    this.#clips = clips.value;
    // What dies before all of them run is told by the rejection alone.
    let died: (thread: MediaThread, problem: string) => void = () => {};
    const onDied = (thread: MediaThread, problem: string) => died(thread, problem);
    this.#threads = this.#ranges.map((_, index) => this.#startThread(index, [], onDied));
    await Promise.all(this.#threads.map(({ ready }) => ready));
    died = (thread, problem) => this.#died(thread, problem);
  }

  async open(callId: CallId, ambience: CallAmbience, networks: CallNetworks = OUTBOUND): Promise<CallMediaAddresses> {
    const thread = this.#leastLoaded();
    if (thread === undefined) throw workerFailed('no media thread is running');
    this.#threadOf.set(callId, thread);
    try {
      return await thread.open(callId, ambience, networks);
    } catch (error) {
      this.#threadOf.delete(callId);
      throw error;
    }
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

  announce(callId: CallId): void {
    this.#post({ type: 'announce', callId });
  }

  relay(callId: CallId, callee: RemoteMedia): void {
    this.#post({ type: 'relay', callId, callee });
  }

  connect(callId: CallId, callee: RemoteMedia | null): void {
    this.#post({ type: 'connect', callId, callee });
  }

  standAside(callId: CallId): void {
    this.#post({ type: 'stand-aside', callId });
  }

  async close(callId: CallId): Promise<MediaReport | null> {
    const thread = this.#threadOf.get(callId);
    if (thread === undefined) return null;
    const report = await thread.close(callId);
    this.#threadOf.delete(callId);
    return report;
  }

  /** Whoever watches the program is told of threads that are not started any more: `thread-died`. */
  problem(): string | null {
    return this.#stopping ? 'the media threads are stopped' : null;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  threads(): Promise<readonly MediaThreadStatus[]> {
    return Promise.all(
      this.#threads.map(async (thread) => ({
        name: thread.name,
        callsLive: thread.callsLive,
        load: await thread.load(),
      })),
    );
  }

  restarts(): number {
    return this.#restarts;
  }

  #post(command: CallCommand): void {
    this.#threadOf.get(command.callId)?.post(command);
  }

  /** A thread that is being started takes calls when no other does. */
  #leastLoaded(): MediaThread | undefined {
    const running = this.#threads.filter(({ isRunning }) => isRunning);
    const eligible = running.length > 0 ? running : this.#threads;
    return eligible.reduce<MediaThread | undefined>(
      (least, thread) => (least === undefined || thread.callsLive < least.callsLive ? thread : least),
      undefined,
    );
  }

  #startThread(index: number, portsResting: readonly number[], onDied: MediaThreadOwner['onDied']): MediaThread {
    const { workers: _, clips: __, ...options } = this.#options;
    const name = this.#ranges.length === 1 ? 'media' : `media-${index + 1}`;
    const thread = new MediaThread(name, { ...options, ...this.#ranges[index], portsResting }, this.#clips, {
      log: this.#log,
      clock: this.#clock,
      onEvent: (event) => this.#onEvent(event),
      onDied,
    });
    // Who waits for it is told; a thread that was started anew and fails says so by its death.
    thread.ready.catch(() => {});
    return thread;
  }

  #died(thread: MediaThread, problem: string): void {
    for (const [callId, of] of this.#threadOf) if (of === thread) this.#threadOf.delete(callId);
    const index = this.#threads.indexOf(thread);
    if (this.#stopping || index === -1) return;
    const now = this.#clock.monotonicMs();
    this.#deaths = [...this.#deaths.filter((at) => elapsedMs(at, now) < DEATHS_WITHIN_MS), now];
    if (this.#deaths.length >= DEATHS_MAX) {
      this.#stopping = true;
      this.#onEvent({ type: 'thread-died', detail: problem });
      return;
    }
    this.#restarts += 1;
    const onDied = (again: MediaThread, why: string) => this.#died(again, why);
    // Peers of its calls go on sending for a moment: those ports rest first.
    this.#threads[index] = this.#startThread(index, thread.portsInUse(), onDied);
  }
}
