import { addMs } from '../../base/clock.ts';
import type { Essentials } from '../message/essentials.ts';
import type { SipResponse } from '../message/sip-message.ts';
import type { Hop } from '../transaction/hop.ts';
import { timeoutMs } from '../transaction/sip-timers.ts';
import type { AnswerAcknowledgement } from './answer-acknowledgement.ts';
import type { ClientCalls } from './client-calls.ts';
import {
  type ClientCall,
  type Dialog,
  dialogOfClient,
  refreshTarget,
  rememberDescription,
  rerouteByAnswer,
} from './dialog.ts';
import type { InviteCancellation } from './invite-cancellation.ts';
import { receiveReliable, rseqOf } from './reliable-receipt.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** What comes back for an INVITE: early dialogs, the answer, and the answers of further forks (RFC 3261 §13.2.2). */
export type InviteResponses = {
  onResponse(call: ClientCall, response: SipResponse, essentials: Essentials, source: Hop): void;
};

/** Early dialogs of one INVITE; provisional responses of further forks are not acknowledged and make no dialog. */
export const FORKS_MAX = 32;

/** What follows from responses, elsewhere. */
export type DialogHooks = {
  /** Ends a dialog on the engine's own account. */
  bye(dialog: Dialog, reason: string, isTold: boolean): void;
  /** The peer's 2xx to an INVITE or UPDATE of ours is in. */
  onTheirAnswer(dialog: Dialog, response: SipResponse): void;
};

/** Makes the reader of responses to INVITEs. */
export function createInviteResponses(
  context: UserAgentContext,
  calls: ClientCalls,
  acks: AnswerAcknowledgement,
  cancellation: InviteCancellation,
  { bye, onTheirAnswer }: DialogHooks,
): InviteResponses {
  const { clock, timers, dialogs, counters } = context;

  let delivered = 0;

  /** The early dialog of a provisional response; null when it makes none, or over `FORKS_MAX`. */
  const earlyDialog = (call: ClientCall, response: SipResponse, essentials: Essentials, source: Hop): Dialog | null => {
    if (call.dialog !== null || essentials.toTag === null) return call.dialog;
    const known = call.forks?.get(essentials.toTag);
    if (known !== undefined) return known;
    if (dialogs.size() >= context.dialogsMax || (call.forks?.size ?? 0) >= FORKS_MAX) {
      counters.forkLimit++;
      return null;
    }
    const dialog = dialogOfClient(call, response, essentials, source);
    call.forks ??= new Map();
    call.forks.set(essentials.toTag, dialog);
    dialogs.add(dialog);
    return dialog;
  };

  /** Whether a provisional response is news: a reliable one is taken once and in order (RFC 3262 §4). */
  const isNews = (call: ClientCall, response: SipResponse, essentials: Essentials, source: Hop): boolean => {
    const dialog = earlyDialog(call, response, essentials, source);
    const rseq = rseqOf(response);
    if (dialog === null) return rseq === null;
    if (rseq !== null) {
      const receipt = receiveReliable(dialog.reliableReceipt, essentials.cseq.number, rseq, delivered++);
      if (receipt === null) {
        counters.repeatedProvisionals++;
        return false;
      }
      dialog.reliableReceipt = receipt;
    }
    if (response.body !== '') dialog.hasEarlyDescription = true;
    if (call.dialog === null) call.latestFork = dialog;
    return true;
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
    const early = call.dialog === null ? call.forks?.get(toTag ?? '') : undefined;
    if (early?.state === 'ended') {
      // The application hung this fork up while it rang; another one may still answer, for 64*T1 (RFC 3261 §13.2.2.4).
      acks.dismiss(response, essentials, source, 'fork hung up');
      cancellation.awaitOtherForks(call);
      return;
    }
    calls.end(call);
    call.answerTag = toTag;
    let { dialog } = call;
    if (dialog === null) {
      dialogs.endForks(call, early);
      dialog = early ?? dialogOfClient(call, response, essentials, source);
      if (early === undefined) dialogs.add(dialog);
      else rerouteByAnswer(early, response, source);
      dialogs.confirm(dialog);
    } else {
      refreshTarget(dialog, response, source);
    }
    dialog.unacked = call;
    rememberDescription(dialog, call.transaction.request.body);
    onTheirAnswer(dialog, response);
    if (call.app.isGone() || dialog.state === 'ended') {
      acks.acknowledge(dialog, call, [], '');
      // A new call that nobody will ever hear of; one that was up before has its grace period.
      if (call.dialog === null) bye(dialog, 'application gone', false);
      // The dialog ended while its re-INVITE was on its way: for the application that is no answer.
      else if (dialog.state === 'ended') calls.deliverOwn(call, 487);
      return;
    }
    const answered = dialog;
    dialog.unackedTimer = clock.setTimer(addMs(clock.monotonicMs(), timeoutMs(timers)), () => {
      answered.unackedTimer = null;
      bye(answered, 'answer never acknowledged', true);
    });
    call.app.deliverResponse(call.transactionId, call.dialogId, response, source);
    if (call.dialog === null) context.cdr.start('network', 'uac', response);
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
        if (status === 100 || !isNews(call, response, essentials, source)) return;
      } else {
        calls.end(call);
        dialogs.endForks(call);
        call.user.onFinal(call, status);
        call.transaction.release();
      }
      call.app.deliverResponse(call.transactionId, call.dialogId, response, source);
      if (status >= 300 && call.dialog === null) {
        context.cdr.stop('network', call.cancel === null ? 'call-rejected' : 'call-canceled', response);
      }
    },
  };
}
