import { addMs } from '../../base/clock.ts';
import { responseTo } from '../message/build-response.ts';
import type { Essentials } from '../message/essentials.ts';
import { tagOf, uriOf } from '../message/name-addr.ts';
import { reasonPhrase } from '../message/reason-phrase.ts';
import { type HeaderField, header, headerValue, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { isUri } from '../message/uri.ts';
import type { Hop } from '../transaction/hop.ts';
import { requires } from '../transaction/ingress.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { timeoutMs } from '../transaction/sip-timers.ts';
import { appHeaders, missingContentType } from './app-headers.ts';
import { type Application, REFUSAL, refusal, type SendOutcome } from './application.ts';
import { type Dialog, dialogIdOf, dialogOfServer, refreshTarget, type ServerCall } from './dialog.ts';
import type { UserAgentClient } from './user-agent-client.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** The server side: what the network asks, and what applications answer. */
export type UserAgentServer = {
  onRequest(transaction: ServerTransaction): void;
  onCancel(cancel: ServerTransaction, invite: ServerTransaction | null): void;
  onAck(ack: SipRequest, essentials: Essentials, source: Hop): void;
  /** The application's response. */
  respond(transactionId: string, message: SipResponse): SendOutcome;
  /** Answers for an application that cannot any more. */
  onAppGone(app: Application): void;
};

/** An application that has not answered a request by now never will: drachtio-srf drops what it cannot read. */
export const ANSWER_WATCHDOG_MS = 10_000;

/** The same for an INVITE that has not even got a 1xx; its caller gives up about then too. */
export const INVITE_WATCHDOG_MS = 64_000;

/** Methods that reach an application outside a dialog when it asked for them. */
const ROUTABLE = new Set([
  'INVITE',
  'REGISTER',
  'OPTIONS',
  'MESSAGE',
  'INFO',
  'NOTIFY',
  'SUBSCRIBE',
  'PUBLISH',
  'REFER',
]);

/** Methods that mean nothing outside a dialog (RFC 3261 §15.1.2, RFC 3311, RFC 3262). */
const DIALOG_ONLY = new Set(['BYE', 'UPDATE', 'PRACK']);

const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER, NOTIFY, MESSAGE';

/** Headers of a response that come from the request, whatever the application wrote. */
const FROM_REQUEST = new Set(['from', 'to', 'call-id', 'cseq', 'max-forwards']);

/** Makes the server side; it ends dialogs through the client side. */
export function createUserAgentServer(context: UserAgentContext, client: UserAgentClient): UserAgentServer {
  const { clock, timers, dialogs, newToken, counters, advertised, ownContact } = context;

  const callOf = new Map<ServerTransaction, ServerCall>();

  // ---- requests

  const refuse = (transaction: ServerTransaction, status: number, headers: readonly HeaderField[] = []) => {
    transaction.respond(responseTo(transaction.request, status, { toTag: newToken(), headers }));
    transaction.release();
  };

  const onRequest = (transaction: ServerTransaction) => {
    const { request, essentials } = transaction;
    if (requires(request, '100rel')) {
      refuse(transaction, 420, [header('Unsupported', '100rel')]);
    } else if (essentials.toTag !== null) {
      onRequestInDialog(transaction, essentials.toTag);
    } else if (request.method === 'INVITE') {
      onInvite(transaction);
    } else {
      onRequestOutside(transaction);
    }
  };

  const onInvite = (transaction: ServerTransaction) => {
    const { request, essentials, source } = transaction;
    const contact = headerValue(request, 'contact');
    if (contact === undefined || !isUri(uriOf(contact)) || essentials.fromTag === null) {
      refuse(transaction, 400);
      return;
    }
    const dialogId = dialogIdOf(essentials.callId, essentials.fromTag);
    const pending = dialogs.pendingInvites.get(dialogId);
    if (pending !== undefined || dialogs.byId(dialogId) !== undefined) {
      // The same request over another path is a merged one (RFC 3261 §8.2.2.2), another one cannot have this identity yet.
      const isMerged = pending?.transaction.essentials.cseq.number === essentials.cseq.number;
      refuse(transaction, isMerged ? 482 : 491);
      return;
    }
    if (dialogs.size() + dialogs.pendingInvites.size >= context.dialogsMax) {
      counters.dialogLimit++;
      refuse(transaction, 503, [header('Retry-After', '5')]);
      return;
    }
    const app = context.applications.next('INVITE');
    if (app === null) {
      refuse(transaction, 503);
      return;
    }
    transaction.respond(responseTo(request, 100));
    const call = track(transaction, app, dialogId, null);
    dialogs.pendingInvites.set(dialogId, call);
    app.deliverRequest(call.transactionId, request, source);
  };

  const onRequestOutside = (transaction: ServerTransaction) => {
    const { request, source } = transaction;
    const { method } = request;
    if (DIALOG_ONLY.has(method)) {
      refuse(transaction, 481);
      return;
    }
    if (!ROUTABLE.has(method)) {
      refuse(transaction, 501, [header('Allow', ALLOW)]);
      return;
    }
    const app = context.applications.next(method);
    if (app !== null) {
      app.deliverRequest(track(transaction, app, '', null).transactionId, request, source);
    } else if (method === 'OPTIONS') {
      refuse(transaction, 200, [header('Allow', ALLOW), header('Accept', 'application/sdp')]);
    } else {
      refuse(transaction, method === 'REFER' ? 405 : 503, method === 'REFER' ? [header('Allow', ALLOW)] : []);
    }
  };

  const onRequestInDialog = (transaction: ServerTransaction, toTag: string) => {
    const { request, essentials, source } = transaction;
    const { method } = request;
    const { number } = essentials.cseq;
    const dialog = dialogs.byTags(essentials.callId, toTag, essentials.fromTag ?? '');
    if (dialog === undefined || method === 'PRACK') {
      refuse(transaction, 481);
      return;
    }
    if (number < dialog.remoteSeq) {
      refuse(transaction, 500);
      return;
    }
    dialog.remoteSeq = number;
    if (method === 'INVITE') {
      if (dialog.clientInvite !== null) {
        refuse(transaction, 491);
        return;
      }
      if (dialog.serverInvite !== null || dialog.answer !== null) {
        // Overlapping INVITEs (RFC 3261 §14.2); the application would mix them up.
        refuse(transaction, 500, [header('Retry-After', String(Number.parseInt(newToken().slice(0, 4), 16) % 11))]);
        return;
      }
      transaction.respond(responseTo(request, 100));
    }
    if (method === 'BYE') {
      onBye(transaction, dialog);
      return;
    }
    const call = track(transaction, dialog.app, dialog.id, dialog);
    if (method === 'INVITE') dialog.serverInvite = call;
    dialog.app.deliverInDialog(call.transactionId, dialog.id, request, source);
  };

  const onBye = (transaction: ServerTransaction, dialog: Dialog) => {
    const { request, source } = transaction;
    const pending = dialog.serverInvite ?? dialogs.pendingInvites.get(dialog.id) ?? null;
    const wasEarly = dialog.state === 'early';
    dialogs.remove(dialog);
    dialog.heldBye?.();
    dialog.heldBye = null;
    const pendingNumber = pending?.transaction.essentials.cseq.number ?? 0;
    // Whatever the peer still waits for ends with the dialog (RFC 3261 §15.1.2).
    if (pending !== null) finish(pending, responseTo(pending.transaction.request, 487, { toTag: dialog.localTag }));
    if (!wasEarly || pending === null) {
      const call = track(transaction, dialog.app, dialog.id, null);
      dialog.app.deliverInDialog(call.transactionId, dialog.id, request, source);
      return;
    }
    // A caller that hangs up a ringing call with BYE: the application knows such an end as CANCEL only.
    transaction.respond(responseTo(request, 200));
    transaction.release();
    pending.app.deliverInDialog(pending.transactionId, dialog.id, cancelInsteadOf(request, pendingNumber), source);
  };

  const track = (
    transaction: ServerTransaction,
    app: Application,
    dialogId: string,
    dialog: Dialog | null,
  ): ServerCall => {
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
      finish(call, responseTo(request, 500, { toTag: call.toTag ?? newToken() }));
    });
    dialogs.serverCalls.set(call.transactionId, call);
    callOf.set(transaction, call);
    return call;
  };

  // ---- the end of a request

  const release = (call: ServerCall) => {
    call.watchdog?.cancel();
    call.watchdog = null;
    dialogs.serverCalls.delete(call.transactionId);
    callOf.delete(call.transaction);
    if (dialogs.pendingInvites.get(call.dialogId) === call) dialogs.pendingInvites.delete(call.dialogId);
    if (call.dialog?.serverInvite === call) call.dialog.serverInvite = null;
  };

  /** A failure on the engine's own account. */
  const finish = (call: ServerCall, response: SipResponse) => {
    release(call);
    if (call.dialog?.state === 'early') dialogs.remove(call.dialog);
    call.transaction.respond(response);
    call.transaction.release();
  };

  // ---- CANCEL

  const onCancel = (cancel: ServerTransaction, invite: ServerTransaction | null) => {
    const call = invite === null ? undefined : callOf.get(invite);
    if (call === undefined) {
      // No INVITE, or one that has its final response: a CANCEL changes nothing then (RFC 3261 §9.2).
      refuse(cancel, 481);
      return;
    }
    const { request, source } = cancel;
    call.toTag ??= newToken();
    cancel.respond(responseTo(request, 200, { toTag: call.toTag }));
    cancel.release();
    const dialogId = call.dialog === null ? '' : call.dialogId;
    finish(call, responseTo(call.transaction.request, 487, { toTag: call.toTag }));
    call.app.deliverInDialog(call.transactionId, dialogId, request, source);
  };

  // ---- ACK

  const onAck = (ack: SipRequest, essentials: Essentials, source: Hop) => {
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
  };

  // ---- responses of the application

  const respond = (transactionId: string, message: SipResponse): SendOutcome => {
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
  };

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
    release(call);
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
    awaitAck(dialog, call, isInitial);
  };

  /** Repeats the 2xx at T1, 2*T1, … T2 until its ACK is in; after 64*T1 the dialog ends (RFC 3261 §13.3.1.4). */
  const awaitAck = (dialog: Dialog, call: ServerCall, isInitial: boolean) => {
    const answer = { call, cseqNumber: call.transaction.essentials.cseq.number, isInitial, timer: null };
    dialog.answer = answer;
    const startMs = clock.monotonicMs();
    const deadlineMs = addMs(startMs, timeoutMs(timers));
    const isReliable = (call.transaction.source.protocol as string) !== 'udp';
    const wait = (fromMs: typeof startMs, intervalMs: number) => {
      const nextMs = addMs(fromMs, intervalMs);
      const isLast = isReliable || nextMs >= deadlineMs;
      const current = dialog.answer;
      if (current === null) return;
      current.timer = clock.setTimer(isLast ? deadlineMs : nextMs, () => {
        if (isLast) {
          dialog.answer = null;
          client.bye(dialog, 'ACK timeout', true);
          return;
        }
        call.transaction.resend();
        wait(nextMs, Math.min(intervalMs * 2, timers.t2Ms));
      });
    };
    wait(startMs, timers.t1Ms);
  };

  const onAppGone = (app: Application) => {
    for (const call of [...dialogs.serverCalls.values()]) {
      if (call.app === app)
        finish(call, responseTo(call.transaction.request, 503, { toTag: call.toTag ?? newToken() }));
    }
    for (const dialog of dialogs.all()) {
      if (dialog.app === app && dialog.state === 'confirmed') client.bye(dialog, 'application gone', false);
    }
  };

  return { onRequest, onCancel, onAck, respond, onAppGone };
}

function requiresReliable(message: SipResponse): boolean {
  return /\b100rel\b/i.test(headerValue(message, 'require') ?? '');
}

/** The CANCEL that a BYE of a ringing call amounts to. */
function cancelInsteadOf(bye: SipRequest, number: number): SipRequest {
  return {
    ...bye,
    method: 'CANCEL',
    headers: bye.headers.map((field) => (field.key === 'cseq' ? header('CSeq', `${number} CANCEL`) : field)),
  };
}
