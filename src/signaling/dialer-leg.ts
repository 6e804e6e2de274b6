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
import { sendFinal } from './final-response.ts';
import { inDialogListener } from './in-dialog.ts';
import { createLegDialog, type LegDialog } from './leg-dialog.ts';
import { createReliableProvisionals, type Provisional } from './reliable-provisionals.ts';

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
  /** An UPDATE before the 200. `agreed`: the dialer has acknowledged a description of ours, so it may offer. */
  updated(request: SipRequest, response: ServerResponse, agreed: boolean): void;
  /** A PRACK with SDP; `answer` takes our answer when it is an offer, '' when it is none, null when it cannot be used. */
  describedInPrack(sdp: string, answer: (sdp: string | null) => void): void;
  /** INFO, REFER or NOTIFY. */
  relayed(request: SipRequest, response: ServerResponse): void;
  /** A listener threw: our bug, or a message that drachtio-srf cannot read. */
  failed(thrown: unknown): void;
};

/** The leg. */
export type DialerLeg = {
  /** Whether the INVITE requires 100rel: then a 18x may carry an offer of ours too (RFC 3262 §5). */
  readonly isReliable: boolean;
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
  supported: string,
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
  const provisionals = createReliableProvisionals(requires100rel(invite), sendProvisional);

  invite.on('update', guarded(onUpdate));
  invite.on(
    'cancel',
    guarded((cancel: SipMessage) => {
      if (state !== 'invited') return;
      state = 'ended';
      dialog?.close();
      // The server has sent the 487; this only makes drachtio-srf forget the INVITE.
      response.send(487, undefined, {}, () => undefined);
      events.cancelled(cancel);
    }),
  );

  return {
    isReliable: provisionals.required,
    provisional(status, headers, sdp) {
      if (state === 'invited') provisionals.send({ status, headers, sdp });
    },
    answer: (headers, sdp) => provisionals.beforeAnswer(() => answer(headers, sdp)),
    refuse(status, phrase, headers) {
      if (state !== 'invited') return;
      state = 'ended';
      dialog?.close();
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

  function sendProvisional({ status, headers, sdp }: Provisional): void {
    if (state !== 'invited') return;
    const reliably = provisionals.required ? { ...headers, Require: '100rel' } : headers;
    const described = sdp === null ? { headers: reliably } : { headers: { ...reliably, ...SDP_BODY }, body: sdp };
    response.send(
      status,
      undefined,
      described,
      guarded((error: unknown) => {
        if (!error && state === 'invited') enterDialog();
        // What never went out waits for no PRACK.
        if (error && provisionals.required) provisionals.acknowledged();
      }),
    );
  }

  /** The dialog that a 18x makes (RFC 3261 §12.1.1), and the 200 confirms. */
  function enterDialog(): void {
    const id = response.stackDialogId ?? '';
    if (dialog !== null || id === '') return;
    const listeners = { ...events, modified: onModified, acknowledged: onAck, hungUp: onBye, provisionalAcknowledged };
    dialog = createLegDialog(srf, id, null, inDialogListener(listeners, allow, supported), events.failed);
  }

  function onModified(request: SipRequest, reply: ServerResponse): void {
    if (state === 'confirmed') events.modified(request, reply);
    else onUpdate(request, reply);
  }

  function onUpdate(request: SipRequest, reply: ServerResponse): void {
    events.updated(request, reply, provisionals.isAgreed());
  }

  function provisionalAcknowledged(prack: SipRequest, reply: ServerResponse): void {
    const taken = (sdp: string | null): void => {
      if (sdp === null) reply.send(488, undefined, {});
      else if (sdp === '') reply.send(200, undefined, {});
      else reply.send(200, undefined, { headers: { ...SDP_BODY }, body: sdp });
    };
    const sdp = prack.body ?? '';
    if (sdp === '') taken('');
    else events.describedInPrack(sdp, taken);
    provisionals.acknowledged();
  }

  function answer(headers: Record<string, string>, sdp: string): void {
    if (state !== 'invited') return;
    state = 'answering';
    const sent = (error: unknown, answered?: SipMessage): void => {
      if (state !== 'answering') return;
      if (error || answered === undefined) {
        // The server knows the INVITE no more: a CANCEL crossed our 200.
        log.debug({ problem: maskUris(describeError(error)) }, '200 not sent: the INVITE is over');
        state = 'ended';
        dialog?.close();
        events.cancelled(null);
        return;
      }
      state = 'confirmed';
      enterDialog();
      record = uasDialogRecord(response.stackDialogId ?? '', invite, answered);
      events.confirmed(record);
    };
    const described = provisionals.isAgreed() ? { headers } : { headers: { ...headers, ...SDP_BODY }, body: sdp };
    response.send(200, undefined, described, guarded(sent));
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

const SDP_BODY = { 'Content-Type': 'application/sdp' } as const;

function requires100rel(invite: SipRequest): boolean {
  return /(?:^|,)\s*100rel\s*(?:,|$)/i.test(invite.get('require') ?? '');
}
