import { header, type SipRequest } from '../message/sip-message.ts';
import { reasonHeader } from './unwanted-answer.ts';

/**
 * The CANCEL by which an application learns that an INVITE it has not answered is over, where the network sent none: the
 * caller hung up with BYE, or the engine gave up and says why. `request` is the INVITE or that BYE.
 */
export function cancelInsteadOf(request: SipRequest, inviteNumber: number, reason: string | null): SipRequest {
  const headers = request.headers
    .filter((field) => field.key !== 'content-type' && (reason === null || field.key !== 'reason'))
    .map((field) => (field.key === 'cseq' ? header('CSeq', `${inviteNumber} CANCEL`) : field));
  if (reason !== null) headers.push(reasonHeader(reason));
  return { kind: 'request', method: 'CANCEL', uri: request.uri, headers, body: '' };
}
