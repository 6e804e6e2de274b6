import { addMs } from '../../base/clock.ts';
import { serializeMessage } from '../message/serialize-message.ts';
import type { HeaderField, SipRequest } from '../message/sip-message.ts';
import { timeoutMs } from '../transaction/sip-timers.ts';
import { appHeaders, selfFacing } from './app-headers.ts';
import { type Application, refusal, type SendOutcome } from './application.ts';
import type { ClientCalls } from './client-calls.ts';
import type { ClientCall } from './dialog.ts';
import { NOWHERE } from './location.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** The end of an INVITE that has no answer yet: CANCEL and Timer C. */
export type InviteCancellation = {
  startTimerC(call: ClientCall): void;
  /** Sends the CANCEL, now or after the first provisional response (RFC 3261 §9.1). */
  want(call: ClientCall, extra: readonly HeaderField[]): void;
  onProvisional(call: ClientCall): void;
  /** A fork that the application hung up has answered: the INVITE is over in 64*T1 if no other one does. */
  awaitOtherForks(call: ClientCall): void;
  /** The application's CANCEL. */
  cancel(transactionId: string, message: SipRequest): SendOutcome;
  /** Cancels what this application has not finished. */
  onAppGone(app: Application): void;
};

/** Timer C: an INVITE that rings for more than three minutes is cancelled (RFC 3261 §16.6, item 11). */
export const TIMER_C_MS = 185_000;

/** Makes the canceller. */
export function createInviteCancellation(context: UserAgentContext, calls: ClientCalls): InviteCancellation {
  const { clock, timers, dialogs, newToken, faces } = context;

  const startTimerC = (call: ClientCall) => {
    call.timer?.cancel();
    call.timer = clock.setTimer(addMs(clock.monotonicMs(), TIMER_C_MS), () => want(call, []));
  };

  const want = (call: ClientCall, extra: readonly HeaderField[]) => {
    if (call.cancel !== null) return;
    call.cancel = { extra, isSent: false };
    call.transaction.callOff();
    if (call.hasProvisional) send(call);
    else if (call.transaction.hop === null) {
      // Its next hop is still being looked up: nobody will ever hear of it. Told after the receipt, not before.
      clock.setTimer(clock.monotonicMs(), () => {
        call.transaction.abandon();
        calls.synthesize(call, 487);
      });
    }
  };

  const send = (call: ClientCall) => {
    if (call.cancel === null || call.cancel.isSent) return;
    call.cancel.isSent = true;
    call.transaction.cancel(call.cancel.extra);
    // No final response in 64*T1 after the CANCEL: the INVITE is over (RFC 3261 §9.1), and its application is told.
    endSoon(call);
  };

  const endSoon = (call: ClientCall) => {
    call.timer?.cancel();
    call.timer = clock.setTimer(addMs(clock.monotonicMs(), timeoutMs(timers)), () => {
      call.transaction.abandon();
      calls.synthesize(call, 487);
    });
  };

  return {
    startTimerC,
    want,

    onProvisional(call) {
      call.hasProvisional = true;
      if (call.cancel === null) startTimerC(call);
      else send(call);
    },

    awaitOtherForks(call) {
      // Timer B ended with the 2xx, and CANCEL has no effect any more (RFC 3261 §9.1).
      if (call.cancel === null || !call.cancel.isSent) endSoon(call);
      call.cancel ??= { extra: [], isSent: true };
    },

    cancel(transactionId, message) {
      const call = dialogs.clientCalls.get(transactionId);
      if (call === undefined || call.method !== 'INVITE') {
        return refusal(`unable to cancel unknown transaction id: ${transactionId}`);
      }
      const self = selfFacing(faces, call.transaction.hop ?? NOWHERE);
      const extra = appHeaders(message, self).filter((field) => !NOT_ON_CANCEL.has(field.key));
      want(call, extra);
      return {
        ok: true,
        transactionId: newToken(),
        dialogId: call.dialogId,
        text: serializeMessage(call.transaction.cancelRequest(extra)),
        isOnTheWire: call.hasProvisional,
        peer: null,
      };
    },

    onAppGone(app) {
      for (const call of [...dialogs.clientCalls.values()]) {
        if (call.app === app && call.method === 'INVITE' && call.dialog === null) want(call, []);
      }
    },
  };
}

/** Headers of a CANCEL that are the INVITE's, or have no meaning there (drachtio-server leaves them out too). */
const NOT_ON_CANCEL = new Set([
  'from',
  'to',
  'contact',
  'p-asserted-identity',
  'call-id',
  'cseq',
  'max-forwards',
  'content-type',
]);
