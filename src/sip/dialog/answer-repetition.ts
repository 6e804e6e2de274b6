import { addMs, type MonotonicMs } from '../../base/clock.ts';
import type { Essentials } from '../message/essentials.ts';
import type { SipRequest } from '../message/sip-message.ts';
import { type Hop, isReliable } from '../transaction/hop.ts';
import { timeoutMs } from '../transaction/sip-timers.ts';
import type { Dialog, ServerCall } from './dialog.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** Our 2xx to INVITEs, repeated until their ACKs are in (RFC 3261 §13.3.1.4). */
export type AnswerRepetition = {
  /** Repeats the 2xx at T1, 2*T1, … T2 until its ACK is in; after 64*T1 the dialog ends. */
  start(dialog: Dialog, call: ServerCall, isInitial: boolean, isOffer: boolean): void;
  onAck(ack: SipRequest, essentials: Essentials, source: Hop): void;
};

/** Makes the repeater; `bye` ends a dialog on the engine's own account. */
export function createAnswerRepetition(
  context: UserAgentContext,
  bye: (dialog: Dialog, reason: string, isTold: boolean) => void,
): AnswerRepetition {
  const { clock, timers, dialogs, newToken, counters } = context;

  return {
    start(dialog, call, isInitial, isOffer) {
      const answer = { call, cseqNumber: call.transaction.essentials.cseq.number, isInitial, isOffer, timer: null };
      dialog.answer = answer;
      const startMs = clock.monotonicMs();
      const deadlineMs = addMs(startMs, timeoutMs(timers));
      const reliable = isReliable(call.transaction.source);
      const wait = (fromMs: MonotonicMs, intervalMs: number) => {
        const nextMs = addMs(fromMs, intervalMs);
        const isLast = reliable || nextMs >= deadlineMs;
        const current = dialog.answer;
        if (current === null) return;
        current.timer = clock.setTimer(isLast ? deadlineMs : nextMs, () => {
          if (isLast) {
            dialog.answer = null;
            bye(dialog, 'ACK timeout', true);
            return;
          }
          call.transaction.resend();
          wait(nextMs, Math.min(intervalMs * 2, timers.t2Ms));
        });
      };
      wait(startMs, timers.t1Ms);
    },

    onAck(ack, essentials, source) {
      const dialog =
        essentials.toTag === null
          ? undefined
          : dialogs.byTags(essentials.callId, essentials.toTag, essentials.fromTag ?? '');
      const answer = dialog?.answer;
      if (dialog === undefined || !answer || answer.cseqNumber !== essentials.cseq.number) {
        counters.unmatchedAcks++;
        return;
      }
      answer.timer?.cancel();
      dialog.answer = null;
      const transactionId = answer.isInitial ? answer.call.transactionId : newToken();
      dialog.app.deliverInDialog(transactionId, dialog.id, ack, source);
      dialog.heldBye?.();
      dialog.heldBye = null;
    },
  };
}
