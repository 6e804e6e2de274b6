import { responseTo } from '../message/build-response.ts';
import { header } from '../message/sip-message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Dialog, ServerCall } from './dialog.ts';
import { offerInFlight } from './offer-in-flight.ts';
import type { ReliableResponses } from './reliable-responses.ts';
import type { ServerCalls } from './server-calls.ts';
import { isTooBrief, SESSION_INTERVAL_MIN_S } from './session-interval.ts';
import { cancelInsteadOf } from './unwanted-invite.ts';
import type { UserAgentClient } from './user-agent-client.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** Requests of the network inside dialogs (RFC 3261 §12.2.2). */
export type RequestsInside = { receive(transaction: ServerTransaction, toTag: string): void };

/** Makes the receiver of requests inside dialogs. */
export function createRequestsInside(
  context: UserAgentContext,
  calls: ServerCalls,
  reliables: ReliableResponses,
  client: UserAgentClient,
): RequestsInside {
  const { dialogs, newToken } = context;

  const onBye = (transaction: ServerTransaction, dialog: Dialog) => {
    const { request, source } = transaction;
    const pending = dialog.serverInvite ?? dialogs.pendingInvites.get(dialog.id) ?? null;
    const wasEarly = dialog.state === 'early';
    if (wasEarly && dialog.role === 'uac') {
      // The called end must not hang up what it has not answered (RFC 3261 §15); it has its final response for that.
      calls.refuse(transaction, 481);
      return;
    }
    if (!wasEarly && !dialog.isEnding) context.cdr.stop('network', 'normal-release', request);
    const wasAnswered = pending !== null && pending.heldAnswer !== null;
    dialogs.remove(dialog);
    const pendingNumber = pending?.transaction.essentials.cseq.number ?? 0;
    // Whatever the peer still waits for ends with the dialog (RFC 3261 §15.1.2).
    if (pending !== null) calls.finish(pending, 487);
    if (!wasEarly || pending === null) {
      const call = calls.track(transaction, dialog.app, dialog.id, null);
      dialog.app.deliverInDialog(call.transactionId, dialog.id, request, source);
      return;
    }
    // A caller that hangs up a ringing call with BYE: the application knows such an end as CANCEL only.
    transaction.respond(responseTo(request, 200));
    transaction.release();
    const cancel = cancelInsteadOf(request, pendingNumber, null);
    pending.app.deliverInDialog(pending.transactionId, dialog.id, cancel, source);
    if (wasAnswered) client.tellEnded(dialog, 'caller hung up');
  };

  /** To be tried again after 0 to 10 s (RFC 3261 §14.2, RFC 3311 §5.2). */
  const refuseForNow = (transaction: ServerTransaction) => {
    const afterS = String(Number.parseInt(newToken().slice(-4), 16) % 11);
    calls.refuse(transaction, 500, [header('Retry-After', afterS)]);
  };

  const onInvite = (transaction: ServerTransaction, dialog: Dialog) => {
    const isEarly = dialog.state === 'early';
    const offer = offerInFlight(dialog, dialogs);
    if (dialog.clientInvite !== null || (isEarly && dialog.role === 'uac') || offer === 'ours') {
      calls.refuse(transaction, 491);
      return;
    }
    if (dialog.serverInvite !== null || dialog.answer !== null || isEarly || offer === 'theirs') {
      // Overlapping INVITEs (RFC 3261 §14.2); the application would mix them up.
      refuseForNow(transaction);
      return;
    }
    transaction.respond(responseTo(transaction.request, 100));
    dialog.serverInvite = deliver(transaction, dialog, null);
  };

  const onUpdate = (transaction: ServerTransaction, dialog: Dialog) => {
    if (dialog.serverUpdate !== null) {
      refuseForNow(transaction);
      return;
    }
    if (transaction.request.body !== '') {
      const offer = offerInFlight(dialog, dialogs);
      if (offer === 'ours') {
        calls.refuse(transaction, 491);
        return;
      }
      if (offer === 'theirs') {
        refuseForNow(transaction);
        return;
      }
    }
    dialog.serverUpdate = deliver(transaction, dialog, dialogs.pendingInvites.get(dialog.id) ?? null);
  };

  const onPrack = (transaction: ServerTransaction, dialog: Dialog) => {
    if (!reliables.acknowledge(dialog, transaction.request)) {
      calls.refuse(transaction, 481);
      return;
    }
    const invite = dialogs.pendingInvites.get(dialog.id) ?? dialog.serverInvite;
    deliver(transaction, dialog, invite);
    reliables.proceed(dialog, invite);
    if (invite !== null && invite.heldAnswer !== null && !reliables.mustWait(dialog)) {
      const answer = invite.heldAnswer;
      invite.heldAnswer = null;
      answer();
    }
  };

  /** Nobody is there to ask, and within the grace period nobody may come. */
  const onOrphan = (transaction: ServerTransaction, dialog: Dialog) => {
    if (transaction.request.method !== 'BYE') {
      refuseForNow(transaction);
      return;
    }
    context.cdr.stop('network', 'normal-release', transaction.request);
    dialogs.remove(dialog);
    calls.refuse(transaction, 200);
  };

  const deliver = (transaction: ServerTransaction, dialog: Dialog, companionOf: ServerCall | null) => {
    const call = calls.track(transaction, dialog.app, dialog.id, dialog, companionOf);
    dialog.app.deliverInDialog(call.transactionId, dialog.id, transaction.request, transaction.source);
    return call;
  };

  return {
    receive(transaction, toTag) {
      const { essentials } = transaction;
      const { number } = essentials.cseq;
      const dialog = dialogs.byTags(essentials.callId, toTag, essentials.fromTag ?? '');
      const { method } = transaction.request;
      // For our side the dialog is over once its BYE is sent (RFC 3261 §15.1.1); only the peer's own BYE may cross it.
      if (dialog === undefined || (dialog.isEnding && method !== 'BYE')) {
        calls.refuse(transaction, 481);
        return;
      }
      // The same once more comes from a network that kept it longer than our transaction lived (Timer J).
      const isRepeated = number === dialog.remoteSeq && method === dialog.remoteMethod;
      if (number < dialog.remoteSeq || isRepeated) {
        calls.refuse(transaction, 500);
        return;
      }
      dialog.remoteSeq = number;
      dialog.remoteMethod = method;
      if (dialog.app.isGone()) {
        onOrphan(transaction, dialog);
        return;
      }
      if ((method === 'INVITE' || method === 'UPDATE') && isTooBrief(transaction.request)) {
        calls.refuse(transaction, 422, [header('Min-SE', String(SESSION_INTERVAL_MIN_S))]);
        return;
      }
      switch (method) {
        case 'INVITE':
          onInvite(transaction, dialog);
          break;
        case 'UPDATE':
          onUpdate(transaction, dialog);
          break;
        case 'PRACK':
          onPrack(transaction, dialog);
          break;
        case 'BYE':
          onBye(transaction, dialog);
          break;
        default:
          deliver(transaction, dialog, null);
      }
    },
  };
}
