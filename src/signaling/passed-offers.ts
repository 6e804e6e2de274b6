/**
 * A peer's new offer that the other peer has to answer first (RFC 3261 §14.2, RFC 3311 §5.2): it waits in the other leg's
 * queue, then for that peer, and its asker gets what became of it, within the time its own request has.
 */
import { addMs, type Clock, type Timer } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { OTHER_SIDE, type Side } from './call-sessions.ts';
import type { ServerResponse, SipRequest } from './drachtio-srf.ts';
import { sendFinal } from './final-response.ts';
import { retryAfterOverlapS } from './glare.ts';
import type { DialogRequest } from './leg-dialog.ts';
import type { LegSession } from './leg-session.ts';
import type { OfferQueue, QueuedAnswer, QueuedRequest, QueuedResult } from './offer-queue.ts';

/** What is asked of the call's renegotiations. */
export type PassedOffersParts = {
  readonly clock: Clock;
  readonly random: Random;
  /** Where the requests to a peer wait for their turn. */
  readonly queue: (side: Side) => OfferQueue;
  /** Our re-INVITE to a peer with that offer; null while it has no session. */
  readonly reinvite: (side: Side, offer: (session: LegSession) => string) => DialogRequest | null;
  /** A peer may know something else than what is agreed; with `always` it does. */
  readonly tell: (side: Side, always?: boolean) => void;
  /** A peer answered nothing, or knows the dialog no more. */
  readonly lost: (side: Side) => void;
};

/** An offer that goes to the other peer: how it is written, its answer taken, and then its asker's. */
export type PassedOffer = {
  readonly offer: (other: LegSession) => string;
  /** Takes the other peer's answer; false when it cannot be used. */
  readonly take: (result: QueuedAnswer) => boolean;
  /** The other peer has agreed. */
  readonly accept: () => void;
};

/** The offers of either peer that are with the other one. */
export type PassedOffers = {
  /** Whether a peer's request waits for the other peer. */
  isOpen(side: Side): boolean;
  /** Passes on what a peer asks, with a request that then is open. */
  pass(side: Side, request: SipRequest, reply: ServerResponse, what: PassedOffer): void;
  /** The peer's request is open no more; with a status it is answered with that. */
  settle(side: Side, status?: number, phrase?: string): void;
};

/**
 * How long the other peer may take to answer what was passed on. An UPDATE wants its answer at once (RFC 3311 §5.2) and
 * the embedded engine answers 500 after 10 s; a re-INVITE may take the 64*T1 after which the engine reports 408.
 */
export const UPDATE_PASSED_MAX_MS = 8_000;
export const INVITE_PASSED_MAX_MS = 34_000;

/** A request of the peer's that has no final response of ours yet. */
type Open = {
  readonly reply: ServerResponse;
  readonly accept: () => void;
  readonly passed: QueuedRequest;
  readonly timer: Timer;
};

/** None is passed yet. */
export function createPassedOffers({ clock, random, queue, reinvite, tell, lost }: PassedOffersParts): PassedOffers {
  const open: Record<Side, Open | null> = { dialer: null, carrier: null };

  return { isOpen: (side) => open[side] !== null, pass, settle };

  function pass(side: Side, request: SipRequest, reply: ServerResponse, what: PassedOffer): void {
    const to = OTHER_SIDE[side];
    const passed: QueuedRequest = {
      build: () => reinvite(to, what.offer),
      done: (result) => onPassed(side, passed, result, what),
    };
    const giveUp = (status: number): void => {
      settle(side, status);
      queue(to).cancel(passed);
      queue(side).resume();
    };
    const waitMs = request.method === 'INVITE' ? INVITE_PASSED_MAX_MS : UPDATE_PASSED_MAX_MS;
    const timer = clock.setTimer(addMs(clock.monotonicMs(), waitMs), () => giveUp(504));
    open[side] = { reply, accept: what.accept, passed, timer };
    // The engine has sent the 487; ours only makes drachtio-srf forget the re-INVITE.
    if (request.method === 'INVITE') request.on('cancel', () => giveUp(487));
    queue(to).push(passed);
  }

  function onPassed(side: Side, passed: QueuedRequest, result: QueuedResult, what: PassedOffer): void {
    const to = OTHER_SIDE[side];
    const asker = open[side]?.passed === passed ? open[side] : null;
    const isTaken = result.kind === 'answered' && what.take(result);
    if (asker === null) {
      // Nobody waits for it any more: the other leg learns that all is as before.
      if (isTaken) tell(to);
    } else if (result.kind === 'answered' && isTaken) {
      settle(side);
      asker.accept();
    } else if (result.kind === 'refused') {
      const { status, reason } = result.response;
      settle(side, status < 400 || status === 401 || status === 407 ? 488 : status, reason);
    } else {
      settle(side, result.kind === 'lost' ? 504 : result.kind === 'dropped' ? 500 : 488);
      // It took away its audio and has put nothing we can use in its place.
      if (result.kind === 'answered') tell(to, true);
    }
    if (result.kind === 'lost') lost(to);
    queue(side).resume();
  }

  function settle(side: Side, status?: number, phrase?: string): void {
    const ended = open[side];
    if (ended === null) return;
    open[side] = null;
    ended.timer.cancel();
    if (status === undefined) return;
    const headers: Record<string, string> = status === 500 ? { 'Retry-After': String(retryAfterOverlapS(random)) } : {};
    sendFinal(ended.reply, status, phrase, headers);
  }
}
