import { responseTo } from '../message/build-response.ts';
import { tagOf } from '../message/name-addr.ts';
import { reasonPhrase } from '../message/reason-phrase.ts';
import { type HeaderField, header, headerValue, type SipResponse } from '../message/sip-message.ts';
import type { AnswerRepetition } from './answer-repetition.ts';
import { appHeaders, missingContentType } from './app-headers.ts';
import { REFUSAL, refusal, type SendOutcome } from './application.ts';
import { dialogOfServer, refreshTarget, type ServerCall } from './dialog.ts';
import type { ServerCalls } from './server-calls.ts';
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
): AppResponses {
  const { dialogs, newToken, advertised, ownContact } = context;

  const enterDialog = (call: ServerCall, headers: readonly HeaderField[]) => {
    const contact = headers.find((field) => field.key === 'contact')?.value ?? ownContact;
    if (call.dialog === null) {
      call.dialog = dialogOfServer(call, call.toTag ?? '', contact);
      dialogs.add(call.dialog);
    } else {
      call.dialog.localContact = contact;
    }
  };

  const onFinal = (call: ServerCall, response: SipResponse) => {
    const { dialog } = call;
    const { method } = call.transaction.request;
    const isSuccess = response.status < 300;
    calls.release(call);
    if (dialog === null) return;
    if (method !== 'INVITE') {
      if (isSuccess && method === 'UPDATE') refreshTarget(dialog, call.transaction.request, call.transaction.source);
      return;
    }
    const isInitial = dialog.state === 'early';
    if (!isSuccess) {
      if (isInitial) dialogs.remove(dialog);
      return;
    }
    if (isInitial) dialogs.confirm(dialog);
    else refreshTarget(dialog, call.transaction.request, call.transaction.source);
    answers.start(dialog, call, isInitial);
  };

  return {
    respond(transactionId, message) {
      const call = dialogs.serverCalls.get(transactionId);
      if (call === undefined) return refusal(REFUSAL.unknownTransaction);
      const { status } = message;
      const { request } = call.transaction;
      const isInvite = request.method === 'INVITE';
      if (status < 200 && requiresReliable(message)) return refusal(REFUSAL.no100rel);

      const headers = appHeaders(message, advertised).filter((field) => !FROM_REQUEST.has(field.key));
      const contentType = missingContentType(headers, message.body);
      if (contentType !== null && contentType !== 'unknown') headers.push(contentType);
      const makesDialog = isInvite && status > 100 && status < 300;
      if (makesDialog && !headers.some((field) => field.key === 'contact')) {
        // Also on a plain 18x, where drachtio-server leaves it out: RFC 3261 §12.1.1 wants it there.
        headers.push(header('Contact', call.dialog?.localContact || ownContact));
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

      if (makesDialog) enterDialog(call, headers);
      const text = call.transaction.respond(response);
      if (text === null) return refusal(REFUSAL.unknownTransaction);
      if (status >= 200) {
        onFinal(call, response);
        call.transaction.release();
      } else if (isInvite && status > 100) {
        call.watchdog?.cancel();
        call.watchdog = null;
      }
      return {
        ok: true,
        transactionId,
        dialogId: isInvite && status > 100 ? call.dialogId : '',
        text,
        isOnTheWire: true,
        peer: call.transaction.source,
      };
    },
  };
}

function requiresReliable(message: SipResponse): boolean {
  return /\b100rel\b/i.test(headerValue(message, 'require') ?? '');
}
