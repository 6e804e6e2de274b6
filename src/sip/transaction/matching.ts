import type { Essentials } from '../message/essentials.ts';
import { headerValue, type SipRequest } from '../message/sip-message.ts';
import { MAGIC_COOKIE } from '../message/via.ts';

/**
 * Which transaction a message belongs to (RFC 3261 §17.1.3, §17.2.3), as a text that equals for the same transaction.
 */

/** The key of a client transaction: our branch and the method of CSeq (§17.1.3). */
export function clientKey(branch: string, method: string): string {
  return `${branch} ${method}`;
}

/**
 * The key of the server transaction a request starts or belongs to (§17.2.3). ACK and CANCEL are looked up with
 * `method` INVITE. Peers of RFC 2543 make no unique branch: theirs is told by everything else that must be equal.
 */
export function serverKey(request: SipRequest, essentials: Essentials, method = request.method): string {
  const { via } = essentials;
  const sentBy = `${via.host}:${via.port ?? ''}`;
  if (via.branch.startsWith(MAGIC_COOKIE) && via.branch.length > MAGIC_COOKIE.length) {
    return `${via.branch} ${sentBy} ${method}`;
  }
  const from = essentials.fromTag ?? headerValue(request, 'from') ?? '';
  // No To tag in the key: the ACK carries the one of our response, the INVITE none.
  return `rfc2543 ${request.uri} ${essentials.callId} ${from} ${essentials.cseq.number} ${sentBy} ${method}`;
}

/**
 * What a request outside dialogs has in common with itself over another path: From tag, Call-ID and CSeq (§8.2.2.2). '' for
 * one inside a dialog, and for one of RFC 2543 without From tag.
 */
export function identityOf(request: SipRequest, essentials: Essentials): string {
  if (essentials.toTag !== null || essentials.fromTag === null) return '';
  return `${essentials.callId} ${essentials.fromTag} ${essentials.cseq.number} ${request.method}`;
}
