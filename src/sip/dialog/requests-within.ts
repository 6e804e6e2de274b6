import { addMs } from '../../base/clock.ts';
import { serializeMessage } from '../message/serialize-message.ts';
import { type HeaderField, header, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import type { Hop } from '../transaction/hop.ts';
import { timeoutMs } from '../transaction/sip-timers.ts';
import type { AnswerAcknowledgement } from './answer-acknowledgement.ts';
import { appHeaders, missingContentType, selfFacing, withSoftwareName } from './app-headers.ts';
import { type Application, REFUSAL, refusal, type SendOutcome } from './application.ts';
import { cdrReasonOf } from './cdr.ts';
import { type ClientCalls, type ClientCallUser, sentRequest } from './client-calls.ts';
import {
  type ClientCall,
  type Dialog,
  nextCSeq,
  refreshTarget,
  rememberDescription,
  requestWithin,
  type ServerCall,
} from './dialog.ts';
import { contactOf } from './faces.ts';
import { invalidUri, METHODS } from './initial-request.ts';
import type { InviteCancellation } from './invite-cancellation.ts';
import type { DialogHooks, InviteResponses } from './invite-responses.ts';
import { firstHop, type Location, locateWithin, NOWHERE } from './location.ts';
import { dialogOfPrack, namedDialog } from './named-dialog.ts';
import { offerInFlight } from './offer-in-flight.ts';
import type { ServerCalls } from './server-calls.ts';
import { reasonHeader } from './unwanted-answer.ts';
import { NOBODY, type UserAgentContext } from './user-agent-context.ts';

/** Requests that we send inside dialogs, the application's and the engine's own (RFC 3261 §12.2.1, §15). */
export type RequestsWithin = {
  /** The application's request in the dialog of that id. */
  request(app: Application, dialogId: string, message: SipRequest): SendOutcome;
  /** A request on the engine's own account; false at the limit of transactions. */
  sendOwn(dialog: Dialog, method: string, headers: readonly HeaderField[], body: string, user: ClientCallUser): boolean;
  /** Whether another request is on its way that an INVITE must not meet. */
  isGlare(dialog: Dialog, method: 'INVITE'): boolean;
  /** A BYE on the engine's own account; the application hears of it when `isTold`. */
  bye(dialog: Dialog, reason: string, isTold: boolean): void;
  /** Tells the application that a call it believes to be up is none: a BYE that never was on the wire. */
  tellEnded(dialog: Dialog, reason: string): void;
};

/** Requests whose Contact moves the remote target (RFC 3261 §12.2, RFC 3311, RFC 6665, RFC 3515). */
const TARGET_REFRESH = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'REFER']);

/** Makes the sender of requests inside dialogs. */
export function createRequestsWithin(
  context: UserAgentContext,
  calls: ClientCalls,
  acks: AnswerAcknowledgement,
  cancellation: InviteCancellation,
  invites: InviteResponses,
  serverCalls: ServerCalls,
  hooks: DialogHooks,
): RequestsWithin {
  const { clock, dialogs } = context;

  const onFinal = (call: ClientCall, status: number) => {
    if (call.method !== 'BYE' || call.dialog === null) return;
    if (status !== 401 && status !== 407) dialogs.remove(call.dialog);
    else awaitCredentials(call.dialog);
  };

  /** The BYE was challenged: the dialog stays for one with credentials, but not for ever. */
  const awaitCredentials = (dialog: Dialog) => {
    dialog.isEnding = false;
    clock.setTimer(addMs(clock.monotonicMs(), timeoutMs(context.timers)), () => {
      if (!dialog.isEnding) dialogs.remove(dialog);
    });
  };

  const onSuccess = (call: ClientCall, dialog: Dialog, response: SipResponse, source: Hop) => {
    if (TARGET_REFRESH.has(call.method)) refreshTarget(dialog, response, source);
    if (call.method !== 'UPDATE') return;
    rememberDescription(dialog, call.transaction.request.body);
    hooks.onTheirAnswer(dialog, response);
  };

  const inviteUser: ClientCallUser = { onResponse: invites.onResponse, onFinal };
  const otherUser: ClientCallUser = {
    onResponse(call, response, _essentials, source) {
      const { status } = response;
      if (call.isEnded || status === 100) return;
      if (status >= 200) {
        calls.end(call);
        if (call.dialog !== null && status < 300) onSuccess(call, call.dialog, response, source);
        onFinal(call, status);
        call.transaction.release();
      }
      call.app.deliverResponse(call.transactionId, call.dialogId, response, source);
    },
    onFinal,
  };

  /** One INVITE at a time in a dialog (RFC 3261 §14.1), and one offer (RFC 3264 §4, RFC 3311 §5.1). */
  const meetsAnother = (dialog: Dialog, method: string, body: string): boolean => {
    if (method === 'INVITE') {
      // The ACK that the application owes for the one before would go to this one.
      const isOpen = dialog.clientInvite !== null || dialog.serverInvite !== null || dialog.unacked !== null;
      return isOpen || offerInFlight(dialog, dialogs) !== null;
    }
    return method === 'UPDATE' && body !== '' && offerInFlight(dialog, dialogs) !== null;
  };

  /** Answers a request that does not go out; after its receipt, not before. */
  const answerUnsent = (call: ClientCall, status: number) =>
    clock.setTimer(clock.monotonicMs(), () => {
      call.transaction.abandon();
      calls.synthesize(call, status);
    });

  /** A BYE after a 2xx that still waits for its PRACK: neither goes out, the INVITE ends with 480. */
  const hangUpUnsent = (app: Application, dialog: Dialog, invite: ServerCall): SendOutcome => {
    const built = requestWithin(dialog, 'BYE', nextCSeq(dialog), [], '');
    const call = calls.track(app, built, locateWithin(context, dialog), dialog.id, dialog, otherUser);
    if (call === null) return refusal(REFUSAL.limit);
    serverCalls.finish(invite, 480);
    answerUnsent(call, 200);
    return sentRequest(call);
  };

  const send = (
    dialog: Dialog,
    location: Location,
    app: Application,
    method: string,
    headers: readonly HeaderField[],
    body: string,
    user: ClientCallUser = method === 'INVITE' ? inviteUser : otherUser,
  ): ClientCall | null => {
    const built = requestWithin(dialog, method, nextCSeq(dialog), headers, body);
    const isInvite = method === 'INVITE';
    const isGlare = meetsAnother(dialog, method, body);
    const call = calls.track(app, built, location, dialog.id, dialog, user);
    if (call === null) return null;
    if (isGlare) {
      // It could only be refused by the peer; the application is told the same.
      answerUnsent(call, 491);
      return call;
    }
    const go = () => calls.launch(call, location);
    if (method === 'UPDATE') dialog.clientUpdate = call;
    if (isInvite) {
      dialog.clientInvite = call;
      dialog.hasEarlyDescription = false;
      cancellation.startTimerC(call);
    }
    if (method === 'BYE') {
      if (dialog.state === 'confirmed') context.cdr.stop('application', 'normal-release', call.transaction.request);
      dialog.isEnding = true;
      // Whatever the peer still waits for ends with the dialog.
      if (dialog.serverInvite !== null) serverCalls.finish(dialog.serverInvite, 487);
      if (dialog.unacked !== null) acks.acknowledge(dialog, dialog.unacked, [], '');
      // Our re-INVITE would outlive its dialog: it is cancelled first.
      if (dialog.clientInvite !== null) cancellation.want(dialog.clientInvite, []);
      // A BYE must not overtake the ACK of our own 2xx (RFC 3261 §15).
      if (dialog.answer !== null) {
        const earlier = dialog.heldBye;
        dialog.heldBye = () => {
          earlier?.();
          go();
        };
        return call;
      }
    }
    go();
    return call;
  };

  return {
    sendOwn: (dialog, method, headers, body, user) =>
      send(
        dialog,
        locateWithin(context, dialog),
        NOBODY,
        method,
        withSoftwareName(headers, context.userAgent),
        body,
        user,
      ) !== null,
    isGlare: (dialog, method) => meetsAnother(dialog, method, ''),

    request(app, dialogId, message) {
      const isPrack = message.method === 'PRACK';
      const dialog = isPrack ? dialogOfPrack(dialogs, dialogId, message) : namedDialog(dialogs, dialogId, message);
      if (dialog === null || dialog.isEnding) {
        const invite = message.method === 'BYE' ? dialogs.pendingInvites.get(dialogId) : undefined;
        if (invite === undefined || invite.heldAnswer === null || invite.dialog === null) {
          return refusal(REFUSAL.unknownDialog);
        }
        return hangUpUnsent(app, invite.dialog, invite);
      }
      // Another connection speaks for a call whose application has gone: from now on it is its own.
      if (dialog.app !== app && dialog.app.isGone()) dialog.app = app;
      if (!isPrack && !METHODS.has(message.method)) return refusal(invalidUri(message));
      const location = locateWithin(context, dialog);
      const self = selfFacing(context.faces, firstHop(location));
      const headers = appHeaders(message, self);
      const contentType = missingContentType(headers, message.body);
      if (contentType === 'unknown') return refusal(REFUSAL.missingContentTypeInDialog);
      if (contentType !== null) headers.push(contentType);
      if (TARGET_REFRESH.has(message.method)) {
        const contact = headers.find((field) => field.key === 'contact');
        if (contact === undefined)
          headers.push(header('Contact', dialog.localContact || contactOf(self.listener, dialog.remoteTarget)));
        else dialog.localContact = contact.value;
      }
      if (message.method === 'INVITE' || message.method === 'UPDATE') askForSession(dialog, headers);
      const receipt = dialog.reliableReceipt;
      if (isPrack && receipt !== null) {
        if (!headers.some((field) => field.key === 'rack')) {
          headers.push(header('RAck', `${receipt.rseq} ${receipt.cseqNumber} INVITE`));
        }
      }
      const named = withSoftwareName(headers, context.userAgent);
      const call = send(dialog, location, app, message.method, named, message.body);
      if (call === null) return refusal(REFUSAL.limit);
      if (isPrack && receipt !== null) dialog.reliableReceipt = { ...receipt, isUnacknowledged: false };
      return sentRequest(call);
    },

    bye(dialog, reason, isTold) {
      // A BYE on the wire is enough; one that is held goes now.
      if (dialog.state === 'ended' || (dialog.isEnding && dialog.heldBye === null)) return;
      if (dialog.unacked !== null) acks.acknowledge(dialog, dialog.unacked, [], '');
      if (dialog.clientInvite !== null) cancellation.want(dialog.clientInvite, []);
      const isHeld = dialog.heldBye !== null;
      dialogs.remove(dialog);
      if (isHeld) return;
      const call = send(dialog, locateWithin(context, dialog), NOBODY, 'BYE', [reasonHeader(reason)], '');
      if (call === null) return;
      context.cdr.stop('application', cdrReasonOf(reason), call.transaction.request);
      if (isTold) {
        dialog.app.deliverUnsolicited(dialog.id, call.transaction.text, call.transaction.hop ?? NOWHERE);
      }
    },

    tellEnded(dialog, reason) {
      const built = requestWithin(dialog, 'BYE', nextCSeq(dialog), [reasonHeader(reason)], '');
      const hop = firstHop(locateWithin(context, dialog));
      const text = serializeMessage(context.layer.withNewVia(built, hop));
      dialog.app.deliverUnsolicited(dialog.id, text, NOWHERE);
    },
  };
}

/** A refresh by the application keeps the session's terms where it says nothing else (RFC 4028 §7.1). */
function askForSession(dialog: Dialog, headers: HeaderField[]): void {
  const { session } = dialog;
  if (session === null || headers.some((field) => field.key === 'session-expires')) return;
  const refresher = session.terms.refresher === 'us' ? 'uac' : 'uas';
  headers.push(header('Session-Expires', `${session.terms.intervalS};refresher=${refresher}`));
  if (!headers.some((field) => field.key === 'supported' && /\btimer\b/i.test(field.value))) {
    headers.push(header('Supported', 'timer'));
  }
}
