import type { Essentials } from '../message/essentials.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import type { Hop } from '../transaction/hop.ts';
import { createAnswerAcknowledgement } from './answer-acknowledgement.ts';
import { selfFacing, withSoftwareName } from './app-headers.ts';
import { type Application, REFUSAL, refusal, type SendOutcome } from './application.ts';
import { type ClientCallUser, createClientCalls, sentRequest } from './client-calls.ts';
import type { Dialog } from './dialog.ts';
import { destinationOf, initialRequest, invalidUri } from './initial-request.ts';
import { createInviteCancellation } from './invite-cancellation.ts';
import { createInviteResponses, type DialogHooks } from './invite-responses.ts';
import { firstHop } from './location.ts';
import { createRequestsWithin } from './requests-within.ts';
import type { ServerCalls } from './server-calls.ts';
import { createSessionTimers, type SessionTimers } from './session-timers.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** The client side: what applications send, and what comes back. */
export type UserAgentClient = {
  readonly sessions: SessionTimers;
  /** A request outside all dialogs; `proxy` is the next hop when it is not ''. */
  request(app: Application, message: SipRequest, proxy: string): SendOutcome;
  requestInDialog(app: Application, dialogId: string, message: SipRequest): SendOutcome;
  /** The application's ACK of a 2xx. */
  ack(dialogId: string, message: SipRequest): SendOutcome;
  cancel(transactionId: string, message: SipRequest): SendOutcome;
  /** A BYE on the engine's own account; the application hears of it when `isTold`. */
  bye(dialog: Dialog, reason: string, isTold: boolean): void;
  /** Tells the application that a call it believes to be up is none. */
  tellEnded(dialog: Dialog, reason: string): void;
  /** A response that matches no transaction. */
  onStrayResponse(response: SipResponse, essentials: Essentials, source: Hop): void;
  /** Cancels what this application has not finished. */
  onAppGone(app: Application): void;
};

/** Makes the client side. */
export function createUserAgentClient(context: UserAgentContext, serverCalls: ServerCalls): UserAgentClient {
  const { dialogs, counters } = context;
  const acks = createAnswerAcknowledgement(context);
  const calls = createClientCalls(context, acks);
  const cancellation = createInviteCancellation(context, calls);
  const hooks: DialogHooks = {
    bye: (...ended) => within.bye(...ended),
    onTheirAnswer: (...answered) => sessions.onTheirAnswer(...answered),
  };
  const invites = createInviteResponses(context, calls, acks, cancellation, hooks);
  const within = createRequestsWithin(context, calls, acks, cancellation, invites, serverCalls, hooks);
  const sessions = createSessionTimers(context, calls, acks, cancellation, within);

  const inviteUser: ClientCallUser = { onResponse: invites.onResponse, onFinal: () => undefined };
  const otherUser: ClientCallUser = {
    onResponse(call, response, _essentials, source) {
      if (call.isEnded || response.status === 100) return;
      if (response.status >= 200) {
        calls.end(call);
        call.transaction.release();
      }
      call.app.deliverResponse(call.transactionId, call.dialogId, response, source);
    },
    onFinal: () => undefined,
  };

  const request = (app: Application, message: SipRequest, proxy: string): SendOutcome => {
    const { nextUri, isRecovery } = destinationOf(message, proxy);
    const location = context.locator.locate(nextUri, isRecovery);
    const hop = firstHop(location);
    const built = initialRequest(message, isRecovery, selfFacing(context.faces, hop), context.newToken);
    if (typeof built === 'string') return refusal(built);
    if (location.kind === 'unreadable') return refusal(invalidUri(message));
    if (location.kind === 'unsupported-scheme') return refusal(REFUSAL.badScheme);
    if (location.kind === 'unsupported-transport') return refusal(REFUSAL.noTransport);
    if (context.isSelf(hop)) return refusal(REFUSAL.toMyself);
    const isInvite = message.method === 'INVITE';
    if (isInvite && dialogs.size() + dialogs.pendingInvites.size >= context.dialogsMax) {
      counters.dialogLimit++;
      return refusal(REFUSAL.limit);
    }
    const named = { ...built.request, headers: withSoftwareName(built.request.headers, context.userAgent) };
    const call = calls.track(app, named, location, built.dialogId, null, isInvite ? inviteUser : otherUser);
    if (call === null) return refusal(REFUSAL.limit);
    if (isInvite) {
      dialogs.pendingClientInvites.set(call.dialogId, call);
      cancellation.startTimerC(call);
    }
    calls.launch(call, location);
    if (isInvite) context.cdr.attempt('application', call.transaction.request);
    return sentRequest(call);
  };

  return {
    sessions,
    request,
    requestInDialog: within.request,
    ack: acks.ack,
    cancel: cancellation.cancel,
    bye: within.bye,
    tellEnded: within.tellEnded,
    onStrayResponse: acks.onStrayResponse,
    onAppGone: cancellation.onAppGone,
  };
}
