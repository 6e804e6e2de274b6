import { addMs } from '../../base/clock.ts';
import { responseTo } from '../message/build-response.ts';
import type { HeaderField, SipResponse } from '../message/sip-message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Application } from './application.ts';
import type { Dialog, ServerCall } from './dialog.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** Requests of the network that wait for an application's answer. */
export type ServerCalls = {
  /** Hands a request to the watchdog; the caller delivers it. */
  track(transaction: ServerTransaction, app: Application, dialogId: string, dialog: Dialog | null): ServerCall;
  /** The request of this transaction that still has no final response. */
  of(transaction: ServerTransaction): ServerCall | undefined;
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

/** Makes the book of requests that wait for an answer. */
export function createServerCalls(context: UserAgentContext): ServerCalls {
  const { clock, dialogs, newToken, counters } = context;
  const callOf = new Map<ServerTransaction, ServerCall>();

  const release = (call: ServerCall) => {
    call.watchdog?.cancel();
    call.watchdog = null;
    dialogs.serverCalls.delete(call.transactionId);
    callOf.delete(call.transaction);
    if (dialogs.pendingInvites.get(call.dialogId) === call) dialogs.pendingInvites.delete(call.dialogId);
    if (call.dialog?.serverInvite === call) call.dialog.serverInvite = null;
  };

  const finish = (call: ServerCall, status: number, headers: readonly HeaderField[] = []) => {
    const response: SipResponse = responseTo(call.transaction.request, status, {
      toTag: call.toTag ?? newToken(),
      headers,
    });
    release(call);
    if (call.dialog?.state === 'early') dialogs.remove(call.dialog);
    call.transaction.respond(response);
    call.transaction.release();
  };

  return {
    track(transaction, app, dialogId, dialog) {
      const { request, essentials } = transaction;
      const call: ServerCall = {
        transactionId: newToken(),
        transaction,
        app,
        dialogId,
        dialog,
        toTag: essentials.toTag,
        watchdog: null,
      };
      const waitMs = request.method === 'INVITE' ? INVITE_WATCHDOG_MS : ANSWER_WATCHDOG_MS;
      call.watchdog = clock.setTimer(addMs(clock.monotonicMs(), waitMs), () => {
        counters.unanswered++;
        finish(call, 500);
      });
      dialogs.serverCalls.set(call.transactionId, call);
      callOf.set(transaction, call);
      return call;
    },
    of: (transaction) => callOf.get(transaction),
    release,
    finish,
    refuse(transaction, status, headers = []) {
      transaction.respond(responseTo(transaction.request, status, { toTag: newToken(), headers }));
      transaction.release();
    },
    onAppGone(app) {
      for (const call of [...dialogs.serverCalls.values()]) if (call.app === app) finish(call, 503);
    },
  };
}
