/** Whether a request that Brusio sent belongs to the dialog that the peer knows (RFC 3261 §12.2.1.1). */
import { contactUri, cseqNumber, firstOf, type SipMessage, type SipTrace, tagOf } from './sip-trace.ts';

/** The BYE that the dialer received, in the dialog its INVITE made; throws with what does not fit. */
export function byeToDialer(dialer: SipTrace): SipMessage {
  const invite = firstOf(dialer.sent('INVITE'), 'INVITE sent');
  const answer = firstOf(dialer.received(200, 'INVITE'), '200 received');
  const bye = firstOf(dialer.received('BYE'), 'BYE received');
  demand(bye, {
    target: [requestUri(bye), contactUri(invite)],
    'From tag': [tagOf(bye, 'From'), tagOf(answer, 'To')],
    'To tag': [tagOf(bye, 'To'), tagOf(invite, 'From')],
  });
  return bye;
}

/** The BYE that the carrier received, in the dialog of Brusio's INVITE; throws with what does not fit. */
export function byeToCarrier(carrier: SipTrace): SipMessage {
  const invite = firstOf(carrier.received('INVITE'), 'INVITE received');
  const answer = firstOf(carrier.sent(200, 'INVITE'), '200 sent');
  const bye = firstOf(carrier.received('BYE'), 'BYE received');
  demand(bye, {
    target: [requestUri(bye), contactUri(answer)],
    'From tag': [tagOf(bye, 'From'), tagOf(invite, 'From')],
    'To tag': [tagOf(bye, 'To'), tagOf(answer, 'To')],
    'CSeq grows': [cseqNumber(bye) > cseqNumber(invite) ? 'yes' : 'no', 'yes'],
  });
  return bye;
}

function requestUri(request: SipMessage): string | null {
  return request.startLine.split(' ')[1] ?? null;
}

function demand(message: SipMessage, facts: Record<string, readonly [seen: string | null, due: string | null]>): void {
  const wrong = Object.entries(facts).filter(([, [seen, due]]) => seen !== due);
  if (wrong.length === 0) return;
  const told = wrong.map(([name, [seen, due]]) => `${name} is ${seen}, due ${due}`);
  throw new Error(`${message.startLine}: ${told.join('; ')}`);
}
