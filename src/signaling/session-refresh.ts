/**
 * Asks a peer that has no session timers, at a fixed interval, whether it is still there: the refresh that RFC 4028 §7.4
 * describes, without its headers. 408, 481 and silence mean that it is not (RFC 3261 §12.2.1.2); any other refusal is a
 * peer that is there and does not care for the method.
 */
import { addMs, type Clock, type Timer } from '../base/clock.ts';
import type { DialogRequest } from './leg-dialog.ts';
import type { OfferQueue, QueuedResult } from './offer-queue.ts';

/** The refresh of one leg. */
export type SessionRefresh = {
  /** From now on every `intervalMs`; begun again, the earlier rhythm is forgotten. */
  start(intervalMs: number): void;
  stop(): void;
};

/** What a refresh is made of. */
export type SessionRefreshParts = {
  readonly clock: Clock;
  readonly queue: Pick<OfferQueue, 'push'>;
  /** An UPDATE without SDP, or a re-INVITE with an unchanged one; asked at each try. */
  readonly build: () => DialogRequest | null;
  /** Its 2xx, in which the peer may have moved. */
  readonly answered: (result: Extract<QueuedResult, { kind: 'answered' }>) => void;
  /** The peer does not know the method that was used. */
  readonly notAllowed: () => void;
  readonly lost: () => void;
};

/** A refresh that has not begun. */
export function createSessionRefresh(parts: SessionRefreshParts): SessionRefresh {
  const { clock, queue } = parts;
  let timer: Timer | null = null;
  let running = 0;

  return {
    start(intervalMs) {
      running += 1;
      arm(intervalMs, running);
    },
    stop() {
      running += 1;
      timer?.cancel();
      timer = null;
    },
  };

  function arm(intervalMs: number, run: number): void {
    timer?.cancel();
    timer = clock.setTimer(addMs(clock.monotonicMs(), intervalMs), () => {
      timer = null;
      queue.push({
        build: () => (run === running ? parts.build() : null),
        done: (result) => done(result, intervalMs, run),
      });
    });
  }

  function done(result: QueuedResult, intervalMs: number, run: number): void {
    // Answered in any case: a 2xx of a re-INVITE wants its ACK even when the leg has ended meanwhile.
    if (result.kind === 'answered') parts.answered(result);
    if (run !== running) return;
    if (result.kind === 'lost') {
      parts.lost();
      return;
    }
    if (result.kind === 'refused' && (result.response.status === 405 || result.response.status === 501)) {
      parts.notAllowed();
    }
    arm(intervalMs, run);
  }
}
