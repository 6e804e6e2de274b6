import { responseTo } from '../message/build-response.ts';
import { header, type SipRequest } from '../message/sip-message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Dialog } from './dialog.ts';
import type { ServerCalls } from './server-calls.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** Requests of the network inside dialogs (RFC 3261 §12.2.2). */
export type RequestsInside = { receive(transaction: ServerTransaction, toTag: string): void };

/** Makes the receiver of requests inside dialogs. */
export function createRequestsInside(context: UserAgentContext, calls: ServerCalls): RequestsInside {
  const { dialogs, newToken } = context;

  const onBye = (transaction: ServerTransaction, dialog: Dialog) => {
    const { request, source } = transaction;
    const pending = dialog.serverInvite ?? dialogs.pendingInvites.get(dialog.id) ?? null;
    const wasEarly = dialog.state === 'early';
    dialogs.remove(dialog);
    dialog.heldBye?.();
    dialog.heldBye = null;
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
    pending.app.deliverInDialog(pending.transactionId, dialog.id, cancelInsteadOf(request, pendingNumber), source);
  };

  return {
    receive(transaction, toTag) {
      const { request, essentials, source } = transaction;
      const { method } = request;
      const { number } = essentials.cseq;
      const dialog = dialogs.byTags(essentials.callId, toTag, essentials.fromTag ?? '');
      if (dialog === undefined || method === 'PRACK') {
        calls.refuse(transaction, 481);
        return;
      }
      if (number < dialog.remoteSeq) {
        calls.refuse(transaction, 500);
        return;
      }
      dialog.remoteSeq = number;
      if (method === 'INVITE') {
        if (dialog.clientInvite !== null) {
          calls.refuse(transaction, 491);
          return;
        }
        if (dialog.serverInvite !== null || dialog.answer !== null) {
          // Overlapping INVITEs (RFC 3261 §14.2); the application would mix them up.
          const afterS = String(Number.parseInt(newToken().slice(0, 4), 16) % 11);
          calls.refuse(transaction, 500, [header('Retry-After', afterS)]);
          return;
        }
        transaction.respond(responseTo(request, 100));
      }
      if (method === 'BYE') {
        onBye(transaction, dialog);
        return;
      }
      const call = calls.track(transaction, dialog.app, dialog.id, dialog);
      if (method === 'INVITE') dialog.serverInvite = call;
      dialog.app.deliverInDialog(call.transactionId, dialog.id, request, source);
    },
  };
}

/** The CANCEL that a BYE of a ringing call amounts to. */
function cancelInsteadOf(bye: SipRequest, number: number): SipRequest {
  return {
    ...bye,
    method: 'CANCEL',
    headers: bye.headers.map((field) => (field.key === 'cseq' ? header('CSeq', `${number} CANCEL`) : field)),
  };
}
