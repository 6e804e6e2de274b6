import { isIP } from 'node:net';
import { uriOf } from '../sip/message/name-addr.ts';
import {
  type HeaderField,
  header,
  headerValue,
  listValues,
  type SipRequest,
  type SipResponse,
} from '../sip/message/sip-message.ts';
import { DEFAULT_SIP_PORT, parseSipUri } from '../sip/message/uri.ts';
import type { Hop } from '../sip/transaction/hop.ts';

/** One side of a dialog (RFC 3261 §12): what its next request is made of. */
export type PeerDialog = {
  readonly callId: string;
  /** From of our requests, with our tag. */
  readonly localParty: string;
  /** To of our requests, with the peer's tag. */
  readonly remoteParty: string;
  readonly routeSet: readonly string[];
  readonly remoteTarget: string;
  /** Where the other side's last message came from: used when its URI is no address. */
  readonly source: Hop;
  /** CSeq number of our last request. */
  localSequence: number;
};

/** The dialog of an INVITE we answer (§12.1.1); `to` is the To of our response, with our tag. */
export function dialogOfServer(invite: SipRequest, to: string, source: Hop): PeerDialog {
  return {
    callId: headerValue(invite, 'call-id') ?? '',
    localParty: to,
    remoteParty: headerValue(invite, 'from') ?? '',
    routeSet: listValues(invite, 'record-route'),
    remoteTarget: uriOf(headerValue(invite, 'contact') ?? ''),
    source,
    localSequence: 0,
  };
}

/** The dialog of our INVITE and the response that makes it (§12.1.2). */
export function dialogOfClient(invite: SipRequest, response: SipResponse, source: Hop): PeerDialog {
  return {
    callId: headerValue(invite, 'call-id') ?? '',
    localParty: headerValue(invite, 'from') ?? '',
    remoteParty: headerValue(response, 'to') ?? '',
    routeSet: listValues(response, 'record-route').reverse(),
    remoteTarget: uriOf(headerValue(response, 'contact') ?? '') || invite.uri,
    source,
    localSequence: Number.parseInt(headerValue(invite, 'cseq') ?? '0', 10),
  };
}

/** The next request in a dialog (§12.2.1.1), without Via. */
export function nextRequest(
  dialog: PeerDialog,
  method: string,
  extra: readonly HeaderField[] = [],
  body = '',
): SipRequest {
  dialog.localSequence++;
  return withinDialog(dialog, method, dialog.localSequence, extra, body);
}

/** The ACK of a 2xx (§13.2.2.4), without Via. */
export function ackOfAnswer(dialog: PeerDialog, inviteSequence: number): SipRequest {
  return withinDialog(dialog, 'ACK', inviteSequence, [], '');
}

/** Where the dialog's requests go: the first route, else the remote target (§8.1.2). */
export function hopOf(dialog: PeerDialog): Hop {
  const [firstRoute] = dialog.routeSet;
  const uri = parseSipUri(firstRoute === undefined ? dialog.remoteTarget : uriOf(firstRoute));
  if (uri === null || isIP(uri.host) === 0) return dialog.source;
  return { protocol: 'udp', address: uri.host, port: uri.port ?? DEFAULT_SIP_PORT };
}

function withinDialog(
  dialog: PeerDialog,
  method: string,
  sequence: number,
  extra: readonly HeaderField[],
  body: string,
): SipRequest {
  return {
    kind: 'request',
    method,
    uri: dialog.remoteTarget,
    headers: [
      ...dialog.routeSet.map((route) => header('Route', route)),
      header('Max-Forwards', '70'),
      header('From', dialog.localParty),
      header('To', dialog.remoteParty),
      header('Call-ID', dialog.callId),
      header('CSeq', `${sequence} ${method}`),
      ...extra,
    ],
    body,
  };
}
