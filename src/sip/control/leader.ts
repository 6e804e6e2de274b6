import type { Hop } from '../transaction/hop.ts';

/**
 * Leaders of the drachtio control protocol: the fields before the first CRLF of a frame, separated by `|`. Field counts
 * matter to drachtio-srf; the first field is an id that it never looks at.
 */

type Place = Pick<Hop, 'protocol' | 'address' | 'port'>;

/** What a client sends. `text` is the SIP message as octet text. */
export type ClientMessage =
  | { readonly type: 'authenticate'; readonly id: string; readonly secret: string }
  | { readonly type: 'route' | 'remove_route'; readonly id: string; readonly method: string }
  | { readonly type: 'ping' | 'proxy'; readonly id: string }
  | {
      readonly type: 'sip';
      readonly id: string;
      readonly transactionId: string;
      readonly dialogId: string;
      readonly proxy: string;
      readonly text: string;
    }
  | { readonly type: 'unknown'; readonly id: string };

/** Reads one message of a client. */
export function readClientMessage(message: string): ClientMessage {
  const crlf = message.indexOf('\r');
  const leader = crlf < 0 ? message : message.slice(0, crlf);
  const [id = '', type = '', third = '', fourth = '', fifth = ''] = leader.split('|');
  switch (type) {
    case 'authenticate':
      return { type, id, secret: third };
    case 'route':
    case 'remove_route':
      return { type, id, method: third.toUpperCase() };
    case 'ping':
    case 'proxy':
      return { type, id };
    case 'sip':
      return {
        type,
        id,
        transactionId: third,
        dialogId: fourth,
        proxy: fifth,
        text: crlf < 0 ? '' : message.slice(crlf + 2),
      };
    default:
      return { type: 'unknown', id };
  }
}

/** `OK`, with further fields. */
export function okMessage(id: string, requestId: string, ...fields: string[]): string {
  return [id, 'response', requestId, 'OK', ...fields].join('|');
}

/** `NOK` and why: a SIP message that was not sent. */
export function nokMessage(id: string, requestId: string, reason: string): string {
  return `${id}|response|${requestId}|NOK|${reason}`;
}

/** `NO` and why: the connection ends. */
export function noMessage(id: string, requestId: string, reason: string): string {
  return `${id}|response|${requestId}|NO|${reason}`;
}

/** A request of the client as it went out; `local` is the listener it left from. */
export function requestSentMessage(
  id: string,
  requestId: string,
  octets: number,
  local: Place,
  time: string,
  transactionId: string,
  text: string,
): string {
  return `${id}|response|${requestId}|OK|application|${octets}|${place(local)}|${time}|${transactionId}|Msg sent:|\r\n${text}`;
}

/** A response of the client as it went out to `peer`. */
export function responseSentMessage(
  id: string,
  requestId: string,
  octets: number,
  peer: Hop,
  time: string,
  transactionId: string,
  dialogId: string,
  text: string,
): string {
  return `${id}|response|${requestId}|OK|application|${octets}|${place(peer)}|${time}|${transactionId}|${dialogId}||Msg sent:|\r\n${text}`;
}

/** A request of the network outside all dialogs: thirteen fields, the last ones say where it came in. */
export function requestMessage(
  id: string,
  source: Hop,
  local: { readonly address: string; readonly port: number },
  time: string,
  transactionId: string,
  text: string,
): string {
  return `${id}|sip|network|${text.length}|${place(source)}|${time}|${transactionId}||${local.address}|${local.port}|\r\n${text}`;
}

/** A request of the network in a dialog, a CANCEL, or a response: eleven fields. `source` is null for what we made up. */
export function inDialogMessage(
  id: string,
  source: Hop | null,
  time: string,
  transactionId: string,
  dialogId: string,
  text: string,
): string {
  const octets = source === null ? 0 : text.length;
  return `${id}|sip|network|${octets}|${source === null ? 'udp||0' : place(source)}|${time}|${transactionId}|${dialogId}|\r\n${text}`;
}

/** A call detail record; `detail` is the role of a start and the reason of a stop, null for an attempt. */
export function cdrMessage(
  id: string,
  kind: 'attempt' | 'start' | 'stop',
  source: string,
  time: string,
  detail: string | null,
  text: string,
): string {
  return `${id}|cdr:${kind}|${source}|${time}${detail === null ? '' : `|${detail}`}\r\n${text}`;
}

/** A BYE that the engine sent on its own account. */
export function unsolicitedMessage(id: string, hop: Hop, time: string, dialogId: string, text: string): string {
  return `${id}|sip|application|${text.length}|${place(hop)}|${time}|unsolicited|${dialogId}|\r\n${text}`;
}

function place(hop: Place): string {
  return `${hop.protocol}|${hop.address}|${hop.port}`;
}
