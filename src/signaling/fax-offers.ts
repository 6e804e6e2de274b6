/**
 * Fax in place of the audio (ITU-T T.38): between two terminals, so that there must be one at the other end. While nobody but
 * ambience is there, there is nobody to send a fax to, and none goes where SRTP was agreed.
 */
import type { RemoteMedia } from '../call/remote-media.ts';
import { type CallSessions, OTHER_SIDE, type Side } from './call-sessions.ts';
import type { ServerResponse, SipRequest, SipResponse } from './drachtio-srf.ts';
import type { LegDialog } from './leg-dialog.ts';
import type { LegSession } from './leg-session.ts';
import type { QueuedAnswer } from './offer-queue.ts';
import type { PassedOffers } from './passed-offers.ts';
import { isSecure } from './peer-description.ts';
import { type SdpProblem, warningOf } from './sdp-problem.ts';
import type { FaxDescription, T38Parameters } from './t38.ts';

/** What is asked of the call's renegotiations. */
export type FaxOffersParts = {
  readonly sessions: CallSessions;
  /** Where requests in a leg's dialog go; null before it may take any, and after its end. */
  readonly dialog: (side: Side) => LegDialog | null;
  /** What one peer changes concerns the other. */
  readonly coupled: () => boolean;
  readonly passed: PassedOffers;
  /** A peer's media as agreed now. */
  readonly media: (side: Side, media: RemoteMedia) => void;
  /** The 2xx to a peer's request. */
  readonly answer: (side: Side, request: SipRequest, reply: ServerResponse, sdp: string) => void;
  /** A 2xx to a request of ours. */
  readonly answered: (side: Side, response: SipResponse) => void;
};

/** The offers of fax in one call. */
export type FaxOffers = {
  /** A peer's re-INVITE or UPDATE offers fax. */
  take(side: Side, session: LegSession, request: SipRequest, reply: ServerResponse, fax: FaxDescription): void;
};

const NO_FAX: SdpProblem = { kind: 'unsupported', warning: 304, problem: 'Media type not available: fax' };

/** None is offered yet. */
export function createFaxOffers(parts: FaxOffersParts): FaxOffers {
  const { sessions, passed } = parts;

  return {
    take(side, session, request, reply, fax) {
      const to = OTHER_SIDE[side];
      const other = sessions.session(to);
      const theirs = other?.fax() ?? null;
      const accept = (parameters: T38Parameters): void => {
        const { sdp, media } = session.answerFax(fax, parameters);
        parts.media(side, media);
        parts.answer(side, request, reply, sdp);
      };
      if (session.fax() !== null && theirs !== null) {
        accept(theirs.parameters);
      } else if (!parts.coupled() || other === null || !mayFax(other) || parts.dialog(to) === null) {
        reply.send(488, undefined, { headers: { Warning: warningOf(NO_FAX) } });
      } else if (passed.isOpen(to)) {
        reply.send(491, undefined, {});
      } else {
        passed.pass(side, request, reply, {
          offer: () => other.offerFax(fax.parameters),
          take: (result) => takeAnswer(to, result),
          accept: () => accept(other.fax()?.parameters ?? fax.parameters),
        });
      }
    },
  };

  function takeAnswer(side: Side, result: QueuedAnswer): boolean {
    const session = sessions.session(side);
    const fax = session?.readFax(result.response.body ?? '') ?? null;
    if (session !== null && fax !== null) parts.media(side, session.takeFax(fax));
    result.acknowledge();
    parts.answered(side, result.response);
    return fax !== null;
  }
}

function mayFax(session: LegSession): boolean {
  const peer = session.peer();
  return peer !== null && !isSecure(peer.profile);
}
