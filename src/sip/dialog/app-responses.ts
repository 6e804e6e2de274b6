import { responseTo } from '../message/build-response.ts';
import { tagOf } from '../message/name-addr.ts';
import { reasonPhrase } from '../message/reason-phrase.ts';
import { serializeMessage } from '../message/serialize-message.ts';
import { type HeaderField, header, headerValue, type SipResponse } from '../message/sip-message.ts';
import type { AnswerRepetition } from './answer-repetition.ts';
import { appHeaders, missingContentType, selfFacing } from './app-headers.ts';
import { REFUSAL, refusal, type SendOutcome } from './application.ts';
import { dialogOfServer, refreshTarget, rememberDescription, type ServerCall } from './dialog.ts';
import { contactOf } from './faces.ts';
import { type ReliableResponses, reliabilityOf, stopReliable } from './reliable-responses.ts';
import type { ServerCalls } from './server-calls.ts';
import type { SessionTimers } from './session-timers.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** What applications answer, and the dialogs that their answers make (RFC 3261 §8.2.6, §12.1.1). */
export type AppResponses = { respond(transactionId: string, message: SipResponse): SendOutcome };

/** Headers of a response that come from the request, whatever the application wrote. */
const FROM_REQUEST = new Set(['from', 'to', 'call-id', 'cseq', 'max-forwards']);

/** Makes the sender of the applications' responses. */
export function createAppResponses(
  context: UserAgentContext,
  calls: ServerCalls,
  answers: AnswerRepetition,
  reliables: ReliableResponses,
  sessions: SessionTimers,
): AppResponses {
  const { dialogs, newToken, faces, cdr } = context;

  const enterDialog = (call: ServerCall, headers: readonly HeaderField[], body: string) => {
    const contact = headers.find((field) => field.key === 'contact')?.value ?? '';
    if (call.dialog === null) {
      call.dialog = dialogOfServer(call, call.toTag ?? '', contact);
      dialogs.add(call.dialog);
    } else {
      call.dialog.localContact = contact;
    }
    rememberDescription(call.dialog, body);
  };

  const onFinal = (call: ServerCall, response: SipResponse) => {
    const { dialog } = call;
    const { method } = call.transaction.request;
    const isSuccess = response.status < 300;
    const isCall = dialogs.pendingInvites.get(call.dialogId) === call;
    calls.release(call);
    if (isCall && isSuccess) cdr.start('application', 'uas', response);
    else if (isCall) cdr.stop('application', 'call-rejected', response);
    if (dialog === null) return;
    if (method !== 'INVITE') {
      if (!isSuccess || method !== 'UPDATE') return;
      refreshTarget(dialog, call.transaction.request, call.transaction.source);
      rememberDescription(dialog, response.body);
      if (dialog.state === 'confirmed') sessions.onOurAnswer(dialog, call.transaction.request, response);
      return;
    }
    const isInitial = dialog.state === 'early';
    if (dialog.reliableSending !== null) stopReliable(dialog.reliableSending);
    if (!isSuccess) {
      if (isInitial) dialogs.remove(dialog);
      return;
    }
    if (isInitial) dialogs.confirm(dialog);
    else refreshTarget(dialog, call.transaction.request, call.transaction.source);
    sessions.onOurAnswer(dialog, call.transaction.request, response);
    answers.start(dialog, call, isInitial, call.transaction.request.body === '' && response.body !== '');
  };

  const provisional = (call: ServerCall, response: SipResponse, isReliable: boolean): SendOutcome => {
    let text: string | null;
    let isOnTheWire = true;
    if (isReliable && call.dialog !== null) {
      const sent = reliables.send(call, call.dialog, response);
      if (sent === null) return refusal(REFUSAL.limit);
      ({ text, isOnTheWire } = sent);
    } else {
      text = call.transaction.respond(response);
    }
    if (text === null) return refusal(REFUSAL.unknownTransaction);
    if (call.transaction.request.method === 'INVITE' && response.status > 100) calls.onRinging(call);
    return sent(call, response.status, text, isOnTheWire);
  };

  const final = (call: ServerCall, response: SipResponse): SendOutcome => {
    const { transaction } = call;
    if (response.status < 300 && reliables.mustWait(call.dialog)) {
      const text = serializeMessage(response);
      call.heldAnswer = () => {
        if (transaction.respond(response) !== null) onFinal(call, response);
        transaction.release();
      };
      return sent(call, response.status, text, false);
    }
    const text = transaction.respond(response);
    if (text === null) return refusal(REFUSAL.unknownTransaction);
    onFinal(call, response);
    transaction.release();
    return sent(call, response.status, text, true);
  };

  const sent = (call: ServerCall, status: number, text: string, isOnTheWire: boolean): SendOutcome => {
    const { method } = call.transaction.request;
    const hasDialog = method === 'PRACK' || (method === 'INVITE' && status > 100);
    return {
      ok: true,
      transactionId: call.transactionId,
      dialogId: hasDialog ? call.dialogId : '',
      text,
      isOnTheWire,
      peer: call.transaction.source,
    };
  };

  return {
    respond(transactionId, message) {
      const call = calls.find(transactionId, message);
      if (call === undefined || call.heldAnswer !== null) return refusal(REFUSAL.unknownTransaction);
      const { status } = message;
      const { request } = call.transaction;
      const isInvite = request.method === 'INVITE';
      let isReliable = false;
      if (isInvite && status > 100 && status < 200) {
        const reliability = reliabilityOf(request);
        const isWanted = requires100rel(message);
        if (isWanted && reliability === 'unknown') return refusal(REFUSAL.no100rel);
        isReliable = isWanted || reliability === 'required';
      }

      const self = selfFacing(faces, call.transaction.source);
      const headers = appHeaders(message, self).filter((field) => !FROM_REQUEST.has(field.key));
      const contentType = missingContentType(headers, message.body);
      if (contentType !== null && contentType !== 'unknown') headers.push(contentType);
      const makesDialog = isInvite && status > 100 && status < 300;
      if (makesDialog && !headers.some((field) => field.key === 'contact')) {
        // Also on a plain 18x, where drachtio-server leaves it out: RFC 3261 §12.1.1 wants it there.
        headers.push(header('Contact', call.dialog?.localContact || contactOf(self.listener, request.uri)));
      }
      const isAnswer = status >= 200 && status < 300;
      // Before the answer an UPDATE sets no timer yet (RFC 4028 §7.2).
      if (isAnswer && (isInvite || (request.method === 'UPDATE' && call.dialog?.state === 'confirmed'))) {
        sessions.grant(call.dialog, request, headers);
      }
      if (context.userAgent !== null && !headers.some((field) => field.key === 'server')) {
        headers.push(header('Server', context.userAgent));
      }
      if (status > 100 && call.toTag === null) call.toTag = tagOf(headerValue(message, 'to') ?? '') ?? newToken();
      const response = responseTo(request, status, {
        reason: message.reason || reasonPhrase(status),
        toTag: status > 100 ? call.toTag : null,
        headers,
        body: message.body,
      });
      if (makesDialog) enterDialog(call, headers, message.body);
      if (response.body !== '' && status < 300) call.hasDescription = true;
      return status < 200 ? provisional(call, response, isReliable) : final(call, response);
    },
  };
}

function requires100rel(message: SipResponse): boolean {
  return /\b100rel\b/i.test(headerValue(message, 'require') ?? '');
}
