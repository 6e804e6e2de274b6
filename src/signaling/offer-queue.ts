/**
 * Re-INVITEs of ours in one dialog: one at a time, never while one of the peer's is open (RFC 3261 §14.1), and again after
 * a glare. In place of drachtio-srf's `dialog.modify`, which waits for ever after one that failed.
 */
import { addMs, type Clock, type Timer } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Acknowledge, SipResponse } from './drachtio-srf.ts';
import { retryAfterGlareMs } from './glare.ts';
import type { DialogRequest, LegDialog } from './leg-dialog.ts';

/** A 2xx, which the one who asked takes and then acknowledges. */
export type QueuedAnswer = {
  readonly kind: 'answered';
  readonly response: SipResponse;
  readonly acknowledge: Acknowledge;
};

/** What a request of the queue came to. */
export type QueuedResult =
  | QueuedAnswer
  /** 3xx–6xx; the session is as it was. */
  | { readonly kind: 'refused'; readonly response: SipResponse }
  /** 408, 481 or nothing at all: the peer is not there any more (RFC 3261 §12.2.1.2). */
  | { readonly kind: 'lost' }
  /** Never sent: no longer needed, cancelled in time, too many before it, or the leg has ended. */
  | { readonly kind: 'dropped' };

/** A request that waits for its turn. */
export type QueuedRequest = {
  /** Asked at each try, since the session may have changed meanwhile; null when it is needed no more. */
  build(): DialogRequest | null;
  /** Called once. */
  done(result: QueuedResult): void;
};

/** The queue of one leg. */
export type OfferQueue = {
  push(request: QueuedRequest): void;
  /** Takes one back: dropped when it waits, cancelled when it is under way; its result comes all the same. */
  cancel(request: QueuedRequest): void;
  /** Whether an INVITE of ours is without final response. */
  isUnderWay(): boolean;
  /** The dialog has become usable, or the peer's own re-INVITE is over. */
  resume(): void;
  /** The leg has ended: everything is dropped. */
  close(): void;
};

/** Requests in a queue: one under way, one behind it for each peer's wish, and a refresh. */
export const QUEUE_MAX = 4;

/** Times one request is sent: four glares in a row are no chance any more. */
export const TRIES_MAX = 4;

/** What a queue is made with. */
export type OfferQueueParts = {
  readonly clock: Clock;
  readonly random: Random;
  /** RFC 3261 §14.1: whose Call-ID it is decides who waits longer. */
  readonly madeTheCallId: boolean;
  /** The dialog, or null while nothing may be sent in it: before the ACK, while the peer's re-INVITE is open. */
  readonly free: () => LegDialog | null;
};

/** An empty queue. */
export function createOfferQueue(parts: OfferQueueParts): OfferQueue {
  const { clock, random, madeTheCallId, free } = parts;
  const waiting: QueuedRequest[] = [];
  let current: { readonly request: QueuedRequest; tries: number } | null = null;
  let underWay: 'INVITE' | 'other' | null = null;
  let cancelUnderWay: () => void = () => undefined;
  let timer: Timer | null = null;
  let closed = false;

  return {
    push(request) {
      if (closed || waiting.length + (current === null ? 0 : 1) >= QUEUE_MAX) {
        request.done({ kind: 'dropped' });
        return;
      }
      waiting.push(request);
      next();
    },
    cancel(request) {
      const place = waiting.indexOf(request);
      if (place !== -1) {
        waiting.splice(place, 1);
        request.done({ kind: 'dropped' });
      } else if (current?.request === request) {
        if (underWay !== null) cancelUnderWay();
        else finish({ kind: 'dropped' });
      }
    },
    isUnderWay: () => underWay === 'INVITE',
    resume: next,
    close() {
      closed = true;
      const left = waiting.splice(0);
      if (current !== null && underWay === null) finish({ kind: 'dropped' });
      for (const request of left) request.done({ kind: 'dropped' });
    },
  };

  function next(): void {
    if (underWay !== null || timer !== null) return;
    if (current === null) {
      const request = waiting.shift();
      if (request === undefined) return;
      current = { request, tries: 0 };
    }
    const dialog = free();
    if (dialog === null) return;
    const { request } = current;
    const message = request.build();
    if (message === null) {
      finish({ kind: 'dropped' });
      return;
    }
    current.tries += 1;
    underWay = message.method === 'INVITE' ? 'INVITE' : 'other';
    cancelUnderWay = () => undefined;
    const cancel = dialog.request(message, (response, acknowledge) => onFinal(response, acknowledge));
    // A request that could not be sent is over by now.
    if (underWay !== null) cancelUnderWay = cancel;
  }

  function onFinal(response: SipResponse | null, acknowledge: Acknowledge): void {
    underWay = null;
    if (current === null) return;
    if (response === null || response.status === 408 || response.status === 481) {
      finish({ kind: 'lost' });
    } else if (response.status < 300) {
      finish({ kind: 'answered', response, acknowledge });
    } else if (response.status === 491 && current.tries < TRIES_MAX && !closed) {
      const atMs = addMs(clock.monotonicMs(), retryAfterGlareMs(madeTheCallId, random));
      timer = clock.setTimer(atMs, () => {
        timer = null;
        next();
      });
    } else {
      finish({ kind: 'refused', response });
    }
  }

  function finish(result: QueuedResult): void {
    timer?.cancel();
    timer = null;
    const ended = current;
    current = null;
    ended?.request.done(result);
    next();
  }
}
