import { tagOf } from '../message/name-addr.ts';
import { headerValue, type SipRequest } from '../message/sip-message.ts';
import type { Dialog } from './dialog.ts';
import type { DialogTable } from './dialog-table.ts';
import { rackOf } from './reliable-receipt.ts';

/*
 * Which dialog an application means. All forks of one INVITE have one dialog id in the control protocol, so before the
 * answer the id alone does not tell:
 *
 * - a PRACK means the fork whose unacknowledged reliable response its RAck names; when two forks chose the same number,
 *   or the application gave no RAck, the one that the application heard first;
 * - any other request means the fork whose tag its To names, else the one whose response the application heard last.
 */

/** Requests that make sense in an early dialog (RFC 3261 §12, RFC 3311, RFC 6086); BYE is the caller's alone (§15). */
const EARLY_METHODS = new Set(['UPDATE', 'INFO', 'OPTIONS', 'MESSAGE', 'BYE']);

/** The dialog that an application's request means; null when there is none. */
export function namedDialog(dialogs: DialogTable, dialogId: string, message: SipRequest): Dialog | null {
  const confirmed = dialogs.byId(dialogId);
  if (confirmed !== undefined) return confirmed;
  if (!EARLY_METHODS.has(message.method)) return null;
  const invite = dialogs.pendingClientInvites.get(dialogId);
  if (invite !== undefined) {
    const tag = tagOf(headerValue(message, 'to') ?? '');
    return (tag === null ? null : invite.forks?.get(tag)) ?? invite.latestFork;
  }
  if (message.method === 'BYE') return null;
  return dialogs.pendingInvites.get(dialogId)?.dialog ?? null;
}

/** The dialog whose reliable response a PRACK acknowledges; null when none waits for one. */
export function dialogOfPrack(dialogs: DialogTable, dialogId: string, prack: SipRequest): Dialog | null {
  const rack = rackOf(prack);
  const confirmed = dialogs.byId(dialogId);
  const forks = dialogs.pendingClientInvites.get(dialogId)?.forks?.values() ?? [];
  let found: Dialog | null = null;
  for (const dialog of confirmed === undefined ? forks : [confirmed]) {
    const receipt = dialog.reliableReceipt;
    if (receipt === null || !receipt.isUnacknowledged) continue;
    if (rack !== null && (rack.rseq !== receipt.rseq || rack.cseqNumber !== receipt.cseqNumber)) continue;
    if (found === null || receipt.order < (found.reliableReceipt?.order ?? 0)) found = dialog;
  }
  return found;
}
