/** The leg towards the carrier: one INVITE of ours, its responses, its dialog, its end. */
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { maskUris } from '../base/redact.ts';
import type { SipFinal } from '../call/call-facts.ts';
import type { DialogRecord } from '../guard/journal.ts';
import { contained } from './contained.ts';
import { uacDialogRecord } from './dialog-record.ts';
import {
  createUacDialog,
  DIALOG_TARGET,
  moveToNewConnection,
  type ServerResponse,
  type SipDialog,
  type SipRequest,
  type SipResponse,
  type Srf,
  sendRequest,
} from './drachtio-srf.ts';

/** What the leg tells, each in the turn in which it was seen. */
export type CarrierLegEvents = {
  /** 18x. */
  provisional(response: SipResponse): void;
  /** Before the ACK is written: the earliest moment there is (drachtio-srf's trap list §3.1). */
  answered(response: SipResponse, final: SipFinal): void;
  /** After the ACK; null when the 2xx had no usable Contact, so that no dialog could be formed. */
  confirmed(dialog: DialogRecord | null): void;
  refused(final: SipFinal): void;
  hungUp(reason: string | null): void;
  info(request: SipRequest, response: ServerResponse): void;
  /** A re-INVITE, or an UPDATE (RFC 3311), which asks the same without an ACK. */
  reinvited(request: SipRequest, response: ServerResponse): void;
  /** A listener threw: our bug, or a message that drachtio-srf cannot read. */
  failed(thrown: unknown): void;
};

/** The leg. */
export type CarrierLeg = {
  invite(uri: string, headers: Record<string, string>, sdp: string): void;
  /** CANCEL or BYE, as the leg's state demands; nothing when it has ended. */
  end(reason: string): void;
  /** A request inside the dialog; `callback` gets its final response, or null when it could not be sent. */
  request(
    method: string,
    headers: Record<string, string>,
    body: string,
    callback: (response: SipResponse | null) => void,
  ): void;
  /** The control connection was lost and is back: what is still to be said goes over the new one. */
  connectionReturned(): void;
};

type State = 'idle' | 'inviting' | 'answered' | 'confirmed' | 'ended';

/** Sends a BYE inside a dialog; tries again, from the record, after the control connection was lost and returned. */
export type SendBye = (dialog: SipDialog, record: DialogRecord, headers: Record<string, string>) => void;

/** An idle leg. */
export function createCarrierLeg(srf: Srf, sendBye: SendBye, events: CarrierLegEvents, log: Logger): CarrierLeg {
  let state: State = 'idle';
  let sent: SipRequest | null = null;
  let dialog: SipDialog | null = null;
  let record: DialogRecord | null = null;
  /** Asked to end before that was possible. */
  let ending: string | null = null;

  const guarded = <A extends unknown[]>(listener: (...parts: A) => void) => contained(events.failed, listener);

  return {
    invite,
    end,
    request,
    connectionReturned() {
      if (state === 'inviting' && sent !== null) moveToNewConnection(srf, sent);
    },
  };

  function invite(uri: string, headers: Record<string, string>, sdp: string): void {
    state = 'inviting';
    const placed = (error: unknown, outgoing?: SipRequest): void => {
      if (outgoing === undefined) {
        log.warn({ problem: maskUris(describeError(error)) }, 'INVITE to the carrier could not be sent');
        finish({ status: 503, phrase: 'Service Unavailable', reason: null });
        return;
      }
      sent = outgoing;
      outgoing.on('response', guarded(onResponse));
      // An UPDATE in an early dialog needs an offer/answer of its own: refused until then (RFC 3311 §5.2).
      outgoing.on('update', (_update, response) => response.send(488, undefined, {}));
      if (ending !== null) cancel(ending);
    };
    sendRequest(srf, uri, { method: 'INVITE', headers, body: sdp }, guarded(placed));
  }

  function onResponse(response: SipResponse, ack: () => void): void {
    if (state !== 'inviting') return;
    if (response.status < 200) {
      if (response.status > 100) events.provisional(response);
    } else if (response.status < 300) {
      answer(response, ack);
    } else {
      finish(finalOf(response));
    }
  }

  function answer(response: SipResponse, ack: () => void): void {
    state = 'answered';
    events.answered(response, finalOf(response));
    ack();
    try {
      dialog = createUacDialog(srf, sent as SipRequest, response);
    } catch (thrown) {
      // No Contact that can be read. The engine may have formed a dialog all the same: then it ends here.
      log.warn({ problem: maskUris(describeError(thrown)) }, "the carrier's 2xx forms no dialog");
      state = 'ended';
      const stackDialogId = response.stackDialogId ?? '';
      sendRequest(srf, DIALOG_TARGET, { method: 'BYE', stackDialogId, headers: {} }, () => undefined);
      events.confirmed(null);
      return;
    }
    state = 'confirmed';
    listen(dialog);
    record = uacDialogRecord(dialog, sent as SipRequest, response);
    events.confirmed(record);
    if (ending !== null) bye(ending);
  }

  function listen(confirmed: SipDialog): void {
    confirmed.on(
      'destroy',
      guarded((byeRequest: SipRequest) => {
        if (state === 'ended') return;
        state = 'ended';
        events.hungUp(reasonOf(byeRequest));
      }),
    );
    confirmed.on('modify', events.reinvited);
    confirmed.on('update', events.reinvited);
    confirmed.on('info', events.info);
    confirmed.on('refer', (_request: SipRequest, response: ServerResponse) => response.send(603, undefined, {}));
    confirmed.on('message', (_request: SipRequest, response: ServerResponse) => response.send(405, undefined, {}));
  }

  function finish(final: SipFinal): void {
    if (state === 'ended') return;
    state = 'ended';
    events.refused(final);
  }

  function end(reason: string): void {
    if (state === 'inviting') {
      if (ending === null && sent !== null) cancel(reason);
      ending = reason;
    } else if (state === 'answered') {
      ending = reason;
    } else if (state === 'confirmed') {
      bye(reason);
    }
  }

  function cancel(reason: string): void {
    const cancelled = (error: unknown): void => {
      if (error) log.debug({ problem: maskUris(describeError(error)) }, 'CANCEL not sent: the INVITE is over');
    };
    try {
      sent?.cancel({ headers: { Reason: reason } }, cancelled);
    } catch (thrown) {
      cancelled(thrown);
    }
  }

  function bye(reason: string): void {
    state = 'ended';
    if (dialog !== null && record !== null) sendBye(dialog, record, { Reason: reason });
  }

  function request(
    method: string,
    headers: Record<string, string>,
    body: string,
    callback: (response: SipResponse | null) => void,
  ): void {
    if (state !== 'confirmed' || dialog === null) {
      callback(null);
      return;
    }
    const options = { method, stackDialogId: dialog.id, headers, ...(body === '' ? {} : { body }) };
    const requested = (_error: unknown, outgoing?: SipRequest): void => {
      if (outgoing === undefined) {
        callback(null);
        return;
      }
      outgoing.on(
        'response',
        guarded((response: SipResponse) => {
          if (response.status >= 200) callback(response);
        }),
      );
    };
    sendRequest(srf, DIALOG_TARGET, options, guarded(requested));
  }
}

/** The facts of a final response. */
export function finalOf(response: SipResponse): SipFinal {
  return { status: response.status, phrase: response.reason, reason: reasonOf(response) };
}

/** A message's `Reason` header (RFC 3326), or null. */
export function reasonOf(message: { get(name: string): string | undefined }): string | null {
  return message.get('reason') ?? null;
}
