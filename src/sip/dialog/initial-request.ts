import { parseCSeq } from '../message/essentials.ts';
import { tagOf, uriOf, withQuotedDisplayName, withTag } from '../message/name-addr.ts';
import { type HeaderField, header, headerValue, listValues, type SipRequest } from '../message/sip-message.ts';
import { formatHostPort, parseSipUri } from '../message/uri.ts';
import type { TokenSource } from '../token-source.ts';
import { appHeaders, missingContentType, type Self } from './app-headers.ts';
import { REFUSAL } from './application.ts';
import { dialogIdOf } from './dialog.ts';
import { contactOf } from './faces.ts';

/** A request outside all dialogs, ready but for its Via. */
export type InitialRequest = {
  readonly request: SipRequest;
  /** Of the dialog an INVITE makes; '' for other methods. */
  readonly dialogId: string;
};

/** Where a request outside all dialogs goes. */
export type Destination = {
  /** The URI of its next hop. */
  readonly nextUri: string;
  /** It ends a dialog of an earlier life of this engine. */
  readonly isRecovery: boolean;
};

/** Methods an application may send; ACK and CANCEL have ways of their own. */
export const METHODS: ReadonlySet<string> = new Set(
  'INVITE BYE OPTIONS REGISTER INFO UPDATE REFER MESSAGE NOTIFY SUBSCRIBE PUBLISH'.split(' '),
);

const IDENTITY = new Set(['from', 'to', 'call-id', 'cseq']);

/**
 * Where an application's request goes (RFC 3261 §8.1.2); `proxy` is the next hop when it is not ''.
 *
 * Deviation from drachtio-server, which discards the application's Route: a request that carries both tags belongs to a
 * dialog of an earlier life of this engine, and its journalled route set is the only way to the peer.
 */
export function destinationOf(message: SipRequest, proxy: string): Destination {
  const isTagged = (key: string) => tagOf(withQuotedDisplayName(headerValue(message, key) ?? '')) !== null;
  const isRecovery = message.method !== 'INVITE' && isTagged('from') && isTagged('to');
  const [route] = isRecovery ? listValues(message, 'route') : [];
  return { nextUri: proxy !== '' ? proxy : route === undefined ? message.uri : uriOf(route), isRecovery };
}

/**
 * Completes what an application wants sent outside all dialogs (RFC 3261 §8.1.1), or says why it cannot be: the reason as
 * a text.
 */
export function initialRequest(
  message: SipRequest,
  isRecovery: boolean,
  self: Self,
  newToken: TokenSource,
): InitialRequest | string {
  const { method, uri } = message;
  if (method === 'ACK' || method === 'PRACK') return REFUSAL.ackOfFailure;
  if (!METHODS.has(method) || (parseSipUri(uri) === null && /^sips?:/i.test(uri))) return invalidUri(message);

  const headers = appHeaders(message, self);
  const given = (key: string) => headers.find((field) => field.key === key)?.value;
  const from = given('from');
  const to = given('to');
  if ((from !== undefined && !isAddress(from)) || (to !== undefined && !isAddress(to))) return REFUSAL.badLeg;
  const fromTag = (from === undefined ? null : tagOf(from)) ?? newToken();
  const routes = isRecovery ? listValues(message, 'route') : [];

  const contentType = missingContentType(headers, message.body);
  if (contentType === 'unknown') return REFUSAL.missingContentType;

  const callId = given('call-id') || `${newToken()}@${self.listener.host}`;
  // 27 random bits: room for many requests below 2^31 (§8.1.1.5).
  const number = parseCSeq(given('cseq') ?? '')?.number ?? Number.parseInt(newToken().slice(0, 7), 16) >>> 1;
  const own: HeaderField[] = routes.map((value) => header('Route', value));
  own.push(
    header('From', withTag(from ?? ownAddress(self), fromTag)),
    header('To', to ?? `<${uri}>`),
    header('Call-ID', callId),
    header('CSeq', `${number} ${method}`),
  );
  if ((method === 'INVITE' || method === 'SUBSCRIBE') && given('contact') === undefined) {
    own.push(header('Contact', contactOf(self.listener, uri)));
  }
  for (const field of headers) if (!IDENTITY.has(field.key)) own.push(field);
  if (contentType !== null) own.push(contentType);
  return {
    request: { kind: 'request', method, uri, headers: own, body: message.body },
    dialogId: method === 'INVITE' ? dialogIdOf(callId, fromTag) : '',
  };
}

/** The refusal of a request line, as drachtio-server spells it. */
export function invalidUri(message: SipRequest): string {
  return `invalid request-uri: ${message.method} ${message.uri} SIP/2.0`;
}

function ownAddress({ listener }: Self): string {
  return `<sip:${formatHostPort(listener.host, listener.port)}>`;
}

function isAddress(value: string): boolean {
  return /^(sips?|tel):./i.test(uriOf(value));
}
