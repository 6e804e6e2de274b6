import type { ClientCall, Dialog, ServerCall } from './dialog.ts';
import type { DialogTable } from './dialog-table.ts';

/**
 * Whose offer waits for its answer in this dialog (RFC 3264 §4, RFC 6337 §2.2): what another offer must not meet
 * (RFC 3311 §5.2, RFC 3261 §14.2). A session description in an unreliable 18x counts as the answer that it announces:
 * peers without 100rel send UPDATEs on its strength, and a refusal would help nobody.
 */
export function offerInFlight(dialog: Dialog, dialogs: DialogTable): 'ours' | 'theirs' | null {
  const isEarly = dialog.state === 'early';
  const ours: ClientCall | null =
    isEarly && dialog.role === 'uac' ? (dialogs.pendingClientInvites.get(dialog.id) ?? null) : dialog.clientInvite;
  if (ours !== null && ours.transaction.request.body !== '' && !dialog.hasEarlyDescription) return 'ours';
  if (dialog.clientUpdate !== null && dialog.clientUpdate.transaction.request.body !== '') return 'ours';
  if (dialog.answer?.isOffer === true) return 'ours';

  const theirs: ServerCall | null =
    isEarly && dialog.role === 'uas' ? (dialogs.pendingInvites.get(dialog.id) ?? null) : dialog.serverInvite;
  if (theirs !== null) {
    const hasOffer = theirs.transaction.request.body !== '';
    if (hasOffer && !theirs.hasDescription) return 'theirs';
    // A late offer: ours in a reliable response, until the PRACK brings the answer.
    if (!hasOffer && dialog.reliableSending?.unacknowledged?.hasDescription === true) return 'ours';
  }
  if (dialog.serverUpdate !== null && dialog.serverUpdate.transaction.request.body !== '') return 'theirs';
  // Their 2xx brought an offer, and the application has not acknowledged it with the answer.
  if (dialog.unacked !== null && dialog.unacked.transaction.request.body === '') return 'theirs';
  return null;
}
