import { type HeaderField, header, headerValue, type SipRequest, type SipResponse } from '../message/sip-message.ts';

/** The requests that a client INVITE transaction derives from its INVITE: ACK of a failure, and CANCEL. */

/** Headers copied from the INVITE: its only Via (same branch), the route it took, and who speaks to whom. */
const COPIED = new Set(['via', 'route', 'max-forwards', 'from', 'call-id']);

/** The ACK to a non-2xx final response: the INVITE's Via, route and identity, the response's To (RFC 3261 §17.1.1.3). */
export function ackOfFailure(invite: SipRequest, response: SipResponse): SipRequest {
  return derived(invite, 'ACK', headerValue(response, 'to') ?? headerValue(invite, 'to') ?? '', []);
}

/** The CANCEL of an INVITE, with extra headers such as Reason (RFC 3261 §9.1). */
export function cancelOf(invite: SipRequest, extra: readonly HeaderField[]): SipRequest {
  return derived(invite, 'CANCEL', headerValue(invite, 'to') ?? '', extra);
}

function derived(invite: SipRequest, method: string, to: string, extra: readonly HeaderField[]): SipRequest {
  const number = Number.parseInt(headerValue(invite, 'cseq') ?? '', 10);
  const headers = invite.headers.filter((field) => COPIED.has(field.key));
  headers.push(header('To', to), header('CSeq', `${number} ${method}`), ...extra);
  return { kind: 'request', method, uri: invite.uri, headers, body: '' };
}
