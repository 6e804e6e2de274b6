import { addMs } from '../../base/clock.ts';
import { responseTo } from '../message/build-response.ts';
import { type CSeq, parseCSeq } from '../message/essentials.ts';
import { type HeaderField, header, headerValue, type SipResponse } from '../message/sip-message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Application } from './application.ts';
import type { Dialog, ServerCall } from './dialog.ts';
import { cancelInsteadOf } from './unwanted-invite.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** Requests of the network that wait for an application's answer. */
export type ServerCalls = {
  /**
   * Hands a request to the watchdog; the caller delivers it. A companion of an INVITE without answer, a PRACK or an
   * UPDATE, has its transaction id towards the application.
   */
  track(
    transaction: ServerTransaction,
    app: Application,
    dialogId: string,
    dialog: Dialog | null,
    companionOf?: ServerCall | null,
  ): ServerCall;
  /** The request that an application's response means: by id, and by CSeq where an INVITE has companions. */
  find(transactionId: string, response: SipResponse): ServerCall | undefined;
  /** The request of this transaction that still has no final response. */
  of(transaction: ServerTransaction): ServerCall | undefined;
  /** An INVITE got a provisional response: it may ring for `RINGING_WATCHDOG_MS` from now on. */
  onRinging(call: ServerCall): void;
  /** Ends an INVITE that its application has not answered, and tells it so by a CANCEL. */
  giveUp(call: ServerCall, status: number, reason: string): void;
  /** Forgets a request that has its final response. */
  release(call: ServerCall): void;
  /** Answers on the engine's own account. */
  finish(call: ServerCall, status: number, headers?: readonly HeaderField[]): void;
  /** Refuses a request that no application sees. */
  refuse(transaction: ServerTransaction, status: number, headers?: readonly HeaderField[]): void;
  /** Answers for an application that cannot any more. */
  onAppGone(app: Application): void;
};

/** An application that has not answered a request by now never will: drachtio-srf drops what it cannot read. */
export const ANSWER_WATCHDOG_MS = 10_000;

/** The same for an INVITE that has not even got a 1xx; its caller gives up about then too. */
export const INVITE_WATCHDOG_MS = 64_000;

/** The same for an INVITE that rings: proxies give up after three minutes (Timer C), people before that. */
export const RINGING_WATCHDOG_MS = 600_000;

/** Makes the book of requests that wait for an answer. */
export function createServerCalls(context: UserAgentContext): ServerCalls {
  const { clock, dialogs, newToken, counters, cdr } = context;
  const callOf = new Map<ServerTransaction, ServerCall>();

  const release = (call: ServerCall) => {
    call.watchdog?.cancel();
    call.watchdog = null;
    call.heldAnswer = null;
    dialogs.serverCalls.delete(call.key);
    callOf.delete(call.transaction);
    if (dialogs.pendingInvites.get(call.dialogId) === call) dialogs.pendingInvites.delete(call.dialogId);
    if (call.dialog?.serverInvite === call) call.dialog.serverInvite = null;
    if (call.dialog?.serverUpdate === call) call.dialog.serverUpdate = null;
  };

  const finish = (call: ServerCall, status: number, headers: readonly HeaderField[] = []) => {
    const response: SipResponse = responseTo(call.transaction.request, status, {
      toTag: call.toTag ?? newToken(),
      headers,
    });
    const isInvite = call.transaction.request.method === 'INVITE';
    const isCall = dialogs.pendingInvites.get(call.dialogId) === call;
    release(call);
    if (isCall && status === 487) cdr.stop('network', 'call-canceled', response);
    else if (isCall) cdr.stop('application', 'system-error-initiated-termination', response);
    if (isInvite && call.dialog?.state === 'early') dialogs.remove(call.dialog);
    call.transaction.respond(response);
    call.transaction.release();
  };

  const giveUp = (call: ServerCall, status: number, reason: string) => {
    const { request, essentials, source } = call.transaction;
    const cancel = cancelInsteadOf(request, essentials.cseq.number, reason);
    finish(call, status);
    call.app.deliverInDialog(call.transactionId, call.dialog === null ? '' : call.dialogId, cancel, source);
  };

  const watch = (call: ServerCall, waitMs: number) => {
    call.watchdog?.cancel();
    call.watchdog = clock.setTimer(addMs(clock.monotonicMs(), waitMs), () => {
      counters.unanswered++;
      const { method, body } = call.transaction.request;
      if (method === 'INVITE') giveUp(call, 500, 'not answered');
      // A PRACK that matched is to be answered 2xx (RFC 3262 §3), if it brought no offer.
      else finish(call, method === 'PRACK' && body === '' ? 200 : 500);
    });
  };

  /** For an application that is gone. */
  const finishFor = (call: ServerCall) => {
    const { method } = call.transaction.request;
    // What ends something has ended it, heard or not.
    if (method === 'BYE' || method === 'PRACK') finish(call, 200);
    else if (call.transaction.essentials.toTag !== null) finish(call, 500, [header('Retry-After', '5')]);
    else finish(call, 503);
  };

  return {
    track(transaction, app, dialogId, dialog, companionOf = null) {
      const { request, essentials } = transaction;
      const transactionId = companionOf?.transactionId ?? newToken();
      const call: ServerCall = {
        key: companionOf === null ? transactionId : companionKey(transactionId, essentials.cseq),
        transactionId,
        transaction,
        app,
        dialogId,
        dialog,
        toTag: essentials.toTag,
        hasDescription: false,
        heldAnswer: null,
        watchdog: null,
      };
      watch(call, request.method === 'INVITE' ? INVITE_WATCHDOG_MS : ANSWER_WATCHDOG_MS);
      dialogs.serverCalls.set(call.key, call);
      callOf.set(transaction, call);
      return call;
    },
    find(transactionId, response) {
      const call = dialogs.serverCalls.get(transactionId);
      const cseq = parseCSeq(headerValue(response, 'cseq') ?? '');
      if (cseq === null || (call !== undefined && call.transaction.request.method !== 'INVITE')) return call;
      return cseq.method === 'INVITE' ? call : dialogs.serverCalls.get(companionKey(transactionId, cseq));
    },
    of: (transaction) => callOf.get(transaction),
    onRinging: (call) => watch(call, RINGING_WATCHDOG_MS),
    giveUp,
    release,
    finish,
    refuse(transaction, status, headers = []) {
      transaction.respond(responseTo(transaction.request, status, { toTag: newToken(), headers }));
      transaction.release();
    },
    onAppGone(app) {
      for (const call of [...dialogs.serverCalls.values()]) if (call.app === app) finishFor(call);
    },
  };
}

function companionKey(transactionId: string, cseq: CSeq): string {
  return `${transactionId} ${cseq.number} ${cseq.method}`;
}
