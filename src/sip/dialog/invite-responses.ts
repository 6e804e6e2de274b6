import { addMs } from '../../base/clock.ts';
import type { Essentials } from '../message/essentials.ts';
import type { SipResponse } from '../message/sip-message.ts';
import type { Hop } from '../transaction/hop.ts';
import { timeoutMs } from '../transaction/sip-timers.ts';
import type { AnswerAcknowledgement } from './answer-acknowledgement.ts';
import type { ClientCalls } from './client-calls.ts';
import { type ClientCall, type Dialog, dialogOfClient, refreshTarget } from './dialog.ts';
import type { InviteCancellation } from './invite-cancellation.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** What comes back for an INVITE: early dialogs, the answer, and the answers of further forks (RFC 3261 §13.2.2). */
export type InviteResponses = {
  onResponse(call: ClientCall, response: SipResponse, essentials: Essentials, source: Hop): void;
};

/** Makes the reader of responses to INVITEs; `bye` ends a dialog on the engine's own account. */
export function createInviteResponses(
  context: UserAgentContext,
  calls: ClientCalls,
  acks: AnswerAcknowledgement,
  cancellation: InviteCancellation,
  bye: (dialog: Dialog, reason: string, isTold: boolean) => void,
): InviteResponses {
  const { clock, timers, dialogs, counters } = context;

  const earlyDialog = (call: ClientCall, response: SipResponse, essentials: Essentials, source: Hop) => {
    if (call.dialog !== null || essentials.toTag === null || call.forks?.has(essentials.toTag)) return;
    if (dialogs.size() >= context.dialogsMax) return;
    const dialog = dialogOfClient(call, response, essentials, source);
    call.forks ??= new Map();
    call.forks.set(essentials.toTag, dialog);
    dialogs.add(dialog);
  };

  /** A 2xx: the first one answers the call, the same again wants its ACK again, others are forks. */
  const onAnswer = (call: ClientCall, response: SipResponse, essentials: Essentials, source: Hop) => {
    const { toTag } = essentials;
    if (call.isEnded) {
      if (call.answerTag === toTag) {
        if (call.sentAck !== null) acks.repeat(call.sentAck);
      } else {
        counters.forkedAnswers++;
        acks.dismiss(response, essentials, source, 'fork already answered');
      }
      return;
    }
    calls.end(call);
    call.answerTag = toTag;
    let { dialog } = call;
    if (dialog === null) {
      // The 2xx decides route set and target, whatever a 1xx of the same fork said (RFC 3261 §13.2.2.4).
      const early = call.forks?.get(toTag ?? '');
      dialogs.endForks(call);
      dialog = dialogOfClient(call, response, essentials, source);
      dialog.remoteSeq = early?.remoteSeq ?? 0;
      dialogs.add(dialog);
      dialogs.confirm(dialog);
    } else {
      refreshTarget(dialog, response, source);
    }
    dialog.unacked = call;
    if (call.app.isGone() || dialog.state === 'ended') {
      acks.acknowledge(dialog, call, [], '');
      if (dialog.state !== 'ended') bye(dialog, 'application gone', false);
      return;
    }
    const answered = dialog;
    dialog.unackedTimer = clock.setTimer(addMs(clock.monotonicMs(), timeoutMs(timers)), () => {
      answered.unackedTimer = null;
      bye(answered, 'answer never acknowledged', true);
    });
    call.app.deliverResponse(call.transactionId, call.dialogId, response, source);
  };

  return {
    onResponse(call, response, essentials, source) {
      const { status } = response;
      if (status >= 200 && status < 300) {
        onAnswer(call, response, essentials, source);
        return;
      }
      if (call.isEnded) return;
      if (status < 200) {
        cancellation.onProvisional(call);
        if (status === 100) return;
        earlyDialog(call, response, essentials, source);
      } else {
        calls.end(call);
        dialogs.endForks(call);
        call.user.onFinal(call, status);
        call.transaction.release();
      }
      call.app.deliverResponse(call.transactionId, call.dialogId, response, source);
    },
  };
}
