/**
 * What a call does by the second and not by the frame: its reports on both legs, and the look whether a peer that should be
 * heard has fallen silent.
 */
import type { MonotonicMs } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { MediaLeg } from './media-leg.ts';
import { type Pacer, type PacerSlot, pacerSlot } from './pacer.ts';
import { SilenceWatch } from './silence-watch.ts';

/** What the upkeep of a call needs. */
export type CallUpkeepParts = {
  readonly callee: MediaLeg;
  readonly dialer: MediaLeg;
  /** The wheel for what is due in seconds. */
  readonly chores: Pacer;
  /** After which a peer that should be heard is silent, ms; null: not watched. */
  readonly silence: { readonly calleeMs: number | null; readonly dialerMs: number | null };
  readonly now: () => MonotonicMs;
  /** Brings both legs up to date. */
  readonly settle: () => void;
  readonly onSilent: (leg: 'dialer' | 'carrier', forMs: number) => void;
  /** A bug was met: the call is over, and no other. */
  readonly onBug: (detail: string) => void;
};

/** The upkeep of one call. */
export class CallUpkeep {
  readonly #parts: CallUpkeepParts;
  readonly #slot: PacerSlot;
  readonly #calleeWatch: SilenceWatch;
  readonly #dialerWatch: SilenceWatch;

  constructor(parts: CallUpkeepParts) {
    this.#parts = parts;
    this.#slot = pacerSlot({ frameDue: () => this.#due() });
    this.#calleeWatch = new SilenceWatch(parts.silence.calleeMs);
    this.#dialerWatch = new SilenceWatch(parts.silence.dialerMs);
  }

  /** Who should be heard from here on, as far as its own description lets it. */
  expect(callee: boolean, dialer: boolean): void {
    const now = this.#parts.now();
    this.#calleeWatch.expect(callee && this.#parts.callee.speaks, now);
    this.#dialerWatch.expect(dialer && this.#parts.dialer.speaks, now);
    this.arm();
  }

  /** Waits for what is due next. */
  arm(): void {
    const { callee, dialer } = this.#parts;
    const now = this.#parts.now();
    const due = [
      callee.rtcpDueAt,
      dialer.rtcpDueAt,
      this.#calleeWatch.nextLookAt(callee.lastReceivedAt, now),
      this.#dialerWatch.nextLookAt(dialer.lastReceivedAt, now),
    ].filter((at) => at !== null);
    const next = Math.min(...due) as MonotonicMs;
    if (due.length > 0) this.#parts.chores.watch(this.#slot, next, now);
  }

  /** Both sessions end with a BYE; safe to repeat. */
  end(): void {
    this.#parts.chores.remove(this.#slot);
    const now = this.#parts.now();
    this.#parts.callee.endRtcp(now);
    this.#parts.dialer.endRtcp(now);
  }

  /** Both sessions begin again with their next packets. */
  resume(): void {
    this.#parts.callee.resumeRtcp();
    this.#parts.dialer.resumeRtcp();
  }

  #due(): void {
    const { callee, dialer, settle, onSilent } = this.#parts;
    try {
      const now = this.#parts.now();
      settle();
      callee.report(now);
      dialer.report(now);
      const calleeSilentMs = this.#calleeWatch.look(callee.lastReceivedAt, now);
      if (calleeSilentMs !== null) onSilent('carrier', calleeSilentMs);
      const dialerSilentMs = this.#dialerWatch.look(dialer.lastReceivedAt, now);
      if (dialerSilentMs !== null) onSilent('dialer', dialerSilentMs);
      this.arm();
    } catch (error) {
      this.#parts.onBug(describeError(error));
    }
  }
}
