/**
 * Offers and answers besides those of the INVITEs before a call is answered: UPDATE (RFC 3311) and PRACK (RFC 3262 §5).
 * Each leg is answered by itself; what the two legs then differ in is the relay's business.
 */
import type { Clock } from '../base/clock.ts';
import type { CallSink } from '../guard/signaling-port.ts';
import type { CallSessions } from './call-sessions.ts';
import type { ServerResponse, SipRequest } from './drachtio-srf.ts';
import { tagOf } from './sip-uri.ts';

/** What the call around it gives. */
export type EarlyOfferParts = {
  readonly clock: Clock;
  readonly allow: string;
  readonly sessions: CallSessions;
  readonly sink: () => CallSink | null;
};

/** The early offers of one call. */
export type EarlyOffers = {
  /** The dialer's answer to our own offer, in ACK or PRACK. */
  dialerAnswers(sdp: string): void;
  /** An UPDATE of the dialer's; `agreed`: it has acknowledged a description of ours. */
  dialerUpdates(asked: SipRequest, reply: ServerResponse, agreed: boolean): void;
  /** A PRACK of the dialer's with SDP; `answer` takes what its 200 says: null refuses. */
  dialerPracks(sdp: string, answer: (sdp: string | null) => void): void;
  /** An UPDATE of a telephone that rings. */
  carrierUpdates(asked: SipRequest, reply: ServerResponse): void;
};

export function createEarlyOffers(parts: EarlyOfferParts): EarlyOffers {
  const { clock, allow, sessions, sink } = parts;

  return {
    dialerAnswers,
    dialerUpdates(asked, reply, agreed) {
      const sdp = asked.body ?? '';
      // RFC 3311 §5.2: its own offer, or ours, still waits for an answer.
      const isOpen = !agreed && sessions.dialerMedia() === null;
      if (sdp === '') alive(reply);
      else if (isOpen) reply.send(sessions.dialerOffered ? 500 : 491, undefined, { headers: { 'Retry-After': '1' } });
      else answer(reply, takeOffer(sdp));
    },
    dialerPracks(sdp, answerPrack) {
      if (sessions.dialerOffered || sessions.dialerMedia() !== null) {
        answerPrack(takeOffer(sdp));
      } else {
        answerPrack('');
        dialerAnswers(sdp);
      }
    },
    carrierUpdates(asked, reply) {
      const tag = tagOf(asked.get('from') ?? '');
      const sdp = asked.body ?? '';
      if (sdp === '') {
        alive(reply);
      } else if (sessions.forks().descriptionOf(tag) === null) {
        // RFC 3311 §5.2: this fork has not answered our own offer yet.
        reply.send(491, undefined, {});
      } else {
        const taken = sessions.calleeUpdated(tag, sdp);
        if (taken?.isHeard === true) sink()?.event({ type: 'callee-ringing', at: clock.now(), media: taken.media });
        answer(reply, taken?.sdp ?? null);
      }
    },
  };

  function dialerAnswers(sdp: string): void {
    const media = sessions.dialerAnswered(sdp);
    if (media !== null) sink()?.dialerMedia(media);
    else sink()?.event({ type: 'media-failed', at: clock.now(), detail: 'the answer to our offer cannot be used' });
  }

  /** A new offer of the dialer's: our answer, or null. */
  function takeOffer(sdp: string): string | null {
    const taken = sessions.dialerUpdated(sdp);
    if (taken !== null) sink()?.dialerMedia(taken.media);
    return taken?.sdp ?? null;
  }

  /** Without SDP an UPDATE asks whether we are there (RFC 4028 §7.4). */
  function alive(reply: ServerResponse): void {
    reply.send(200, undefined, { headers: { Allow: allow } });
  }

  function answer(reply: ServerResponse, sdp: string | null): void {
    if (sdp === null) reply.send(488, undefined, {});
    else reply.send(200, undefined, { headers: { Allow: allow, 'Content-Type': 'application/sdp' }, body: sdp });
  }
}
