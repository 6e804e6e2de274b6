import type { Essentials } from '../message/essentials.ts';
import { uriOf } from '../message/name-addr.ts';
import {
  type HeaderField,
  header,
  headerValue,
  listValues,
  type SipRequest,
  type SipResponse,
} from '../message/sip-message.ts';
import { formatHostPort, isUri } from '../message/uri.ts';
import type { Hop } from '../transaction/hop.ts';

/** Why the engine ended a dialog, where drachtio-srf looks for it (RFC 3326). */
export function reasonHeader(text: string): HeaderField {
  return header('Reason', `SIP;cause=200;text="${text}"`);
}

/**
 * ACK and BYE, without Via, for an answer nobody wants: of another fork (RFC 3261 §13.2.2.4), or of an INVITE that an
 * earlier life of this engine sent. Both are built from the 2xx alone, so a repeated 2xx simply gets them again.
 */
export function dismissalOf(
  response: SipResponse,
  essentials: Essentials,
  source: Hop,
  reason: string,
): { readonly ack: SipRequest; readonly bye: SipRequest } {
  const contact = uriOf(headerValue(response, 'contact') ?? '');
  const uri = isUri(contact) ? contact : `sip:${formatHostPort(source.address, source.port)}`;
  const identity = [
    ...listValues(response, 'record-route')
      .reverse()
      .map((value) => header('Route', value)),
    header('From', headerValue(response, 'from') ?? ''),
    header('To', headerValue(response, 'to') ?? ''),
    header('Call-ID', essentials.callId),
  ];
  const build = (method: string, number: number, extra: readonly HeaderField[]): SipRequest => ({
    kind: 'request',
    method,
    uri,
    headers: [...identity, header('CSeq', `${number} ${method}`), ...extra],
    body: '',
  });
  const { number } = essentials.cseq;
  return { ack: build('ACK', number, []), bye: build('BYE', number + 1, [reasonHeader(reason)]) };
}
