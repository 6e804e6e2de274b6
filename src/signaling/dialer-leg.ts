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
  type SipMessage,
  type SipRequest,
  type Srf,
} from './drachtio-srf.ts';
import { reasonWithStatus, sendableStatus } from './final-for-dialer.ts';
import { inDialogListener } from './in-dialog.ts';
import { createLegDialog, type LegDialog } from './leg-dialog.ts';

/** What the leg tells, each in the turn in which it was seen. */
export type DialerLegEvents = {
  /** Gave up: `cancel` is its CANCEL (or a BYE in the early dialog), null when it crossed our 200 unseen. */
  cancelled(cancel: SipMessage | null): void;
  confirmed(dialog: DialogRecord): void;
  /** The ACK's SDP: the answer to our offer when the INVITE had none; '' otherwise. */
  acknowledged(sdp: string): void;
  hungUp(request: SipMessage, reason: string | null): void;
  /** The engine ended the dialog by itself: the dialer never acknowledged, or let its session expire. */
  lost(reason: string | null): void;
  /** A re-INVITE, or an UPDATE. */
  modified(request: SipRequest, response: ServerResponse): void;
  /** The ACK of a re-INVITE. */
  modificationAcknowledged(ack: SipRequest): void;
  /** INFO, REFER or NOTIFY. */
  relayed(request: SipRequest, response: ServerResponse): void;
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
  /** Where requests inside the dialog go; null until the 200 was acknowledged (RFC 3261 §14.1), and after the end. */
  dialog(): LegDialog | null;
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
  allow: string,
  events: DialerLegEvents,
  log: Logger,
): DialerLeg {
  let state: State = 'invited';
  let dialog: LegDialog | null = null;
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
    dialog: () => (state === 'confirmed' && acknowledged ? dialog : null),
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
    const sent = (error: unknown, answered?: SipMessage): void => {
      if (state !== 'answering') return;
      if (error || answered === undefined) {
        // The server knows the INVITE no more: a CANCEL crossed our 200.
        log.debug({ problem: maskUris(describeError(error)) }, '200 not sent: the INVITE is over');
        state = 'ended';
        events.cancelled(null);
        return;
      }
      state = 'confirmed';
      const id = response.stackDialogId ?? '';
      record = uasDialogRecord(id, invite, answered);
      dialog = createLegDialog(
        srf,
        id,
        null,
        inDialogListener(
          {
            ...events,
            acknowledged: onAck,
            hungUp: onBye,
            provisionalAcknowledged: (_prack, reply) => reply.send(481, undefined, {}),
          },
          allow,
        ),
        events.failed,
      );
      events.confirmed(record);
    };
    response.send(
      200,
      undefined,
      { headers: { 'Content-Type': 'application/sdp', ...headers }, body: sdp },
      guarded(sent),
    );
  }

  function onAck(ack: SipRequest): void {
    // A real drachtio-server delivers a repeated ACK again.
    if (Number.parseInt(ack.get('cseq') ?? '', 10) !== Number.parseInt(invite.get('cseq') ?? '', 10)) {
      events.modificationAcknowledged(ack);
      return;
    }
    const first = !acknowledged;
    acknowledged = true;
    if (first) events.acknowledged(ack.body ?? '');
    if (ending !== null && state === 'confirmed') bye(ending);
  }

  function onBye(request: SipRequest): void {
    if (state === 'ended') return;
    state = 'ended';
    dialog?.close();
    if (request.source === 'application') events.lost(reasonOf(request));
    else events.hungUp(request, reasonOf(request));
  }

  function bye(headers: Record<string, string>): void {
    state = 'ended';
    if (dialog !== null && record !== null) sendBye(dialog, record, headers);
  }
}

/** Sends a final response; a status that drachtio-srf cannot send as one that it can, with the original in `Reason`. */
export function sendFinal(
  response: ServerResponse,
  status: number,
  phrase: string,
  headers: Record<string, string>,
  body = '',
): void {
  const content = body === '' ? {} : { body };
  try {
    response.send(status, phrase, { headers, ...content });
  } catch {
    const reason = reasonWithStatus(headers.Reason ?? null, status, phrase);
    response.send(sendableStatus(status), undefined, { headers: { ...headers, Reason: reason }, ...content });
  }
}
