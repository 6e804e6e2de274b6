/** The leg towards the carrier: one INVITE of ours, its responses, its dialog, its end. */
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { maskUris } from '../base/redact.ts';
import type { SipFinal } from '../call/call-facts.ts';
import type { DialogRecord } from '../guard/journal.ts';
import { requestWithDigest, sameIdentity } from './challenged-request.ts';
import { contained } from './contained.ts';
import { uacDialogRecord } from './dialog-record.ts';
import type { DigestClient } from './digest-client.ts';
import {
  type Acknowledge,
  DIALOG_TARGET,
  moveToNewConnection,
  type ServerResponse,
  type SipRequest,
  type SipResponse,
  type Srf,
  sendRequest,
} from './drachtio-srf.ts';
import { inDialogListener } from './in-dialog.ts';
import { createLegDialog, type LegDialog } from './leg-dialog.ts';
import { longerInterval } from './session-interval.ts';

/** What the leg tells, each in the turn in which it was seen. */
export type CarrierLegEvents = {
  /** 18x. */
  provisional(response: SipResponse): void;
  /** Before the ACK is written: the earliest moment there is (drachtio-srf's trap list §3.1). */
  answered(response: SipResponse, final: SipFinal): void;
  /** After the ACK; null when the 2xx had no usable Contact, so that no dialog could be formed. */
  confirmed(dialog: DialogRecord | null, answer: SipResponse): void;
  /** `retryAfter`: the header of that name, or null. */
  refused(final: SipFinal, retryAfter: string | null): void;
  hungUp(reason: string | null): void;
  /** The engine ended the dialog by itself: the callee's side let its session expire. */
  lost(reason: string | null): void;
  /** A re-INVITE, or an UPDATE. */
  modified(request: SipRequest, response: ServerResponse): void;
  /** The ACK of a re-INVITE. */
  modificationAcknowledged(ack: SipRequest): void;
  /** An UPDATE before the answer. */
  updated(request: SipRequest, response: ServerResponse): void;
  /** INFO, REFER or NOTIFY. */
  relayed(request: SipRequest, response: ServerResponse): void;
  /** A listener threw: our bug, or a message that drachtio-srf cannot read. */
  failed(thrown: unknown): void;
};

/** The leg. */
export type CarrierLeg = {
  invite(uri: string, headers: Record<string, string>, sdp: string): void;
  /** CANCEL or BYE, as the leg's state demands; nothing when it has ended. */
  end(reason: string): void;
  /** Where requests inside the dialog go; null until it is confirmed, and after the end. */
  dialog(): LegDialog | null;
  /** The control connection was lost and is back: what is still to be said goes over the new one. */
  connectionReturned(): void;
};

type State = 'idle' | 'inviting' | 'answered' | 'confirmed' | 'ended';

/** Sends a BYE inside a dialog; tries again, from the record, after the control connection was lost and returned. */
export type SendBye = (dialog: LegDialog, record: DialogRecord, headers: Record<string, string>) => void;

/**
 * An idle leg.
 *
 * @param digest our credentials at this carrier; null when it asks for none
 */
export function createCarrierLeg(
  srf: Srf,
  sendBye: SendBye,
  allow: string,
  digest: DigestClient | null,
  events: CarrierLegEvents,
  log: Logger,
): CarrierLeg {
  let state: State = 'idle';
  let sent: SipRequest | null = null;
  let dialog: LegDialog | null = null;
  let record: DialogRecord | null = null;
  /** Asked to end before that was possible. */
  let ending: string | null = null;
  /** A 422 was answered with a longer interval: once, or two peers could go on for ever. */
  let prolonged = false;

  const guarded = <A extends unknown[]>(listener: (...parts: A) => void) => contained(events.failed, listener);

  return {
    invite,
    end,
    dialog: () => (state === 'confirmed' ? dialog : null),
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
      outgoing.on('update', guarded(onModified));
      if (ending !== null) cancel(ending);
    };
    requestWithDigest(srf, uri, { method: 'INVITE', headers, body: sdp }, digest, {
      sent: guarded(placed),
      response: guarded((response: SipResponse, acknowledge: Acknowledge) => {
        const longer =
          sent === null || prolonged || ending !== null ? null : prolongedInvite(sent, response, digest !== null);
        if (longer === null || state !== 'inviting') {
          onResponse(response, acknowledge);
          return;
        }
        prolonged = true;
        sent = null;
        invite(uri, { ...headers, ...longer }, sdp);
      }),
      mayRepeat() {
        if (state !== 'inviting' || ending !== null) return false;
        // Until the new INVITE is out there is none to cancel.
        sent = null;
        return true;
      },
    });
  }

  function onResponse(response: SipResponse, acknowledge: Acknowledge): void {
    if (state !== 'inviting') return;
    if (response.status < 200) {
      if (response.status > 100) progress(response, acknowledge);
    } else if (response.status < 300) {
      answer(response, acknowledge);
    } else if (ending !== null && (response.status === 401 || response.status === 407)) {
      // Given up before it was really asked.
      finish({ status: 487, phrase: 'Request Terminated', reason: null });
    } else {
      finish(finalOf(response), response.get('retry-after') ?? null);
    }
  }

  function progress(response: SipResponse, acknowledge: Acknowledge): void {
    enterDialog(response.stackDialogId ?? '');
    events.provisional(response);
    // RFC 3262 §4: the PRACK of a reliable one. What it says was an answer, so there is nothing to answer in it.
    if (response.has('rseq')) acknowledge();
  }

  /** The early dialogs of all forks have one id at the engine, and the confirmed one has it too. */
  function enterDialog(id: string): void {
    if (dialog !== null || id === '') return;
    const listeners = {
      ...events,
      modified: onModified,
      acknowledged: events.modificationAcknowledged,
      hungUp: onBye,
      provisionalAcknowledged: (_prack: SipRequest, reply: ServerResponse) => reply.send(481, undefined, {}),
    };
    dialog = createLegDialog(srf, id, digest, inDialogListener(listeners, allow), events.failed);
  }

  function onModified(request: SipRequest, reply: ServerResponse): void {
    if (state === 'confirmed') events.modified(request, reply);
    else events.updated(request, reply);
  }

  function answer(response: SipResponse, acknowledge: Acknowledge): void {
    state = 'answered';
    events.answered(response, finalOf(response));
    acknowledge();
    const id = response.stackDialogId ?? '';
    try {
      record = uacDialogRecord(sent as SipRequest, response);
    } catch (thrown) {
      // No Contact that can be read. The engine may have formed a dialog all the same: then it ends here.
      log.warn({ problem: maskUris(describeError(thrown)) }, "the carrier's 2xx forms no dialog");
      state = 'ended';
      dialog?.close();
      sendRequest(srf, DIALOG_TARGET, { method: 'BYE', stackDialogId: id, headers: {} }, () => undefined);
      events.confirmed(null, response);
      return;
    }
    state = 'confirmed';
    enterDialog(id);
    events.confirmed(record, response);
    if (ending !== null) bye(ending);
  }

  function onBye(request: SipRequest): void {
    if (state === 'ended') return;
    state = 'ended';
    dialog?.close();
    if (request.source === 'application') events.lost(reasonOf(request));
    else events.hungUp(reasonOf(request));
  }

  function finish(final: SipFinal, retryAfter: string | null = null): void {
    if (state === 'ended') return;
    state = 'ended';
    dialog?.close();
    events.refused(final, retryAfter);
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
}

/** RFC 4028 §7.3: the same INVITE once more, with the interval that the peer asked for in its 422; null when it is none. */
function prolongedInvite(sent: SipRequest, response: SipResponse, challenges: boolean): Record<string, string> | null {
  const longer = response.status === 422 ? longerInterval(response, challenges) : null;
  return longer === null ? null : { ...sameIdentity(sent), ...longer };
}

/** The facts of a final response. */
export function finalOf(response: SipResponse): SipFinal {
  return { status: response.status, phrase: response.reason, reason: reasonOf(response) };
}

/** A message's `Reason` header (RFC 3326), or null. */
export function reasonOf(message: { get(name: string): string | undefined }): string | null {
  return message.get('reason') ?? null;
}
