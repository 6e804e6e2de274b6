import { addMs } from '../../base/clock.ts';
import { responseTo } from '../message/build-response.ts';
import { type Essentials, parseCSeq } from '../message/essentials.ts';
import { serializeMessage, toOctets } from '../message/serialize-message.ts';
import { type HeaderField, header, headerValue, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import type { Hop } from '../transaction/hop.ts';
import { timeoutMs } from '../transaction/sip-timers.ts';
import { appHeaders, missingContentType } from './app-headers.ts';
import { type Application, REFUSAL, refusal, type SendOutcome } from './application.ts';
import {
  type ClientCall,
  type Dialog,
  dialogOfClient,
  nextCSeq,
  refreshTarget,
  requestWithin,
  type SentAck,
} from './dialog.ts';
import { initialRequest, invalidUri, METHODS } from './initial-request.ts';
import type { Location } from './location.ts';
import { dismissalOf, reasonHeader } from './unwanted-answer.ts';
import { NOBODY, type UserAgentContext } from './user-agent-context.ts';

/** The client side: what applications send, and what comes back. */
export type UserAgentClient = {
  /** A request outside all dialogs; `proxy` is the next hop when it is not ''. */
  request(app: Application, message: SipRequest, proxy: string): SendOutcome;
  requestInDialog(app: Application, dialogId: string, message: SipRequest): SendOutcome;
  /** The application's ACK of a 2xx. */
  ack(dialogId: string, message: SipRequest): SendOutcome;
  cancel(transactionId: string, message: SipRequest): SendOutcome;
  /** A BYE on the engine's own account; the application hears of it when `isTold`. */
  bye(dialog: Dialog, reason: string, isTold: boolean): void;
  /** A response that matches no transaction. */
  onStrayResponse(response: SipResponse, essentials: Essentials, source: Hop): void;
  /** Cancels what this application has not finished. */
  onAppGone(app: Application): void;
};

/** Timer C: an INVITE that rings for more than three minutes is cancelled (RFC 3261 §16.6, item 11). */
export const TIMER_C_MS = 185_000;

/** Requests whose Contact moves the remote target (RFC 3261 §12.2, RFC 3311, RFC 6665, RFC 3515). */
const TARGET_REFRESH = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'REFER']);

/** Makes the client side. */
export function createUserAgentClient(context: UserAgentContext): UserAgentClient {
  const { clock, timers, layer, dialogs, newToken, counters, advertised, ownContact } = context;

  // ---- sending

  const track = (
    app: Application,
    request: SipRequest,
    dialogId: string,
    dialog: Dialog | null,
    onFinal: (call: ClientCall, status: number) => void,
  ): ClientCall | null => {
    const transactionId = newToken();
    const transaction = layer.prepare(request, 'udp', {
      onResponse: (response, essentials, source) => onResponse(call, response, essentials, source, onFinal),
      onTimeout: () => synthesize(call, 408, onFinal),
      onTransportFailure: () => synthesize(call, 503, onFinal),
    });
    if (transaction === null) return null;
    const call: ClientCall = {
      transactionId,
      transaction,
      app,
      method: request.method,
      dialogId,
      dialog,
      forks: null,
      answerTag: null,
      sentAck: null,
      hasProvisional: false,
      cancel: null,
      timer: null,
      isEnded: false,
    };
    dialogs.clientCalls.set(transactionId, call);
    return call;
  };

  const launch = (call: ClientCall, location: Location) => {
    if (call.method === 'INVITE') startTimerC(call);
    if (location.kind === 'hop') {
      call.transaction.send(location.hop);
      return;
    }
    if (location.kind !== 'look-up') {
      // A journalled or recorded route that leads nowhere. The application hears of it after the receipt, not before.
      clock.setTimer(clock.monotonicMs(), () => call.transaction.fail());
      return;
    }
    void location.found.then((hop) => {
      if (call.isEnded) return;
      if (call.cancel !== null) {
        call.transaction.abandon();
        synthesize(call, 487, () => undefined);
      } else if (hop === null || context.isSelf(hop)) call.transaction.fail();
      else call.transaction.send(hop);
    });
  };

  const sent = (call: ClientCall): SendOutcome => ({
    ok: true,
    transactionId: call.transactionId,
    dialogId: call.dialogId,
    text: call.transaction.text,
    isOnTheWire: true,
    peer: null,
  });

  const locateWithin = (dialog: Dialog, nextUri: string): Location =>
    dialog.natHop === null ? context.locator.locate(nextUri, true) : { kind: 'hop', hop: dialog.natHop };

  const withSoftwareName = (headers: readonly HeaderField[]): readonly HeaderField[] =>
    context.userAgent === null || headers.some((field) => field.key === 'user-agent')
      ? headers
      : [...headers, header('User-Agent', context.userAgent)];

  const request = (app: Application, message: SipRequest, proxy: string): SendOutcome => {
    const built = initialRequest(message, proxy, context);
    if (typeof built === 'string') return refusal(built);
    const location = context.locator.locate(built.nextUri, built.isRecovery);
    if (location.kind === 'unreadable') return refusal(invalidUri(message));
    if (location.kind === 'unsupported-scheme') return refusal(REFUSAL.badScheme);
    if (location.kind === 'unsupported-transport') return refusal(REFUSAL.noTransport);
    if (location.kind === 'hop' && context.isSelf(location.hop)) return refusal(REFUSAL.toMyself);
    if (message.method === 'INVITE' && dialogs.size() + dialogs.pendingInvites.size >= context.dialogsMax) {
      counters.dialogLimit++;
      return refusal(REFUSAL.limit);
    }
    const named = { ...built.request, headers: withSoftwareName(built.request.headers) };
    const call = track(app, named, built.dialogId, null, () => undefined);
    if (call === null) return refusal(REFUSAL.limit);
    launch(call, location);
    return sent(call);
  };

  const requestInDialog = (app: Application, dialogId: string, message: SipRequest): SendOutcome => {
    const dialog = dialogs.byId(dialogId);
    if (dialog === undefined) return refusal(REFUSAL.unknownDialog);
    if (!METHODS.has(message.method)) return refusal(invalidUri(message));
    const headers = appHeaders(message, advertised);
    const contentType = missingContentType(headers, message.body);
    if (contentType === 'unknown') return refusal(REFUSAL.missingContentTypeInDialog);
    if (contentType !== null) headers.push(contentType);
    if (TARGET_REFRESH.has(message.method)) {
      const contact = headers.find((field) => field.key === 'contact');
      if (contact === undefined) headers.push(header('Contact', dialog.localContact || ownContact));
      else dialog.localContact = contact.value;
    }
    const call = sendWithin(dialog, app, message.method, withSoftwareName(headers), message.body);
    return call === null ? refusal(REFUSAL.limit) : sent(call);
  };

  const sendWithin = (
    dialog: Dialog,
    app: Application,
    method: string,
    headers: readonly HeaderField[],
    body: string,
  ): ClientCall | null => {
    const { request: built, nextUri } = requestWithin(dialog, method, nextCSeq(dialog), headers, body);
    const call = track(app, built, dialog.id, dialog, onFinalInDialog);
    if (call === null) return null;
    const go = () => launch(call, locateWithin(dialog, nextUri));
    if (method === 'INVITE') dialog.clientInvite = call;
    if (method === 'BYE') {
      if (dialog.unacked !== null) acknowledge(dialog, dialog.unacked, [], '');
      // Our re-INVITE would outlive its dialog: it is cancelled first.
      if (dialog.clientInvite !== null) wantCancel(dialog.clientInvite, []);
      // A BYE must not overtake the ACK of our own 2xx (RFC 3261 §15).
      if (dialog.answer !== null) {
        const earlier = dialog.heldBye;
        dialog.heldBye = () => {
          earlier?.();
          go();
        };
        return call;
      }
    }
    go();
    return call;
  };

  const onFinalInDialog = (call: ClientCall, status: number) => {
    if (call.method !== 'BYE' || call.dialog === null) return;
    if (status !== 401 && status !== 407) dialogs.remove(call.dialog);
  };

  // ---- the end of a request

  const end = (call: ClientCall) => {
    call.isEnded = true;
    call.timer?.cancel();
    call.timer = null;
    dialogs.clientCalls.delete(call.transactionId);
    if (call.dialog?.clientInvite === call) call.dialog.clientInvite = null;
  };

  const endForks = (call: ClientCall) => {
    if (call.forks === null) return;
    for (const fork of call.forks.values()) dialogs.remove(fork);
    call.forks = null;
  };

  const synthesize = (call: ClientCall, status: number, onFinal: (call: ClientCall, status: number) => void) => {
    if (call.isEnded) return;
    end(call);
    endForks(call);
    onFinal(call, status);
    const response = responseTo(call.transaction.request, status, { toTag: newToken() });
    call.transaction.release();
    call.app.deliverResponse(call.transactionId, call.dialogId, response, null);
  };

  // ---- responses

  const onResponse = (
    call: ClientCall,
    response: SipResponse,
    essentials: Essentials,
    source: Hop,
    onFinal: (call: ClientCall, status: number) => void,
  ) => {
    const { status } = response;
    if (call.method === 'INVITE') {
      if (status >= 200 && status < 300) {
        onAnswer(call, response, essentials, source);
        return;
      }
      if (call.isEnded) return;
      if (status < 200) {
        call.hasProvisional = true;
        if (call.cancel === null) startTimerC(call);
        else if (!call.cancel.isSent) sendCancel(call);
        if (status === 100) return;
        earlyDialog(call, response, essentials, source);
      } else {
        end(call);
        endForks(call);
        onFinal(call, status);
      }
    } else {
      if (call.isEnded || status === 100) return;
      if (status >= 200) {
        end(call);
        if (call.dialog !== null && status < 300 && TARGET_REFRESH.has(call.method))
          refreshTarget(call.dialog, response, source);
        onFinal(call, status);
      }
    }
    if (status >= 200) call.transaction.release();
    call.app.deliverResponse(call.transactionId, call.dialogId, response, source);
  };

  const earlyDialog = (call: ClientCall, response: SipResponse, essentials: Essentials, source: Hop) => {
    if (call.dialog !== null || essentials.toTag === null || call.forks?.has(essentials.toTag)) return;
    if (dialogs.size() >= context.dialogsMax) return;
    const dialog = dialogOfClient(call, response, essentials, source);
    call.forks ??= new Map();
    call.forks.set(essentials.toTag, dialog);
    dialogs.add(dialog);
  };

  /** A 2xx to an INVITE: the first one answers the call, the same again wants its ACK again, others are forks. */
  const onAnswer = (call: ClientCall, response: SipResponse, essentials: Essentials, source: Hop) => {
    const { toTag } = essentials;
    if (call.isEnded) {
      if (call.answerTag === toTag) {
        if (call.sentAck !== null) repeatAck(call.sentAck);
      } else {
        counters.forkedAnswers++;
        dismiss(response, essentials, source, 'fork already answered');
      }
      return;
    }
    end(call);
    call.answerTag = toTag;
    let { dialog } = call;
    if (dialog === null) {
      // The 2xx decides route set and target, whatever a 1xx of the same fork said (RFC 3261 §13.2.2.4).
      const early = call.forks?.get(toTag ?? '');
      endForks(call);
      dialog = dialogOfClient(call, response, essentials, source);
      dialog.remoteSeq = early?.remoteSeq ?? 0;
      dialogs.add(dialog);
      dialogs.confirm(dialog);
    } else {
      refreshTarget(dialog, response, source);
    }
    dialog.unacked = call;
    if (call.app.isGone() || dialog.state === 'ended') {
      acknowledge(dialog, call, [], '');
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

  // ---- ACK

  const ack = (dialogId: string, message: SipRequest): SendOutcome => {
    const dialog = dialogs.byId(dialogId);
    const call = dialog?.unacked;
    if (dialog === undefined) return refusal(REFUSAL.ackOfFailure);
    if (!call) {
      // A second ACK of the same 2xx; the network gets the first one again.
      const { sentAck } = dialog;
      if (sentAck === null || sentAck.cseqNumber !== dialog.localSeq) return refusal(REFUSAL.ackOfFailure);
      repeatAck(sentAck);
      const text = sentAck.octets.toString('latin1');
      return { ok: true, transactionId: newToken(), dialogId, text, isOnTheWire: true, peer: null };
    }
    const headers = appHeaders(message, advertised);
    const contentType = missingContentType(headers, message.body);
    if (contentType === 'unknown') return refusal(REFUSAL.missingContentTypeInDialog);
    if (contentType !== null) headers.push(contentType);
    const text = acknowledge(dialog, call, headers, message.body);
    return { ok: true, transactionId: call.transactionId, dialogId, text, isOnTheWire: true, peer: null };
  };

  /** Sends the ACK of the 2xx: the INVITE's CSeq number and its credentials (RFC 3261 §13.2.2.4). */
  const acknowledge = (dialog: Dialog, call: ClientCall, headers: readonly HeaderField[], body: string): string => {
    const invite = call.transaction.request;
    const cseqNumber = parseCSeq(headerValue(invite, 'cseq') ?? '')?.number ?? 0;
    const credentials = invite.headers.filter(
      (field) => field.key === 'authorization' || field.key === 'proxy-authorization',
    );
    const { request: built, nextUri } = requestWithin(dialog, 'ACK', cseqNumber, [...credentials, ...headers], body);
    const text = serializeMessage(layer.withNewVia(built, 'udp'));
    const sentAck: SentAck = { cseqNumber, octets: toOctets(text), hop: null };
    dialog.sentAck = sentAck;
    call.sentAck = sentAck;
    dialog.unacked = null;
    dialog.unackedTimer?.cancel();
    dialog.unackedTimer = null;
    call.transaction.release();
    const location = locateWithin(dialog, nextUri);
    if (location.kind === 'hop') {
      sentAck.hop = location.hop;
      repeatAck(sentAck);
    } else if (location.kind === 'look-up') {
      void location.found.then((hop) => {
        sentAck.hop = hop;
        repeatAck(sentAck);
      });
    }
    return text;
  };

  const repeatAck = (sentAck: SentAck) => {
    if (sentAck.hop !== null) layer.sendOctets(sentAck.octets, sentAck.hop);
  };

  // ---- CANCEL

  const startTimerC = (call: ClientCall) => {
    call.timer?.cancel();
    call.timer = clock.setTimer(addMs(clock.monotonicMs(), TIMER_C_MS), () => wantCancel(call, []));
  };

  const wantCancel = (call: ClientCall, extra: readonly HeaderField[]) => {
    if (call.cancel !== null) return;
    call.cancel = { extra, isSent: false };
    if (call.hasProvisional) sendCancel(call);
  };

  const sendCancel = (call: ClientCall) => {
    if (call.cancel === null || call.cancel.isSent) return;
    call.cancel.isSent = true;
    layer.cancel(call.transaction, call.cancel.extra);
    call.timer?.cancel();
    // No final response in 64*T1 after the CANCEL: the INVITE is over (RFC 3261 §9.1), and its application is told.
    call.timer = clock.setTimer(addMs(clock.monotonicMs(), timeoutMs(timers)), () => {
      call.transaction.abandon();
      synthesize(call, 487, () => undefined);
    });
  };

  const cancel = (transactionId: string, message: SipRequest): SendOutcome => {
    const call = dialogs.clientCalls.get(transactionId);
    if (call === undefined || call.method !== 'INVITE') {
      return refusal(`unable to cancel unknown transaction id: ${transactionId}`);
    }
    const extra = appHeaders(message, advertised).filter((field) => !NOT_ON_CANCEL.has(field.key));
    wantCancel(call, extra);
    const text = serializeMessage(call.transaction.cancelRequest(extra));
    return {
      ok: true,
      transactionId: newToken(),
      dialogId: call.dialogId,
      text,
      isOnTheWire: call.hasProvisional,
      peer: null,
    };
  };

  // ---- BYE on our own account

  const bye = (dialog: Dialog, reason: string, isTold: boolean) => {
    if (dialog.state === 'ended') return;
    if (dialog.unacked !== null) acknowledge(dialog, dialog.unacked, [], '');
    if (dialog.clientInvite !== null) wantCancel(dialog.clientInvite, []);
    const held = dialog.heldBye;
    dialog.heldBye = null;
    dialogs.remove(dialog);
    if (held !== null) {
      held();
      return;
    }
    const call = sendWithin(dialog, NOBODY, 'BYE', [reasonHeader(reason)], '');
    if (isTold && call !== null) {
      dialog.app.deliverUnsolicited(dialog.id, call.transaction.text, call.transaction.hop ?? NOWHERE);
    }
  };

  // ---- responses without transaction

  const onStrayResponse = (response: SipResponse, essentials: Essentials, source: Hop) => {
    const isAnswer = essentials.cseq.method === 'INVITE' && response.status >= 200 && response.status < 300;
    const isOurs =
      essentials.via.host === advertised.host.toLowerCase() && (essentials.via.port ?? 5060) === advertised.port;
    if (!isAnswer || !isOurs || essentials.fromTag === null || essentials.toTag === null) {
      counters.unmatchedResponses++;
      return;
    }
    const dialog = dialogs.byTags(essentials.callId, essentials.fromTag, essentials.toTag);
    if (dialog !== undefined) {
      if (dialog.sentAck?.cseqNumber === essentials.cseq.number) repeatAck(dialog.sentAck);
      return;
    }
    counters.strayAnswers++;
    dismiss(response, essentials, source, 'call unknown after restart');
  };

  /** To the sender of the answer only: a forged response must not make us speak to somebody else. */
  const dismiss = (response: SipResponse, essentials: Essentials, source: Hop, reason: string) => {
    const { ack: lastAck, bye: farewell } = dismissalOf(response, essentials, source, reason);
    layer.sendStateless(layer.withNewVia(lastAck, source.protocol), source);
    layer.sendStateless(layer.withNewVia(farewell, source.protocol), source);
  };

  const onAppGone = (app: Application) => {
    for (const call of [...dialogs.clientCalls.values()]) {
      if (call.app === app && call.method === 'INVITE' && call.dialog === null) wantCancel(call, []);
    }
  };

  return { request, requestInDialog, ack, cancel, bye, onStrayResponse, onAppGone };
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

const NOWHERE: Hop = { protocol: 'udp', address: '', port: 0 };
