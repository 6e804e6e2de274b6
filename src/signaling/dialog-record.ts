/** What the journal must know of a dialog so that another process can end it (RFC 3261 §12.1). */
import type { DialogRecord } from '../guard/journal.ts';
import type { SipMessage, SipRequest, SipResponse } from './drachtio-srf.ts';
import { splitAddresses, tagOf, withoutTag } from './sip-uri.ts';

/**
 * The dialog with the carrier, from the INVITE we sent and the 2xx that answered it (§12.1.2). Throws when that has no
 * Contact which can be read.
 */
export function uacDialogRecord(request: SipRequest, answer: SipResponse): DialogRecord {
  return {
    drachtioDialogId: answer.stackDialogId ?? '',
    callId: mandatory(request, 'call-id'),
    localUri: withoutTag(mandatory(request, 'from')),
    localTag: tagOf(mandatory(request, 'from')),
    remoteUri: withoutTag(mandatory(answer, 'to')),
    remoteTag: tagOf(mandatory(answer, 'to')),
    remoteTarget: targetOf(answer),
    // The UAC's route set is the Record-Route in reverse order.
    routeSet: routeSetOf(answer).reverse(),
    localCseq: Number.parseInt(mandatory(request, 'cseq'), 10) || 0,
    peer: peerOf(answer),
  };
}

/** The dialog with the dialer, from its INVITE and our 2xx as it was sent (§12.1.1). */
export function uasDialogRecord(id: string, request: SipRequest, sent: SipMessage): DialogRecord {
  return {
    drachtioDialogId: id,
    callId: mandatory(request, 'call-id'),
    localUri: withoutTag(mandatory(request, 'to')),
    localTag: tagOf(mandatory(sent, 'to')),
    remoteUri: withoutTag(mandatory(request, 'from')),
    remoteTag: tagOf(mandatory(request, 'from')),
    remoteTarget: targetOf(request),
    routeSet: routeSetOf(request),
    localCseq: 0,
    peer: peerOf(request),
  };
}

/** The URI of a message's Contact, where requests go from then on (§12.2); throws when it has none that can be read. */
export function targetOf(message: SipMessage): string {
  return message.getParsedHeader('contact')[0]?.uri ?? '';
}

function routeSetOf(message: SipMessage): string[] {
  return splitAddresses(message.get('record-route') ?? '');
}

function peerOf(message: SipMessage): string {
  const { source_address: address, source_port: port } = message;
  if (address === '') return '';
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** From, To, CSeq: the engine lets no message through without them. */
function mandatory(message: SipMessage, name: string): string {
  return message.get(name) ?? '';
}
