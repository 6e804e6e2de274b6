import { addMs, type MonotonicMs, type Timer } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { responseTo } from '../sip/message/build-response.ts';
import { withTag } from '../sip/message/name-addr.ts';
import { type HeaderField, header, headerValue, type SipRequest } from '../sip/message/sip-message.ts';
import type { ServerTransaction } from '../sip/transaction/server-transaction.ts';
import { repeatAnswer } from './answer-repeater.ts';
import type { CalleeBehaviour } from './callee-behaviour.ts';
import { dialogOfServer, hopOf, nextRequest, type PeerDialog } from './peer-dialog.ts';
import type { OpenPeerMedia, PeerMedia } from './peer-media.ts';
import { calleeGreeting, ringingTone } from './peer-voice.ts';
import type { Recording } from './recorder.ts';
import type { SipEndpoint } from './sip-endpoint.ts';

/** How a call ended, seen by the callee. */
export type CalleeEnd = 'caller-hung-up' | 'callee-hung-up' | 'cancelled' | 'refused' | 'never-acknowledged' | 'failed';

/** What a callee saw of one call; times are null until the thing happened. */
export type CalleeRecord = {
  readonly number: string;
  /** As it came: its headers are what the callee's network learns. */
  readonly invite: SipRequest;
  readonly invitedAtMs: MonotonicMs;
  readonly ringingAtMs: MonotonicMs | null;
  /** Just before the 200 was first handed to the socket. */
  readonly answeredAtMs: MonotonicMs | null;
  readonly acknowledgedAtMs: MonotonicMs | null;
  /** BYE or CANCEL received, or sent, or the final response sent. */
  readonly endedAtMs: MonotonicMs | null;
  readonly end: CalleeEnd | null;
  /** The BYE or CANCEL that ended the call; null when neither did. */
  readonly lastRequest: SipRequest | null;
  /** Requests in the dialog beside BYE: INFO, re-INVITE. */
  readonly requests: readonly SipRequest[];
  readonly recording: Recording;
};

/** A call at the callee. */
export type CalleeCall = {
  readonly number: string;
  record(): CalleeRecord;
  isEnded(): boolean;
  receiveAck(ack: SipRequest): void;
  receiveCancel(cancel: ServerTransaction): void;
  /** A request in the dialog. */
  receiveRequest(transaction: ServerTransaction): void;
  /** Hangs up or refuses at once. */
  hangUp(): void;
  /** Hangs up if need be; resolves when the RTP sockets are closed. */
  close(): Promise<void>;
};

const NO_RECORDING: Recording = { answeredAtMs: null, endedAtMs: null, packets: [], samples: new Int16Array() };

/** How a callee is. */
export type CalleeOptions = {
  readonly behaviour: CalleeBehaviour;
  readonly openMedia: OpenPeerMedia;
  readonly log: Logger;
  /** Called once. */
  readonly onEnded: (call: CalleeCall) => void;
};

/** Takes an INVITE and lets the callee behave. */
export function takeCall(
  endpoint: SipEndpoint,
  transaction: ServerTransaction,
  number: string,
  { behaviour, openMedia, log, onEnded }: CalleeOptions,
): CalleeCall {
  const { clock } = endpoint;
  const invite = transaction.request;
  const toTag = endpoint.newToken();
  const dialog: PeerDialog = dialogOfServer(
    invite,
    withTag(headerValue(invite, 'to') ?? '', toTag),
    transaction.source,
  );
  const contact = header('Contact', `<${endpoint.contactUri(number)}>`);
  const invitedAtMs = clock.monotonicMs();
  const timers: Timer[] = [];
  const requests: SipRequest[] = [];
  let ringingAtMs: MonotonicMs | null = null;
  let answeredAtMs: MonotonicMs | null = null;
  let acknowledgedAtMs: MonotonicMs | null = null;
  let endedAtMs: MonotonicMs | null = null;
  let end: CalleeEnd | null = null;
  let lastRequest: SipRequest | null = null;
  let media: PeerMedia | null = null;
  let localSdp: string | null = null;
  let repeater: Timer | null = null;
  let hangUpOnAck = false;

  const call: CalleeCall = {
    number,
    record: () => ({
      number,
      invite,
      invitedAtMs,
      ringingAtMs,
      answeredAtMs,
      acknowledgedAtMs,
      endedAtMs,
      end,
      lastRequest,
      requests: [...requests],
      recording: media?.recording() ?? NO_RECORDING,
    }),
    isEnded: () => end !== null,
    receiveAck(ack) {
      repeater?.cancel();
      repeater = null;
      if (acknowledgedAtMs !== null || answeredAtMs === null) return;
      acknowledgedAtMs = clock.monotonicMs();
      // The INVITE came without SDP: our 200 had the offer, the ACK has the answer (§13.2.1).
      if (invite.body === '' && ack.body !== '') media?.accept(ack.body);
      if (hangUpOnAck) sayBye();
    },
    receiveCancel(cancel) {
      if (behaviour.kind === 'answers-upon-cancel' && answeredAtMs === null) answer();
      cancel.respond(responseTo(cancel.request, 200, { toTag }));
      if (answeredAtMs !== null || end !== null) return;
      transaction.respond(responseTo(invite, 487, { toTag }));
      finish('cancelled', cancel.request);
    },
    receiveRequest(inDialog) {
      const { request } = inDialog;
      if (request.method === 'BYE') {
        inDialog.respond(responseTo(request, 200));
        finish('caller-hung-up', request);
        return;
      }
      requests.push(request);
      if (request.method !== 'INVITE') {
        inDialog.respond(responseTo(request, 200));
        return;
      }
      const body = (request.body === '' ? media?.offer() : media?.answer(request.body)) ?? null;
      if (body === null) {
        inDialog.respond(responseTo(request, 488));
        return;
      }
      inDialog.respond(responseTo(request, 200, { headers: [contact, sdpType], body }));
      repeater?.cancel();
      repeater = repeatAnswer(clock, inDialog, () => finish('never-acknowledged', null));
    },
    hangUp() {
      if (end !== null) return;
      if (answeredAtMs === null) refuse(480, undefined);
      else if (acknowledgedAtMs === null) hangUpOnAck = true;
      else sayBye();
    },
    async close() {
      call.hangUp();
      finish('failed', null);
      await media?.close();
    },
  };

  void open();
  return call;

  async function open(): Promise<void> {
    transaction.respond(responseTo(invite, 100));
    if (behaviour.kind === 'refuses') {
      after(behaviour.afterMs, () => refuse(behaviour.status, behaviour.q850));
      return;
    }
    try {
      media = await openMedia(endpoint.local.address, clock);
    } catch (thrown) {
      log.error({ error: describeError(thrown) }, 'peer: the callee has no RTP');
      refuse(500, undefined);
      return;
    }
    if (end !== null) {
      await media.close();
      return;
    }
    if (behaviour.kind === 'answers' && behaviour.earlyMediaMs !== undefined) {
      after(behaviour.earlyMediaMs, startEarlyMedia);
    } else {
      ring(180, []);
    }
    if (behaviour.kind === 'answers') after(behaviour.ringMs, answer);
  }

  function ring(status: number, headers: readonly HeaderField[], body = ''): void {
    ringingAtMs ??= clock.monotonicMs();
    transaction.respond(responseTo(invite, status, { toTag, headers: [contact, ...headers], body }));
  }

  function startEarlyMedia(): void {
    const body = describeMedia();
    if (body === null) return;
    ring(183, [sdpType], body);
    media?.play(ringingTone);
  }

  function answer(): void {
    if (end !== null || media === null) return;
    const body = describeMedia();
    if (body === null) return;
    media.play(calleeGreeting);
    const response = responseTo(invite, 200, { toTag, headers: [contact, sdpType], body });
    answeredAtMs = clock.monotonicMs();
    media.answered(answeredAtMs);
    transaction.respond(response);
    repeater = repeatAnswer(clock, transaction, () => finish('never-acknowledged', null));
    if (behaviour.kind === 'answers' && behaviour.hangUpAfterMs !== undefined)
      after(behaviour.hangUpAfterMs, call.hangUp);
  }

  /** Our SDP, the same in 183 and 200 (RFC 3261 §13.2.1); null when the call was refused for want of a codec. */
  function describeMedia(): string | null {
    localSdp ??= (invite.body === '' ? media?.offer() : media?.answer(invite.body)) ?? null;
    if (localSdp === null) refuse(488, undefined);
    return localSdp;
  }

  function refuse(status: number, q850: number | undefined): void {
    if (end !== null) return;
    const headers = q850 === undefined ? [] : [header('Reason', `Q.850;cause=${q850}`)];
    transaction.respond(responseTo(invite, status, { toTag, headers }));
    finish('refused', null);
  }

  function sayBye(): void {
    if (end !== null) return;
    const bye = nextRequest(dialog, 'BYE', [header('Reason', 'Q.850;cause=16;text="Normal call clearing"')]);
    void endpoint.ask(bye, hopOf(dialog));
    finish('callee-hung-up', bye);
  }

  function finish(how: CalleeEnd, request: SipRequest | null): void {
    if (end !== null) return;
    end = how;
    lastRequest = request;
    endedAtMs = clock.monotonicMs();
    for (const timer of timers) timer.cancel();
    repeater?.cancel();
    void media?.close();
    onEnded(call);
  }

  function after(durationMs: number, fire: () => void): void {
    timers.push(clock.setTimer(addMs(clock.monotonicMs(), durationMs), fire));
  }
}

const sdpType = header('Content-Type', 'application/sdp');
