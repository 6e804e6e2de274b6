/** What the journal must know of a dialog so that another process can end it (RFC 3261 §12.1). */
import type { DialogRecord } from '../guard/journal.ts';
import type { SipDialog, SipMessage, SipRequest, SipResponse } from './drachtio-srf.ts';
import { splitAddresses, withoutTag } from './sip-uri.ts';

/** The dialog with the carrier, from the INVITE we sent and the 2xx that answered it (§12.1.2). */
export function uacDialogRecord(dialog: SipDialog, request: SipRequest, answer: SipResponse): DialogRecord {
  return {
    drachtioDialogId: dialog.id,
    callId: dialog.sip.callId,
    localUri: withoutTag(mandatory(request, 'from')),
    localTag: dialog.sip.localTag,
    remoteUri: withoutTag(mandatory(answer, 'to')),
    remoteTag: dialog.sip.remoteTag,
    remoteTarget: contactOf(answer),
    // The UAC's route set is the Record-Route in reverse order.
    routeSet: routeSetOf(answer).reverse(),
    localCseq: Number.parseInt(mandatory(request, 'cseq'), 10) || 0,
    peer: peerOf(answer),
  };
}

/** The dialog with the dialer, from its INVITE and the tag of our 2xx (§12.1.1). */
export function uasDialogRecord(dialog: SipDialog, request: SipRequest): DialogRecord {
  return {
    drachtioDialogId: dialog.id,
    callId: dialog.sip.callId,
    localUri: withoutTag(mandatory(request, 'to')),
    localTag: dialog.sip.localTag,
    remoteUri: withoutTag(mandatory(request, 'from')),
    remoteTag: dialog.sip.remoteTag,
    remoteTarget: contactOf(request),
    routeSet: routeSetOf(request),
    localCseq: 0,
    peer: peerOf(request),
  };
}

function contactOf(message: SipMessage): string {
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
