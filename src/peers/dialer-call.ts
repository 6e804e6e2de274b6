import { addMs, type MonotonicMs, type Timer } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import { responseTo } from '../sip/message/build-response.ts';
import {
  type HeaderField,
  header,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '../sip/message/sip-message.ts';
import { formatHostPort } from '../sip/message/uri.ts';
import type { ClientTransaction } from '../sip/transaction/client-transaction.ts';
import type { Hop } from '../sip/transaction/hop.ts';
import type { ServerTransaction } from '../sip/transaction/server-transaction.ts';
import { repeatAnswer } from './answer-repeater.ts';
import { CALL_LIMIT_MS, type CallPlan, type CallResult, type DialerEnd } from './call-plan.ts';
import { ackOfAnswer, dialogOfClient, hopOf, nextRequest, type PeerDialog } from './peer-dialog.ts';
import type { PeerMedia } from './peer-media.ts';
import { agentMelody } from './peer-voice.ts';
import type { SipEndpoint } from './sip-endpoint.ts';

/** A call that the dialer has placed. */
export type DialerCall = {
  readonly callId: string;
  /** Resolves when the call is over, never rejects. */
  readonly result: Promise<CallResult>;
  isOver(): boolean;
  /** A request in the dialog. */
  receiveRequest(transaction: ServerTransaction): void;
  receiveAck(): void;
  /** Cancels or hangs up at once. */
  giveUp(): void;
};

/** The CSeq of every INVITE. */
const INVITE_SEQUENCE = 1;

const sdpType = header('Content-Type', 'application/sdp');

/** Sends the INVITE to `server` and follows the plan. */
export function placeCallOn(endpoint: SipEndpoint, server: Hop, media: PeerMedia, plan: CallPlan): DialerCall {
  const { clock } = endpoint;
  const callId = `${endpoint.newToken()}@${endpoint.local.address}`;
  const invitedAtMs = clock.monotonicMs();
  const statuses: number[] = [];
  const problems: string[] = [];
  const timers: Timer[] = [];
  let dialog: PeerDialog | null = null;
  let responseHeaders: Record<string, string> = {};
  let byeHeaders: Record<string, string> = {};
  let ringingAtMs: MonotonicMs | null = null;
  let answeredAtMs: MonotonicMs | null = null;
  let agentAtMs: MonotonicMs | null = null;
  let agentAcceptedAtMs: MonotonicMs | null = null;
  let finalStatus = 0;
  let mediaAgreed = false;
  let cancelWanted = false;
  let isOver = false;
  let repeater: Timer | null = null;

  const { promise: result, resolve } = Promise.withResolvers<CallResult>();
  const invite = endpoint.layer.prepare(inviteRequest(), server, {
    onResponse,
    onTimeout: () => fail(408, 'nobody answered the INVITE'),
    onTransportFailure: () => fail(503, 'the INVITE could not be sent'),
  });
  if (invite === null) {
    fail(503, 'too many transactions');
  } else {
    if (plan.cancelAfterMs !== undefined) after(plan.cancelAfterMs, () => cancel(invite));
    after(plan.limitMs ?? CALL_LIMIT_MS, giveUp);
    invite.send(server);
  }

  return {
    callId,
    result,
    isOver: () => isOver,
    receiveRequest,
    receiveAck() {
      repeater?.cancel();
    },
    giveUp,
  };

  function inviteRequest(): SipRequest {
    const at = formatHostPort(server.address, server.port);
    return {
      kind: 'request',
      method: 'INVITE',
      uri: `sip:${plan.number}@${at}`,
      headers: [
        header('From', `<sip:${plan.callerId}@${endpoint.local.address}>;tag=${endpoint.newToken()}`),
        header('To', `<sip:${plan.number}@${at}>`),
        header('Call-ID', callId),
        header('CSeq', `${INVITE_SEQUENCE} INVITE`),
        header('Contact', `<${endpoint.contactUri('dialer')}>`),
        header('Allow', 'INVITE, ACK, CANCEL, BYE, INFO, OPTIONS'),
        ...fields(plan.headers),
        sdpType,
      ],
      body: media.offer(),
    };
  }

  function onResponse(response: SipResponse, _essentials: unknown, source: Hop): void {
    statuses.push(response.status);
    responseHeaders = namedValues(response);
    if (response.status < 200) onProvisional(response);
    else if (response.status < 300) onAnswer(response, source);
    else fail(response.status, null);
  }

  function onProvisional(response: SipResponse): void {
    if (response.status > 100) ringingAtMs ??= clock.monotonicMs();
    if (response.body !== '') agreeMedia(response.body);
    if (cancelWanted && invite !== null) endpoint.layer.cancel(invite, []);
  }

  function onAnswer(response: SipResponse, source: Hop): void {
    const isRepeated = dialog !== null;
    dialog ??= dialogOfClient(inviteRequestSent(), response, source);
    const ack = endpoint.layer.withNewVia(ackOfAnswer(dialog, INVITE_SEQUENCE), hopOf(dialog));
    endpoint.layer.sendStateless(ack, hopOf(dialog));
    if (isRepeated) return;
    finalStatus = response.status;
    answeredAtMs = clock.monotonicMs();
    media.answered(answeredAtMs);
    if (!mediaAgreed && !agreeMedia(response.body)) problems.push('the 200 has no SDP that could be used');
    if (cancelWanted || isOver) {
      // The 200 crossed our CANCEL: it is a call, and we do not want it any more (RFC 3261 §9.1).
      hangUp('cancelled', {});
      return;
    }
    planAgent();
    const { hangUp: planned } = plan;
    if (planned !== undefined) after(planned.afterMs, () => hangUp('dialer-hung-up', planned.headers ?? {}));
  }

  function inviteRequestSent(): SipRequest {
    return (invite as ClientTransaction).request;
  }

  function agreeMedia(body: string): boolean {
    mediaAgreed ||= media.accept(body);
    return mediaAgreed;
  }

  function planAgent(): void {
    const { agent } = plan;
    if (agent === undefined) return;
    if (agent.by === 'invite') {
      agentComes();
    } else {
      after(agent.afterMs, () => {
        agentComes();
        if (agent.by === 'info') void reportByInfo(agent.headers);
        else agent.report(callId).catch((thrown) => problems.push(`agent report: ${describeError(thrown)}`));
      });
    }
  }

  function agentComes(): void {
    agentAtMs = clock.monotonicMs();
    media.play(agentMelody);
  }

  async function reportByInfo(headers: Readonly<Record<string, string>>): Promise<void> {
    if (dialog === null || isOver) return;
    const status = await endpoint.ask(nextRequest(dialog, 'INFO', fields(headers)), hopOf(dialog));
    if (status === 200) agentAcceptedAtMs = clock.monotonicMs();
    else problems.push(`INFO was answered ${status}`);
  }

  function receiveRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    switch (request.method) {
      case 'BYE':
        transaction.respond(responseTo(request, 200));
        byeHeaders = isOver ? byeHeaders : namedValues(request);
        finish('peer-hung-up');
        return;
      case 'INVITE': {
        const body = request.body === '' ? media.offer() : media.answer(request.body);
        const contact = header('Contact', `<${endpoint.contactUri('dialer')}>`);
        transaction.respond(
          body === null ? responseTo(request, 488) : responseTo(request, 200, { headers: [contact, sdpType], body }),
        );
        if (body !== null) repeater = repeatAnswer(clock, transaction, () => undefined);
        return;
      }
      default:
        transaction.respond(responseTo(request, 200));
    }
  }

  function cancel(transaction: ClientTransaction): void {
    if (finalStatus !== 0 || isOver) return;
    cancelWanted = true;
    if (statuses.length > 0) endpoint.layer.cancel(transaction, []);
  }

  function hangUp(how: DialerEnd, headers: Readonly<Record<string, string>>): void {
    if (dialog === null) return;
    const bye = nextRequest(dialog, 'BYE', fields(headers));
    void endpoint.ask(bye, hopOf(dialog)).then((status) => {
      // 481: the other side's BYE crossed ours.
      if (status !== 200 && status !== 481) problems.push(`BYE was answered ${status}`);
      finish(how);
    });
  }

  function giveUp(): void {
    if (isOver) return;
    problems.push(`not over after ${Math.round(clock.monotonicMs() - invitedAtMs)} ms`);
    if (dialog !== null) hangUp('given-up', {});
    else if (invite !== null) cancel(invite);
    finish('given-up');
  }

  function fail(status: number, problem: string | null): void {
    finalStatus = status;
    if (problem !== null) problems.push(problem);
    finish(cancelWanted && status === 487 ? 'cancelled' : 'failed');
  }

  function finish(end: DialerEnd): void {
    if (isOver) return;
    isOver = true;
    const endedAtMs = clock.monotonicMs();
    for (const timer of timers) timer.cancel();
    repeater?.cancel();
    void media.close().then(() =>
      resolve({
        number: plan.number,
        dialerCallId: callId,
        statuses: [...statuses],
        finalStatus,
        responseHeaders,
        invitedAtMs,
        ringingAtMs,
        answeredAtMs,
        agentAtMs,
        agentAcceptedAtMs,
        endedAtMs,
        end,
        byeHeaders,
        problems: [...problems],
        recording: media.recording(),
      }),
    );
  }

  function after(durationMs: number, fire: () => void): void {
    timers.push(clock.setTimer(addMs(clock.monotonicMs(), durationMs), fire));
  }
}

function fields(headers: Readonly<Record<string, string>> | undefined): HeaderField[] {
  return Object.entries(headers ?? {}).map(([name, value]) => header(name, value));
}

function namedValues(message: SipMessage): Record<string, string> {
  return Object.fromEntries(message.headers.map((field) => [field.key, field.value]));
}
