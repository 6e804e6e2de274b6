/**
 * When ambience goes to the callee: from the answer on, until the dialer is heard, and again whenever the dialer has sent
 * nothing for FILL_AFTER_MS, so that the callee never hears a hole. One slot on the pacer serves both, the frames and the
 * look whether the dialer has fallen silent.
 */
import { addMs, elapsedMs, type MonotonicMs } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { AmbienceSource } from './ambience-source.ts';
import { type PacedStream, type Pacer, type PacerSlot, pacerSlot } from './pacer.ts';

/** Silence of the dialer after which ambience fills in: ten packets, longer than any ptime or jitter in use. */
export const FILL_AFTER_MS = 200;

/** Between the look that finds the dialer silent and the one that fills in: the thread reads its sockets meanwhile. */
const LOOK_AGAIN_MS = 5;

/** What turns are made of. */
export type AmbienceTurnsParts = {
  readonly pacer: Pacer;
  readonly source: AmbienceSource;
  readonly now: () => MonotonicMs;
  /** What the callee hears of the dialer; of what passes untold `dialerHeard` is told when it settles. */
  readonly dialer: { settle(): void; tell(): void };
  /** A frame of ours was due. */
  readonly onFrame: (now: MonotonicMs) => void;
  /** A bug was met while a packet was sent. */
  readonly onBug: (detail: string) => void;
};

/** The ambience's turns in one call. */
export class AmbienceTurns implements PacedStream {
  readonly #parts: AmbienceTurnsParts;
  readonly #slot: PacerSlot;
  /** Ambience is playing, or else the slot on the pacer, if it is on it, watches for the dialer's silence. */
  #playing = false;
  #dialerHeardAt = 0 as MonotonicMs;
  /** The last look found nothing of the dialer for as long as is filled in. */
  #seemsSilent = false;

  constructor(parts: AmbienceTurnsParts) {
    this.#parts = parts;
    this.#slot = pacerSlot(this);
  }

  /** Whether it is the ambience's turn. */
  get playing(): boolean {
    return this.#playing;
  }

  /** What the callee takes. */
  describe(media: RemoteMedia): void {
    const { source, pacer } = this.#parts;
    const before = source.packetMs;
    source.describe(media);
    if (!this.#playing || source.packetMs === null || source.packetMs === before) return;
    const now = this.#parts.now();
    pacer.play(this.#slot, addMs(now, source.packetMs), now, source.packetMs);
  }

  /** The first packet leaves now. Nothing is played where the callee has no codec for it. */
  start(now: MonotonicMs): void {
    const { source, pacer } = this.#parts;
    if (source.packetMs === null) return;
    this.#playing = true;
    source.rise();
    source.play(now, 0);
    pacer.play(this.#slot, addMs(now, source.packetMs), now, source.packetMs);
  }

  /** It is the dialer's turn, until it falls silent. */
  yieldToDialer(now: MonotonicMs): void {
    this.#playing = false;
    this.#dialerHeardAt = now;
    this.#seemsSilent = false;
    this.#parts.pacer.watch(this.#slot, addMs(now, FILL_AFTER_MS - LOOK_AGAIN_MS), now);
  }

  /** A packet of the dialer's went to the callee. */
  dialerHeard(now: MonotonicMs): void {
    if (this.#playing) this.yieldToDialer(now);
    else this.#dialerHeardAt = now;
  }

  /** Nothing is played or watched for; safe to repeat. */
  stop(): void {
    this.#parts.pacer.remove(this.#slot);
    this.#playing = false;
  }

  /** The pacer's call: a frame of ambience, or a look whether the dialer has fallen silent. */
  frameDue(due: MonotonicMs, skipped: number): void {
    try {
      if (this.#playing) {
        this.#parts.source.play(due, skipped);
        this.#parts.onFrame(due);
      } else this.#fillIfSilent();
    } catch (error) {
      // The pacer serves every call: a bug met in this one must not reach the others.
      this.#parts.onBug(describeError(error));
    }
  }

  /** Two looks in a row: after a stall of our own the dialer's packets lie unread, and it only seems to be silent. */
  #fillIfSilent(): void {
    const { pacer, source, dialer } = this.#parts;
    const now = this.#parts.now();
    dialer.settle();
    const silentMs = elapsedMs(this.#dialerHeardAt, now);
    if (!this.#seemsSilent || silentMs < FILL_AFTER_MS) {
      this.#seemsSilent = silentMs >= FILL_AFTER_MS - LOOK_AGAIN_MS;
      const nextMs = Math.max(LOOK_AGAIN_MS, FILL_AFTER_MS - silentMs - (this.#seemsSilent ? 0 : LOOK_AGAIN_MS));
      pacer.watch(this.#slot, addMs(now, nextMs), now);
    } else if (source.packetMs !== null) {
      dialer.tell();
      this.start(now);
    } else pacer.remove(this.#slot);
  }
}
