/**
 * INFO, REFER and NOTIFY from one peer to the other: body and headers pass, the final response comes back as it is. What
 * says that the other dialog is gone is not told as such: it would end the asker's own dialog (RFC 3261 §12.2.1.2).
 */
import { type HeaderNames, passedHeaders } from './brusio-headers.ts';
import { OTHER_SIDE, type Side } from './call-sessions.ts';
import type { ServerResponse, SipRequest, SipResponse } from './drachtio-srf.ts';
import { sendFinal } from './final-response.ts';
import type { LegDialog } from './leg-dialog.ts';

/** What is relayed, and where to. */
export type RequestRelayParts = {
  readonly headerNames: HeaderNames;
  /** Whether a REFER passes to the other peer, or is declined. */
  readonly transfersPass: boolean;
  /** Where a side's requests go; null while its dialog takes none. */
  readonly dialog: (side: Side) => LegDialog | null;
  /** An agent, or a machine's message, is on the line. */
  readonly coupled: () => boolean;
  /** The peer answered that it knows the dialog no more, or nothing. */
  readonly lost: (side: Side) => void;
};

/** The relay of one call. */
export type RequestRelay = { relay(from: Side, asked: SipRequest, reply: ServerResponse): void };

/** Headers that describe the body, which passes as it is. */
const BODY_HEADERS = ['content-type', 'content-disposition', 'content-encoding'];

/** Headers of the final response that mean something to the asker. */
const ANSWERED_HEADERS = ['content-type', 'reason', 'warning', 'retry-after', 'recv-info', 'refer-sub'];

/** Transfers under way in one call; one more is declined. */
export const TRANSFERS_MAX = 4;

/** A REFER that was accepted: whose it was, and the CSeq that its NOTIFYs may name it by (RFC 3515 §2.4.6). */
type Transfer = { readonly from: Side; readonly cseq: number };

/** A relay; nothing was relayed yet. */
export function createRequestRelay(parts: RequestRelayParts): RequestRelay {
  const transfers: Transfer[] = [];

  return {
    relay(from, asked, reply) {
      if (asked.method === 'REFER') refer(from, asked, reply);
      else if (asked.method === 'NOTIFY') notify(from, asked, reply);
      // What the dialer says before an agent is there is no more for the callee than its audio.
      else if (from === 'dialer' && !parts.coupled()) reply.send(480, undefined, {});
      else pass(from, asked, reply, {}, () => undefined);
    },
  };

  function refer(from: Side, asked: SipRequest, reply: ServerResponse): void {
    // Replaces names a dialog of the asker's side, which means nothing on the other one (RFC 3891).
    const isAttended = /[?&]replaces=/i.test(asked.get('refer-to') ?? '');
    if (!parts.transfersPass || isAttended || !parts.coupled() || transfers.length >= TRANSFERS_MAX) {
      reply.send(603, undefined, {});
      return;
    }
    pass(from, asked, reply, {}, (answer) => {
      if (answer.status < 300) transfers.push({ from, cseq: Number.parseInt(asked.get('cseq') ?? '', 10) });
    });
  }

  /** How a transfer goes on: from the peer that carries it out to the one that asked for it. */
  function notify(from: Side, asked: SipRequest, reply: ServerResponse): void {
    const event = asked.get('event') ?? '';
    const place = transfers.findIndex((one) => one.from === OTHER_SIDE[from]);
    const transfer = transfers[place];
    if (transfer === undefined || !/^\s*refer\b/i.test(event)) {
      // RFC 6665 §4.1.3.
      reply.send(481, 'Subscription Does Not Exist', {});
      return;
    }
    if (/^\s*terminated\b/i.test(asked.get('subscription-state') ?? '')) transfers.splice(place, 1);
    const named = event.replace(/(;\s*id\s*=\s*)\d+/i, (_all, before: string) => `${before}${transfer.cseq}`);
    pass(from, asked, reply, { Event: named }, () => undefined);
  }

  function pass(
    from: Side,
    asked: SipRequest,
    reply: ServerResponse,
    changed: Record<string, string>,
    answered: (answer: SipResponse) => void,
  ): void {
    const to = parts.dialog(OTHER_SIDE[from]);
    if (to === null) {
      reply.send(480, undefined, {});
      return;
    }
    const headers = passedHeaders(asked.headers, parts.headerNames, []);
    for (const name of Object.keys(headers)) {
      if (Object.keys(changed).some((one) => one.toLowerCase() === name.toLowerCase())) delete headers[name];
    }
    for (const name of BODY_HEADERS) {
      const value = asked.get(name);
      if (value !== undefined) headers[name] = value;
    }
    to.request({ method: asked.method, headers: { ...headers, ...changed }, body: asked.body ?? '' }, (answer) => {
      const isGone = answer !== null && (answer.status === 408 || answer.status === 481);
      if (answer === null || isGone) {
        reply.send(503, undefined, {});
        if (isGone && asked.method !== 'NOTIFY') parts.lost(OTHER_SIDE[from]);
        return;
      }
      answered(answer);
      sendFinal(reply, answer.status, answer.reason, headersOf(answer), answer.body ?? '');
    });
  }
}

function headersOf(answer: SipResponse): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of ANSWERED_HEADERS) {
    const value = answer.get(name);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}
