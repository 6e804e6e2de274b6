/**
 * New offers in a call that is up (RFC 3261 §14, RFC 3264 §8, RFC 3311): a peer's re-INVITE or UPDATE is answered by Brusio
 * itself where it changes nothing for the other peer (another address, the same session again), and passed on, rewritten,
 * where it changes codec or direction. While the callee waits for an agent nothing passes: each leg is answered by itself,
 * since the dialer's hold is not the callee's business yet, nor the other way round.
 *
 * A leg's session changes only with a 2xx, so that whatever is refused leaves both legs as they were.
 */
import { addMs, type Clock, type Timer } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import { type CallSessions, fits, OTHER_SIDE, type Side } from './call-sessions.ts';
import { answerTo, offerOf, openOffer } from './codec-choice.ts';
import { BOTH_WAYS, type Flow, sameFlow } from './direction.ts';
import type { ServerResponse, SipRequest, SipResponse } from './drachtio-srf.ts';
import { createFaxOffers } from './fax-offers.ts';
import { retryAfterOverlapS } from './glare.ts';
import type { DialogRequest, LegDialog } from './leg-dialog.ts';
import type { LegSession } from './leg-session.ts';
import { createOfferQueue, type OfferQueue, type QueuedAnswer } from './offer-queue.ts';
import { createPassedOffers } from './passed-offers.ts';
import type { PeerDescription } from './peer-description.ts';
import { type SdpProblem, warningOf } from './sdp-problem.ts';

/** What is asked of the call around it. */
export type RenegotiationParts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly sessions: CallSessions;
  /** Where requests in a leg's dialog go; null before it may take any, and after its end. */
  readonly dialog: (side: Side) => LegDialog | null;
  /** An agent, or a machine's message, is on the line: what one peer changes concerns the other. */
  readonly coupled: () => boolean;
  /** A peer's media as agreed now. */
  readonly media: (side: Side, media: RemoteMedia) => void;
  /** A peer answered nothing, or knows the dialog no more. */
  readonly lost: (side: Side) => void;
  /** Whether a request is refused, and answered, for its session interval (RFC 4028 §9). */
  readonly refuses: (side: Side, request: SipRequest, reply: ServerResponse) => boolean;
  /** A re-INVITE or UPDATE is accepted: the headers of its 2xx. */
  readonly accepted: (side: Side, request: SipRequest) => Record<string, string>;
  /** A 2xx to one of ours. */
  readonly answered: (side: Side, response: SipResponse) => void;
  /** Headers of a request of ours. */
  readonly headers: (side: Side) => Record<string, string>;
};

/** The renegotiations of one call. */
export type Renegotiation = {
  /** A re-INVITE or UPDATE in a confirmed dialog. */
  modified(side: Side, request: SipRequest, reply: ServerResponse): void;
  /** The ACK of a re-INVITE. */
  acknowledged(side: Side, ack: SipRequest): void;
  /** The leg's dialog may take requests from now on. */
  ready(side: Side): void;
  /** What one peer changes concerns the other from now on, and so does what it changed before. */
  coupled(): void;
  /** Where a leg's own requests wait for their turn. */
  queue(side: Side): OfferQueue;
  /** An offer in the leg's dialog, of whoever, is without its answer or its ACK. */
  isUnderWay(side: Side): boolean;
  /** The call has ended. */
  close(): void;
};

/** An ACK of a 2xx to a re-INVITE comes within 64*T1, or the engine ends the dialog; a real drachtio-server does not. */
export const ACK_WAIT_MS = 34_000;

/** Our 2xx to a re-INVITE, without its ACK. */
type Unacknowledged = { readonly cseq: number; readonly hasOffer: boolean; readonly timer: Timer };

type Party = { readonly queue: OfferQueue; unacknowledged: Unacknowledged | null };

/** What the other leg is bound to cannot be turned into any codec of this offer. */
export const NOTHING_PASSES: SdpProblem = { kind: 'no-common-codec', offered: [] };

/** The renegotiations of a call; there are none before its legs are up. */
export function createRenegotiation(parts: RenegotiationParts): Renegotiation {
  const { clock, random, log, sessions, coupled } = parts;
  let closed = false;
  const parties: Readonly<Record<Side, Party>> = { dialer: newParty('dialer'), carrier: newParty('carrier') };
  const passed = createPassedOffers({ ...parts, reinvite, tell, queue: (side) => parties[side].queue });
  const faxes = createFaxOffers({ ...parts, passed, answer });

  return {
    modified,
    acknowledged,
    ready(side) {
      parties[side].queue.resume();
      tell(side);
    },
    coupled() {
      tell('carrier');
      tell('dialer');
    },
    queue: (side) => parties[side].queue,
    isUnderWay: (side) =>
      parties[side].queue.isUnderWay() || passed.isOpen(side) || parties[side].unacknowledged !== null,
    close() {
      closed = true;
      for (const side of ['dialer', 'carrier'] as const) {
        const party = parties[side];
        passed.settle(side);
        party.unacknowledged?.timer.cancel();
        party.unacknowledged = null;
        party.queue.close();
      }
    },
  };

  function newParty(side: Side): Party {
    const free = (): LegDialog | null => {
      const isOpen = passed.isOpen(side) || parties[side].unacknowledged !== null;
      return isOpen || closed ? null : parts.dialog(side);
    };
    // RFC 3261 §14.1: the carrier leg's Call-ID is ours, the dialer leg's is the dialer's.
    const queue = createOfferQueue({ clock, random, madeTheCallId: side === 'carrier', free });
    return { queue, unacknowledged: null };
  }

  // ── What a peer asks ───────────────────────────────────────────────────────────────────────────────────────────────

  function modified(side: Side, request: SipRequest, reply: ServerResponse): void {
    const party = parties[side];
    const session = sessions.session(side);
    const sdp = request.body ?? '';
    const isInvite = request.method === 'INVITE';
    if (session === null) {
      reply.send(500, undefined, {});
    } else if (parts.refuses(side, request, reply)) {
      return;
    } else if (!isInvite && sdp === '') {
      answer(side, request, reply, '');
    } else if (party.queue.isUnderWay()) {
      reply.send(491, undefined, {});
    } else if (passed.isOpen(side) || party.unacknowledged?.hasOffer === true) {
      reply.send(500, undefined, { headers: { 'Retry-After': String(retryAfterOverlapS(random)) } });
    } else if (sdp === '') {
      // RFC 3261 §14.2: who asks for an offer gets everything we have; the ACK may hold or move.
      const offer = openOffer(session.peer(), otherPeer(side), sessions.rules[side].codecs);
      const sdp = session.fax() === null ? session.offer(offer, wanted(side)) : session.offerAgain();
      answer(side, request, reply, sdp);
    } else {
      takeOffer(side, session, request, reply, sdp);
    }
  }

  function takeOffer(side: Side, session: LegSession, request: SipRequest, reply: ServerResponse, sdp: string): void {
    const fax = session.readFax(sdp);
    if (fax !== null) {
      faxes.take(side, session, request, reply, fax);
      return;
    }
    const offer = session.readOffer(sdp);
    if (!offer.ok) {
      reply.send(488, undefined, { headers: { Warning: warningOf(offer.problem) } });
      return;
    }
    if (!concernsOther(side, session, offer.value)) {
      if (fits(offer.value, otherPeer(side))) accept(side, request, reply, offer.value);
      else reply.send(488, undefined, { headers: { Warning: warningOf(NOTHING_PASSES) } });
    }
    // The other peer's own offer is on its way to this one: as if ours were under way, or each would wait for the other.
    else if (passed.isOpen(OTHER_SIDE[side])) reply.send(491, undefined, {});
    else {
      const to = OTHER_SIDE[side];
      const wish = session.wishIn(offer.value);
      passed.pass(side, request, reply, {
        offer: (other) => other.offer(offerOf(offer.value, sessions.rules[to].codecs), wish),
        take: (result) => takeAnswer(to, result),
        accept: () => accept(side, request, reply, offer.value),
      });
    }
  }

  /** Whether the other peer must be asked: what this one wants, or its codecs, are not what it knows. */
  function concernsOther(side: Side, session: LegSession, offer: PeerDescription): boolean {
    const other = sessions.session(OTHER_SIDE[side]);
    const peer = other?.peer() ?? null;
    if (!coupled() || other === null || peer === null || parts.dialog(OTHER_SIDE[side]) === null) return false;
    if (other.fax() !== null || !sameFlow(session.wishIn(offer), other.told())) return true;
    return !peer.media.codecs.some(({ name }) => offer.media.codecs.some((codec) => codec.name === name));
  }

  function otherPeer(side: Side): PeerDescription | null {
    return sessions.session(OTHER_SIDE[side])?.peer() ?? null;
  }

  /** What we want of a peer: what the other one wants, once they talk; ambience and its hearer want both ways. */
  function wanted(side: Side): Flow {
    return coupled() ? (sessions.session(OTHER_SIDE[side])?.wish() ?? BOTH_WAYS) : BOTH_WAYS;
  }

  function accept(side: Side, request: SipRequest, reply: ServerResponse, offer: PeerDescription): void {
    const session = sessions.session(side) as LegSession;
    const { sdp, peer } = session.answer(offer, answerTo(offer, otherPeer(side)), wanted(side));
    parts.media(side, peer.media);
    answer(side, request, reply, sdp);
    // What was accepted for want of the other leg's dialog is told to it as soon as that is there.
    tell(OTHER_SIDE[side]);
  }

  /** The 2xx; `sdp` '' for an UPDATE that only asks whether we are there. */
  function answer(side: Side, request: SipRequest, reply: ServerResponse, sdp: string): void {
    const headers = parts.accepted(side, request);
    if (request.method === 'INVITE') awaitAck(side, request);
    if (sdp === '') reply.send(200, undefined, { headers });
    else reply.send(200, undefined, { headers: { ...headers, 'Content-Type': 'application/sdp' }, body: sdp });
  }

  function awaitAck(side: Side, invite: SipRequest): void {
    const party = parties[side];
    party.unacknowledged?.timer.cancel();
    const timer = clock.setTimer(addMs(clock.monotonicMs(), ACK_WAIT_MS), () => {
      party.unacknowledged = null;
      parts.lost(side);
    });
    party.unacknowledged = { cseq: cseqOf(invite), hasOffer: (invite.body ?? '') === '', timer };
  }

  function acknowledged(side: Side, ack: SipRequest): void {
    const party = parties[side];
    const { unacknowledged } = party;
    if (unacknowledged === null || unacknowledged.cseq !== cseqOf(ack)) return;
    unacknowledged.timer.cancel();
    party.unacknowledged = null;
    if (unacknowledged.hasOffer) takeLateAnswer(side, ack.body ?? '');
    party.queue.resume();
  }

  function takeLateAnswer(side: Side, sdp: string): void {
    const session = sessions.session(side);
    const said = session?.readAnswer(sdp);
    if (session === null || said === undefined) return;
    if (!said.ok) {
      log.warn({ side, problem: said.problem.kind }, 'the ACK of a re-INVITE answers our offer with nothing usable');
      return;
    }
    parts.media(side, session.takeAnswer(said.value).media);
    tell(OTHER_SIDE[side]);
  }

  // ── What we tell a peer by ourselves ───────────────────────────────────────────────────────────────────────────────

  /** Whether the legs have a codec for one another: a fork may have answered with another one than the dialer was told of. */
  function isAudible(side: Side): boolean {
    const peer = sessions.session(side)?.peer() ?? null;
    return peer === null || fits(peer, otherPeer(side));
  }

  /** Tells a peer what the other one wants, and uses, where it does not know yet. */
  function tell(side: Side, always = false): void {
    const isNeeded = (): boolean => {
      if (always || (sessions.session(side)?.fax() ?? null) !== null) return true;
      const wish = sessions.session(OTHER_SIDE[side])?.wish();
      const told = sessions.session(side)?.told();
      const isFlowOther = coupled() && wish !== undefined && told !== undefined && !sameFlow(wish, told);
      return isFlowOther || !isAudible(side);
    };
    if (!isNeeded() || parts.dialog(side) === null) return;
    parties[side].queue.push({
      build: () => {
        const said = otherPeer(side);
        if (!isNeeded() || said === null) return null;
        return reinvite(side, (session) => session.offer(offerOf(said, sessions.rules[side].codecs), wanted(side)));
      },
      done(result) {
        if (result.kind === 'answered') takeAnswer(side, result);
        if (result.kind === 'lost') parts.lost(side);
        else if (!isAudible(side))
          log.warn({ side }, 'the legs have no codec in common: nothing of one is heard by the other');
      },
    });
  }

  function reinvite(side: Side, offer: (session: LegSession) => string): DialogRequest | null {
    const session = sessions.session(side);
    if (session === null || session.peer() === null) return null;
    return {
      method: 'INVITE',
      headers: { ...parts.headers(side), 'Content-Type': 'application/sdp' },
      body: offer(session),
    };
  }

  /** Takes the 2xx to an offer of ours, media first; false when its description cannot be used. */
  function takeAnswer(side: Side, result: QueuedAnswer): boolean {
    const session = sessions.session(side);
    const said = session?.readAnswer(result.response.body ?? '');
    const isUsable = session !== null && said?.ok === true && !said.value.removed;
    if (isUsable) parts.media(side, session.takeAnswer(said.value).media);
    result.acknowledge();
    parts.answered(side, result.response);
    return isUsable;
  }
}

function cseqOf(request: SipRequest): number {
  return Number.parseInt(request.get('cseq') ?? '', 10);
}
