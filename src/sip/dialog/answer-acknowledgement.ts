import { type Essentials, parseCSeq } from '../message/essentials.ts';
import { serializeMessage, toOctets } from '../message/serialize-message.ts';
import { type HeaderField, headerValue, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { defaultPort, type Hop } from '../transaction/hop.ts';
import { appHeaders, missingContentType, selfFacing } from './app-headers.ts';
import { REFUSAL, refusal, type SendOutcome } from './application.ts';
import { type ClientCall, type Dialog, rememberDescription, requestWithin, type SentAck } from './dialog.ts';
import { firstHop, locateWithin } from './location.ts';
import { dismissalOf } from './unwanted-answer.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** The ACKs of 2xx: sent when the application says so, sent again for every repeated 2xx (RFC 3261 §13.2.2.4). */
export type AnswerAcknowledgement = {
  /** The application's ACK of a 2xx. */
  ack(dialogId: string, message: SipRequest): SendOutcome;
  /** Sends the ACK of this INVITE's 2xx and returns it as octet text. */
  acknowledge(dialog: Dialog, call: ClientCall, headers: readonly HeaderField[], body: string): string;
  repeat(sentAck: SentAck): void;
  /** ACK and BYE for an answer that nobody wants: of another fork, or of an earlier life of this engine. */
  dismiss(response: SipResponse, essentials: Essentials, source: Hop, reason: string): void;
  /** A response that matches no transaction. */
  onStrayResponse(response: SipResponse, essentials: Essentials, source: Hop): void;
};

/** Makes the sender of ACKs. */
export function createAnswerAcknowledgement(context: UserAgentContext): AnswerAcknowledgement {
  const { layer, dialogs, newToken, counters, faces } = context;

  const ack = (dialogId: string, message: SipRequest): SendOutcome => {
    const dialog = dialogs.byId(dialogId);
    const call = dialog?.unacked;
    if (dialog === undefined) return refusal(REFUSAL.ackOfFailure);
    if (!call) {
      // A second ACK of the same 2xx; the network gets the first one again.
      const { sentAck } = dialog;
      if (sentAck === null || sentAck.cseqNumber !== dialog.localSeq) return refusal(REFUSAL.ackOfFailure);
      repeat(sentAck);
      const text = sentAck.octets.toString('latin1');
      return { ok: true, transactionId: newToken(), dialogId, text, isOnTheWire: true, peer: null };
    }
    const location = locateWithin(context, dialog);
    const headers = appHeaders(message, selfFacing(faces, firstHop(location)));
    const contentType = missingContentType(headers, message.body);
    if (contentType === 'unknown') return refusal(REFUSAL.missingContentTypeInDialog);
    if (contentType !== null) headers.push(contentType);
    const text = acknowledge(dialog, call, headers, message.body, location);
    return { ok: true, transactionId: call.transactionId, dialogId, text, isOnTheWire: true, peer: null };
  };

  /** With the INVITE's CSeq number and its credentials (RFC 3261 §13.2.2.4). */
  const acknowledge = (
    dialog: Dialog,
    call: ClientCall,
    headers: readonly HeaderField[],
    body: string,
    location = locateWithin(context, dialog),
  ): string => {
    const invite = call.transaction.request;
    const cseqNumber = parseCSeq(headerValue(invite, 'cseq') ?? '')?.number ?? 0;
    const credentials = invite.headers.filter(
      (field) => field.key === 'authorization' || field.key === 'proxy-authorization',
    );
    const built = requestWithin(dialog, 'ACK', cseqNumber, [...credentials, ...headers], body);
    const text = serializeMessage(layer.withNewVia(built, firstHop(location)));
    const sentAck: SentAck = { cseqNumber, octets: toOctets(text), hop: null };
    dialog.sentAck = sentAck;
    call.sentAck = sentAck;
    dialog.unacked = null;
    rememberDescription(dialog, body);
    dialog.unackedTimer?.cancel();
    dialog.unackedTimer = null;
    call.transaction.release();
    if (location.kind === 'hops') {
      sentAck.hop = location.hops[0] ?? null;
      repeat(sentAck);
    } else if (location.kind === 'look-up') {
      void location.found.then((hops) => {
        sentAck.hop = hops[0] ?? null;
        repeat(sentAck);
      });
    }
    return text;
  };

  const repeat = (sentAck: SentAck) => {
    if (sentAck.hop !== null) layer.sendOctets(sentAck.octets, sentAck.hop);
  };

  /** To the sender of the answer only: a forged response must not make us speak to somebody else. */
  const dismiss = (response: SipResponse, essentials: Essentials, source: Hop, reason: string) => {
    const { ack: lastAck, bye: farewell } = dismissalOf(response, essentials, source, reason);
    layer.sendStateless(layer.withNewVia(lastAck, source), source);
    layer.sendStateless(layer.withNewVia(farewell, source), source);
  };

  const onStrayResponse = (response: SipResponse, essentials: Essentials, source: Hop) => {
    const isAnswer = essentials.cseq.method === 'INVITE' && response.status >= 200 && response.status < 300;
    const { host, port } = essentials.via;
    const isOurs = faces.isOwn(host, port ?? defaultPort(source.protocol));
    if (!isAnswer || !isOurs || essentials.fromTag === null || essentials.toTag === null) {
      counters.unmatchedResponses++;
      return;
    }
    const dialog = dialogs.byTags(essentials.callId, essentials.fromTag, essentials.toTag);
    if (dialog !== undefined) {
      if (dialog.sentAck?.cseqNumber === essentials.cseq.number) repeat(dialog.sentAck);
      return;
    }
    counters.strayAnswers++;
    dismiss(response, essentials, source, 'call unknown after restart');
  };

  return { ack, acknowledge, repeat, dismiss, onStrayResponse };
}
