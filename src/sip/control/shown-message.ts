import { withQuotedDisplayName } from '../message/name-addr.ts';
import { serializeMessage } from '../message/serialize-message.ts';
import { type HeaderField, headerValue, type SipMessage } from '../message/sip-message.ts';

/**
 * A message of the network as the application sees it, as octet text. Two things differ from the wire:
 *
 * - display names that are neither quoted nor tokens are quoted, because drachtio-srf loses the tag behind them;
 * - every 2xx to an INVITE is a 200, because drachtio-srf takes the others for failures and the call would hang.
 */
export function shownMessage(message: SipMessage): string {
  let headers: HeaderField[] | null = null;
  for (let index = message.headers.length - 1; index >= 0; index--) {
    const field = message.headers[index] as HeaderField;
    const value = shownValue(field);
    if (value === field.value) continue;
    headers ??= message.headers.slice();
    headers[index] = { ...field, value };
  }
  let shown = headers === null ? message : { ...message, headers };
  if (shown.kind === 'response' && shown.status > 200 && shown.status < 300) {
    if (headerValue(shown, 'cseq')?.endsWith('INVITE')) shown = { ...shown, status: 200, reason: 'OK' };
  }
  return serializeMessage(shown);
}

function shownValue(field: HeaderField): string {
  switch (field.key) {
    case 'from':
    case 'to':
    case 'contact':
    case 'p-asserted-identity':
      return withQuotedDisplayName(field.value);
    default:
      return field.value;
  }
}
