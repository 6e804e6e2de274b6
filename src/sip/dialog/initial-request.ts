import { parseCSeq } from '../message/essentials.ts';
import { tagOf, uriOf, withTag } from '../message/name-addr.ts';
import { type HeaderField, header, listValues, type SipRequest } from '../message/sip-message.ts';
import { parseSipUri } from '../message/uri.ts';
import type { TokenSource } from '../token-source.ts';
import { type Advertised, appHeaders, missingContentType } from './app-headers.ts';
import { REFUSAL } from './application.ts';
import { dialogIdOf } from './dialog.ts';

/** A request outside all dialogs, ready but for its Via. */
export type InitialRequest = {
  readonly request: SipRequest;
  /** Of the dialog an INVITE makes; '' for other methods. */
  readonly dialogId: string;
  /** The URI of its next hop. */
  readonly nextUri: string;
  /** It ends a dialog of an earlier life of this engine. */
  readonly isRecovery: boolean;
};

/** What the builder needs to know of this element. */
export type Self = {
  readonly advertised: Advertised;
  readonly ownContact: string;
  readonly newToken: TokenSource;
};

/** Methods an application may send; ACK and CANCEL have ways of their own. */
export const METHODS: ReadonlySet<string> = new Set(
  'INVITE BYE OPTIONS REGISTER INFO UPDATE REFER MESSAGE NOTIFY SUBSCRIBE PUBLISH'.split(' '),
);

const IDENTITY = new Set(['from', 'to', 'call-id', 'cseq']);

/**
 * Completes what an application wants sent outside all dialogs (RFC 3261 §8.1.1), or says why it cannot be: the reason as
 * a text. `proxy` is the next hop when it is not ''.
 */
export function initialRequest(message: SipRequest, proxy: string, self: Self): InitialRequest | string {
  const { method, uri } = message;
  if (method === 'ACK' || method === 'PRACK') return REFUSAL.ackOfFailure;
  if (!METHODS.has(method) || (parseSipUri(uri) === null && /^sips?:/i.test(uri))) return invalidUri(message);

  const headers = appHeaders(message, self.advertised);
  const given = (key: string) => headers.find((field) => field.key === key)?.value;
  const from = given('from');
  const to = given('to');
  if ((from !== undefined && !isAddress(from)) || (to !== undefined && !isAddress(to))) return REFUSAL.badLeg;
  const givenTag = from === undefined ? null : tagOf(from);
  const fromTag = givenTag ?? self.newToken();

  // Deviation from drachtio-server, which discards the application's Route: a request that carries both tags belongs to a
  // dialog of an earlier life of this engine, and its journalled route set is the only way to the peer.
  const isRecovery = method !== 'INVITE' && givenTag !== null && to !== undefined && tagOf(to) !== null;
  const routes = isRecovery ? listValues(message, 'route') : [];
  const nextUri = proxy !== '' ? proxy : routes[0] === undefined ? uri : uriOf(routes[0]);

  const contentType = missingContentType(headers, message.body);
  if (contentType === 'unknown') return REFUSAL.missingContentType;

  const callId = given('call-id') || `${self.newToken()}@${self.advertised.host}`;
  // 27 random bits: room for many requests below 2^31 (§8.1.1.5).
  const number = parseCSeq(given('cseq') ?? '')?.number ?? Number.parseInt(self.newToken().slice(0, 7), 16) >>> 1;
  const own: HeaderField[] = routes.map((value) => header('Route', value));
  own.push(
    header('From', withTag(from ?? self.ownContact, fromTag)),
    header('To', to ?? `<${uri}>`),
    header('Call-ID', callId),
    header('CSeq', `${number} ${method}`),
  );
  if ((method === 'INVITE' || method === 'SUBSCRIBE') && given('contact') === undefined) {
    own.push(header('Contact', self.ownContact));
  }
  for (const field of headers) if (!IDENTITY.has(field.key)) own.push(field);
  if (contentType !== null) own.push(contentType);
  return {
    request: { kind: 'request', method, uri, headers: own, body: message.body },
    dialogId: method === 'INVITE' ? dialogIdOf(callId, fromTag) : '',
    nextUri,
    isRecovery,
  };
}

/** The refusal of a request line, as drachtio-server spells it. */
export function invalidUri(message: SipRequest): string {
  return `invalid request-uri: ${message.method} ${message.uri} SIP/2.0`;
}

function isAddress(value: string): boolean {
  return /^(sips?|tel):./i.test(uriOf(value));
}
