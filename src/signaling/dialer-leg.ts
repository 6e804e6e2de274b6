/** The leg towards the dialer: its INVITE, our responses, the dialog, its end. */
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { maskUris } from '../base/redact.ts';
import type { DialogRecord } from '../guard/journal.ts';
import { reasonOf, type SendBye } from './carrier-leg.ts';
import { contained } from './contained.ts';
import { uasDialogRecord } from './dialog-record.ts';
import {
  moveToNewConnection,
  type ServerResponse,
  type SipDialog,
  type SipMessage,
  type SipRequest,
  type Srf,
} from './drachtio-srf.ts';

/** What the leg tells, each in the turn in which it was seen. */
export type DialerLegEvents = {
  /** Gave up: `cancel` is its CANCEL (or a BYE in the early dialog), null when it crossed our 200 unseen. */
  cancelled(cancel: SipMessage | null): void;
  confirmed(dialog: DialogRecord): void;
  /** The ACK's SDP: the answer to our offer when the INVITE had none; '' otherwise. */
  acknowledged(sdp: string): void;
  hungUp(request: SipMessage, reason: string | null): void;
  info(request: SipRequest, response: ServerResponse): void;
  /** A re-INVITE, or an UPDATE (RFC 3311), which asks the same without an ACK. */
  reinvited(request: SipRequest, response: ServerResponse): void;
  /** A listener threw: our bug, or a message that drachtio-srf cannot read. */
  failed(thrown: unknown): void;
};

/** The leg. */
export type DialerLeg = {
  /** 180 or 183. */
  provisional(status: number, headers: Record<string, string>, sdp: string | null): void;
  /** The 200 with our SDP. */
  answer(headers: Record<string, string>, sdp: string): void;
  /** A final response other than a 2xx; nothing when the leg was answered or has ended. */
  refuse(status: number, phrase: string, headers: Record<string, string>): void;
  /** BYE, as soon as the ACK is in (RFC 3261 §15); false when the INVITE was not answered yet. */
  end(headers: Record<string, string>): boolean;
  /** The control connection was lost and is back: what is still to be said goes over the new one. */
  connectionReturned(): void;
};

type State = 'invited' | 'answering' | 'confirmed' | 'ended';

/** The leg of an INVITE that was just received. */
export function createDialerLeg(
  srf: Srf,
  invite: SipRequest,
  response: ServerResponse,
  sendBye: SendBye,
  events: DialerLegEvents,
  log: Logger,
): DialerLeg {
  let state: State = 'invited';
  let dialog: SipDialog | null = null;
  let record: DialogRecord | null = null;
  let acknowledged = false;
  /** Asked to end before the ACK was in. */
  let ending: Record<string, string> | null = null;

  const guarded = <A extends unknown[]>(listener: (...parts: A) => void) => contained(events.failed, listener);

  invite.on(
    'cancel',
    guarded((cancel: SipMessage) => {
      if (state !== 'invited') return;
      state = 'ended';
      // The server has sent the 487; this only makes drachtio-srf forget the INVITE.
      response.send(487, undefined, {}, () => undefined);
      events.cancelled(cancel);
    }),
  );

  return {
    provisional(status, headers, sdp) {
      if (state !== 'invited') return;
      response.send(status, undefined, sdp === null ? { headers } : { headers, body: sdp });
    },
    answer,
    refuse(status, phrase, headers) {
      if (state !== 'invited') return;
      state = 'ended';
      sendFinal(response, status, phrase, headers);
    },
    end(headers) {
      if (state === 'invited') return false;
      if (state === 'answering' || (state === 'confirmed' && !acknowledged)) ending = headers;
      else if (state === 'confirmed') bye(headers);
      return true;
    },
    connectionReturned() {
      moveToNewConnection(srf, invite);
      moveToNewConnection(srf, response);
      // No server tells a new connection of an old dialog's ACK: it is taken as given.
      acknowledged = true;
      if (ending !== null && state === 'confirmed') bye(ending);
    },
  };

  function answer(headers: Record<string, string>, sdp: string): void {
    if (state !== 'invited') return;
    state = 'answering';
    const created = (error: unknown, confirmed?: SipDialog): void => {
      if (state !== 'answering') return;
      if (confirmed === undefined) {
        // The server knows the INVITE no more: a CANCEL crossed our 200.
        log.debug({ problem: maskUris(describeError(error)) }, '200 not sent: the INVITE is over');
        state = 'ended';
        events.cancelled(null);
        return;
      }
      state = 'confirmed';
      dialog = confirmed;
      listen(confirmed);
      record = uasDialogRecord(confirmed, invite);
      events.confirmed(record);
    };
    srf.createUAS(invite, response, { localSdp: sdp, headers }, guarded(created));
  }

  function listen(confirmed: SipDialog): void {
    const onAck = (ack: SipMessage): void => {
      const first = !acknowledged;
      acknowledged = true;
      if (first) events.acknowledged(ack.body ?? '');
      if (ending !== null && state === 'confirmed') bye(ending);
    };
    const onBye = (byeRequest: SipMessage): void => {
      if (state === 'ended') return;
      state = 'ended';
      events.hungUp(byeRequest, reasonOf(byeRequest));
    };
    confirmed.on('ack', guarded(onAck));
    confirmed.on('destroy', guarded(onBye));
    confirmed.on('modify', events.reinvited);
    confirmed.on('update', events.reinvited);
    confirmed.on('info', events.info);
    confirmed.on('refer', (_request: SipRequest, reply: ServerResponse) => reply.send(603, undefined, {}));
    confirmed.on('message', (_request: SipRequest, reply: ServerResponse) => reply.send(405, undefined, {}));
  }

  function bye(headers: Record<string, string>): void {
    state = 'ended';
    if (dialog !== null && record !== null) sendBye(dialog, record, headers);
  }
}

/**
 * Statuses that drachtio-srf's list (npm sip-status) lacks become the x00 of their class, as RFC 3261 §8.1.3.2 reads
 * an unknown status; 607 (RFC 8197) and 608 (RFC 8688) are declines. The original is kept in `Reason`.
 */
export function sendFinal(
  response: ServerResponse,
  status: number,
  phrase: string,
  headers: Record<string, string>,
): void {
  try {
    response.send(status, phrase, { headers });
  } catch {
    const known = status === 607 || status === 608 ? 603 : Math.floor(status / 100) * 100;
    const reason = headers.Reason ?? `SIP;cause=${status};text="${phrase.replace(/["\\]/g, '')}"`;
    response.send(known, phrase, { headers: { ...headers, Reason: reason } });
  }
}
