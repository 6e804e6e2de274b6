import type { Timer } from '../../base/clock.ts';
import type { Essentials } from '../message/essentials.ts';
import { uriOf, withoutTag, withTag } from '../message/name-addr.ts';
import {
  type HeaderField,
  header,
  headerValue,
  listValues,
  type SipRequest,
  type SipResponse,
} from '../message/sip-message.ts';
import { DEFAULT_SIP_PORT, isUri, parseSipUri } from '../message/uri.ts';
import { type Hop, isReliable } from '../transaction/hop.ts';
import type { RequestCourse } from '../transaction/request-course.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Application } from './application.ts';
import type { ClientCallUser } from './client-calls.ts';
import type { ReliableReceipt } from './reliable-receipt.ts';
import type { ReliableSending } from './reliable-responses.ts';
import { route } from './route-set.ts';
import type { Session } from './session-timers.ts';

/** A request of the network that an application is to answer. */
export type ServerCall = {
  /** Under which the application's response finds it: the transaction id, with CSeq for a companion of an INVITE. */
  readonly key: string;
  /** What the application calls it: of its own, or the INVITE's for a PRACK or UPDATE before the answer. */
  readonly transactionId: string;
  readonly transaction: ServerTransaction;
  readonly app: Application;
  /** The dialog it belongs to or makes; '' for none. */
  readonly dialogId: string;
  /** The dialog it came in, or the one that its first 1xx or 2xx made. */
  dialog: Dialog | null;
  /** Our To tag when it came outside a dialog, fixed by the first response (RFC 3261 §8.2.6.2). */
  toTag: string | null;
  /** A response with a session description went out: an offer of this request has its answer. */
  hasDescription: boolean;
  /** Our 2xx that waits for the PRACK of a session description before it (RFC 3262 §3). */
  heldAnswer: (() => void) | null;
  watchdog: Timer | null;
};

/** A request of an application. */
export type ClientCall = {
  readonly transactionId: string;
  readonly transaction: RequestCourse;
  readonly app: Application;
  readonly method: string;
  readonly dialogId: string;
  /** The dialog it was sent in; null outside. */
  readonly dialog: Dialog | null;
  readonly user: ClientCallUser;
  /** Early dialogs that its responses made, by the peer's tag: one for each fork (RFC 3261 §12.1.2). */
  forks: Map<string, Dialog> | null;
  /** The fork whose provisional response the application heard last. */
  latestFork: Dialog | null;
  /** Whose 2xx answered this INVITE, and the ACK it got: the transaction outlives the dialog. */
  answerTag: string | null;
  sentAck: SentAck | null;
  hasProvisional: boolean;
  /** Wanted by the application or by Timer C; sent once a provisional response is in (§9.1). */
  cancel: { readonly extra: readonly HeaderField[]; isSent: boolean } | null;
  /** Timer C, then the wait for the answer to our CANCEL. */
  timer: Timer | null;
  isEnded: boolean;
};

/** Our 2xx to an INVITE, repeated until its ACK is in (RFC 3261 §13.3.1.4). */
export type UnackedAnswer = {
  readonly call: ServerCall;
  readonly cseqNumber: number;
  readonly isInitial: boolean;
  /** It carried an offer, since the INVITE had none: the ACK brings the answer. */
  readonly isOffer: boolean;
  timer: Timer | null;
};

/** An ACK of a 2xx as it went out, to go out again with every repetition of the 2xx (RFC 3261 §13.2.2.4). */
export type SentAck = {
  readonly cseqNumber: number;
  readonly octets: Buffer;
  /** Null while the name of the next hop is being looked up. */
  hop: Hop | null;
};

/** A dialog (RFC 3261 §12). Its texts are octet text; `local` is us. */
export type Dialog = {
  /** `<Call-ID>;from-tag=<tag of the first INVITE's From>`, whoever sent it. */
  readonly id: string;
  readonly role: 'uas' | 'uac';
  /** Who hears of it; another one once this one is gone and the other has spoken in the dialog. */
  app: Application;
  readonly callId: string;
  /** From or To value without its tag. */
  readonly localParty: string;
  readonly localTag: string;
  readonly remoteParty: string;
  readonly remoteTag: string;
  routeSet: readonly string[];
  state: 'early' | 'confirmed' | 'ended';
  localContact: string;
  remoteTarget: string;
  /** Where the peer really is, when nobody recorded a route: its Contact lies behind a NAT, or a connection leads there. */
  natHop: Hop | null;
  localSeq: number;
  /** CSeq of the peer's last request. */
  remoteSeq: number;
  remoteMethod: string;
  /** An INVITE of the peer without final response. */
  serverInvite: ServerCall | null;
  /** An INVITE of ours without final response. */
  clientInvite: ClientCall | null;
  /** An UPDATE of the peer without final response. */
  serverUpdate: ServerCall | null;
  /** An UPDATE of ours without final response. */
  clientUpdate: ClientCall | null;
  /** Our reliable provisional responses (RFC 3262 §3). */
  reliableSending: ReliableSending | null;
  /** The peer's reliable provisional responses (RFC 3262 §4). */
  reliableReceipt: ReliableReceipt | null;
  /** The peer's provisional response brought a session description. */
  hasEarlyDescription: boolean;
  /** Our 2xx that waits for its ACK. */
  answer: UnackedAnswer | null;
  /** A 2xx of the peer that waits for the application's ACK. */
  unacked: ClientCall | null;
  /** Ends a dialog whose 2xx the application never acknowledged. */
  unackedTimer: Timer | null;
  sentAck: SentAck | null;
  /** The last session description that we sent; '' for none, or for one that is no SDP. */
  localDescription: string;
  /** Its session timer (RFC 4028); null when it has none. */
  session: Session | null;
  /** The peer's last Allow has UPDATE. */
  peerAllowsUpdate: boolean;
  /** Our BYE is on its way: nothing else is sent or taken here any more. */
  isEnding: boolean;
  /** What to do once the ACK of our 2xx is in: the BYE that may not overtake it (§15). */
  heldBye: (() => void) | null;
};

/** The dialog id of the control protocol. */
export function dialogIdOf(callId: string, fromTag: string): string {
  return `${callId};from-tag=${fromTag}`;
}

/** The key under which requests from the network find their dialog (RFC 3261 §12). */
export function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`;
}

const FRESH = {
  serverInvite: null,
  clientInvite: null,
  serverUpdate: null,
  clientUpdate: null,
  reliableSending: null,
  reliableReceipt: null,
  hasEarlyDescription: false,
  answer: null,
  unacked: null,
  unackedTimer: null,
  sentAck: null,
  localDescription: '',
  session: null,
  peerAllowsUpdate: false,
  isEnding: false,
  heldBye: null,
} as const;

/** The dialog that our first response with a To tag makes (RFC 3261 §12.1.1). */
export function dialogOfServer(call: ServerCall, localTag: string, localContact: string): Dialog {
  const { request, essentials, source } = call.transaction;
  const contact = headerValue(request, 'contact');
  const routeSet = listValues(request, 'record-route');
  return {
    ...FRESH,
    id: call.dialogId,
    role: 'uas',
    app: call.app,
    callId: essentials.callId,
    localParty: withoutTag(headerValue(request, 'to') ?? ''),
    localTag,
    remoteParty: withoutTag(headerValue(request, 'from') ?? ''),
    remoteTag: essentials.fromTag ?? '',
    routeSet,
    state: 'early',
    localContact,
    remoteTarget: uriOf(contact ?? ''),
    natHop: natHop(routeSet, contact, source),
    localSeq: 0,
    remoteSeq: essentials.cseq.number,
    remoteMethod: essentials.cseq.method,
  };
}

/** The dialog that a response with a To tag makes on our side (RFC 3261 §12.1.2). */
export function dialogOfClient(call: ClientCall, response: SipResponse, essentials: Essentials, source: Hop): Dialog {
  const { request } = call.transaction;
  const contact = headerValue(response, 'contact');
  const routeSet = listValues(response, 'record-route').reverse();
  return {
    ...FRESH,
    id: call.dialogId,
    role: 'uac',
    app: call.app,
    callId: essentials.callId,
    localParty: withoutTag(headerValue(request, 'from') ?? ''),
    localTag: essentials.fromTag ?? '',
    remoteParty: withoutTag(headerValue(response, 'to') ?? ''),
    remoteTag: essentials.toTag ?? '',
    routeSet,
    state: 'early',
    localContact: headerValue(request, 'contact') ?? '',
    // A 2xx without Contact breaks §12.1.1; the INVITE's own URI and the sender's address still end the call.
    remoteTarget: isUri(uriOf(contact ?? '')) ? uriOf(contact ?? '') : request.uri,
    natHop: natHop(routeSet, contact, source),
    localSeq: essentials.cseq.number,
    remoteSeq: 0,
    remoteMethod: '',
  };
}

/** Takes route set and target from the 2xx, whatever a 1xx of the same fork said (RFC 3261 §13.2.2.4). */
export function rerouteByAnswer(dialog: Dialog, response: SipResponse, source: Hop): void {
  const contact = headerValue(response, 'contact');
  dialog.routeSet = listValues(response, 'record-route').reverse();
  if (isUri(uriOf(contact ?? ''))) dialog.remoteTarget = uriOf(contact ?? '');
  dialog.natHop = natHop(dialog.routeSet, contact, source);
}

/** Takes the peer's new Contact from a target refresh request or its 2xx (RFC 3261 §12.2). */
export function refreshTarget(dialog: Dialog, message: SipRequest | SipResponse, source: Hop): void {
  const contact = headerValue(message, 'contact');
  if (contact === undefined || !isUri(uriOf(contact))) return;
  dialog.remoteTarget = uriOf(contact);
  dialog.natHop = natHop(dialog.routeSet, contact, source);
}

/** Keeps the session description that went out in this dialog: what a refresh offers again. */
export function rememberDescription(dialog: Dialog, body: string): void {
  if (body.startsWith('v=0')) dialog.localDescription = body;
}

/** Headers inside a dialog that are the dialog's, not the application's. */
const DIALOG_HEADERS = new Set([
  'via',
  'route',
  'record-route',
  'rseq',
  'content-length',
  'from',
  'to',
  'call-id',
  'cseq',
]);

/** A request inside the dialog, without Via (RFC 3261 §12.2.1.1). */
export function requestWithin(
  dialog: Dialog,
  method: string,
  cseqNumber: number,
  extra: readonly HeaderField[],
  body: string,
): SipRequest {
  const { requestUri, routes } = route(dialog.remoteTarget, dialog.routeSet);
  const headers: HeaderField[] = routes.map((value) => header('Route', value));
  headers.push(
    header('From', withTag(dialog.localParty, dialog.localTag)),
    header('To', dialog.remoteTag === '' ? dialog.remoteParty : withTag(dialog.remoteParty, dialog.remoteTag)),
    header('Call-ID', dialog.callId),
    header('CSeq', `${cseqNumber} ${method}`),
  );
  for (const field of extra) if (!DIALOG_HEADERS.has(field.key)) headers.push(field);
  return { kind: 'request', method, uri: requestUri, headers, body };
}

/** The number of our next request. The first of a server's dialog is arbitrary (§12.2.1.1). */
export function nextCSeq(dialog: Dialog): number {
  dialog.localSeq++;
  return dialog.localSeq;
}

function natHop(routeSet: readonly string[], contact: string | undefined, source: Hop): Hop | null {
  if (routeSet.length > 0) return null;
  // The way a connection leads back is open; a new one to its Contact may not be (RFC 5923 §1).
  if (isReliable(source)) return source;
  const uri = contact === undefined ? null : parseSipUri(uriOf(contact));
  if (uri === null) return source;
  return uri.host === source.address && (uri.port ?? DEFAULT_SIP_PORT) === source.port ? null : source;
}
