import { responseTo } from '../message/build-response.ts';
import type { Essentials } from '../message/essentials.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import type { Hop } from '../transaction/hop.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { createAnswerRepetition } from './answer-repetition.ts';
import { createAppResponses } from './app-responses.ts';
import type { Application, SendOutcome } from './application.ts';
import { createReliableResponses } from './reliable-responses.ts';
import { createRequestsInside } from './requests-inside.ts';
import { createRequestsOutside } from './requests-outside.ts';
import type { ServerCalls } from './server-calls.ts';
import type { UserAgentClient } from './user-agent-client.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** The server side: what the network asks, and what applications answer. */
export type UserAgentServer = {
  onRequest(transaction: ServerTransaction): void;
  onCancel(cancel: ServerTransaction, invite: ServerTransaction | null): void;
  onAck(ack: SipRequest, essentials: Essentials, source: Hop): void;
  /** The application's response. */
  respond(transactionId: string, message: SipResponse): SendOutcome;
  /** Answers for an application that cannot any more. */
  onAppGone(app: Application): void;
};

/** Makes the server side; it ends dialogs through the client side. */
export function createUserAgentServer(
  context: UserAgentContext,
  calls: ServerCalls,
  client: UserAgentClient,
): UserAgentServer {
  const { newToken } = context;
  const answers = createAnswerRepetition(context, client.bye);
  const outside = createRequestsOutside(context, calls);
  const reliables = createReliableResponses(context, (call) => {
    const { dialog } = call;
    const wasAnswered = call.heldAnswer !== null;
    calls.giveUp(call, 504, 'PRACK timeout');
    if (wasAnswered && dialog !== null) client.tellEnded(dialog, 'PRACK timeout');
  });
  const inside = createRequestsInside(context, calls, reliables, client);
  const responses = createAppResponses(context, calls, answers, reliables, client.sessions);

  return {
    onRequest(transaction) {
      const { essentials } = transaction;
      if (essentials.toTag !== null) inside.receive(transaction, essentials.toTag);
      else outside.receive(transaction);
    },

    onCancel(cancel, invite) {
      const call = invite === null ? undefined : calls.of(invite);
      if (call === undefined) {
        // No INVITE, or one that has its final response: a CANCEL changes nothing then (RFC 3261 §9.2).
        calls.refuse(cancel, 481);
        return;
      }
      const { request, source } = cancel;
      call.toTag ??= newToken();
      cancel.respond(responseTo(request, 200, { toTag: call.toTag }));
      cancel.release();
      const { dialog } = call;
      const wasAnswered = call.heldAnswer !== null;
      calls.finish(call, 487);
      call.app.deliverInDialog(call.transactionId, dialog === null ? '' : call.dialogId, request, source);
      if (wasAnswered && dialog !== null) client.tellEnded(dialog, 'cancelled');
    },

    onAck: answers.onAck,
    respond: responses.respond,

    onAppGone: calls.onAppGone,
  };
}
