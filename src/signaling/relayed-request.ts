/**
 * INFO, REFER and NOTIFY from one peer to the other: body and headers pass, the final response comes back as it is. What
 * says that the other dialog is gone is not told as such: it would end the asker's own dialog (RFC 3261 §12.2.1.2).
 */
import { type HeaderNames, passedHeaders } from './brusio-headers.ts';
import { sendFinal } from './dialer-leg.ts';
import type { ServerResponse, SipRequest, SipResponse } from './drachtio-srf.ts';
import type { LegDialog } from './leg-dialog.ts';

/** Headers that describe the body, which passes as it is. */
const BODY_HEADERS = ['content-type', 'content-disposition', 'content-encoding'];

/** Headers of the final response that mean something to the asker. */
const ANSWERED_HEADERS = ['content-type', 'reason', 'warning', 'retry-after', 'recv-info'];

/** Passes `asked` on to the dialog of the other leg; null: that leg has none yet. */
export function relayRequest(asked: SipRequest, reply: ServerResponse, to: LegDialog | null, names: HeaderNames): void {
  if (asked.method === 'REFER') {
    reply.send(603, undefined, {});
    return;
  }
  if (asked.method === 'NOTIFY') {
    // Nobody has subscribed to anything (RFC 6665 §4.1.3).
    reply.send(481, 'Subscription Does Not Exist', {});
    return;
  }
  if (to === null) {
    reply.send(480, undefined, {});
    return;
  }
  const headers = passedHeaders(asked.headers, names, []);
  for (const name of BODY_HEADERS) {
    const value = asked.get(name);
    if (value !== undefined) headers[name] = value;
  }
  to.request({ method: asked.method, headers, body: asked.body ?? '' }, (answer) => answerWith(reply, answer));
}

function answerWith(reply: ServerResponse, answer: SipResponse | null): void {
  if (answer === null || answer.status === 408 || answer.status === 481) {
    reply.send(503, undefined, {});
    return;
  }
  const headers: Record<string, string> = {};
  for (const name of ANSWERED_HEADERS) {
    const value = answer.get(name);
    if (value !== undefined) headers[name] = value;
  }
  sendFinal(reply, answer.status, answer.reason, headers, answer.body ?? '');
}
