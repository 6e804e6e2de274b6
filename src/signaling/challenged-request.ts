/** A request of ours, sent again with credentials when the peer asks for them (RFC 3261 §22.2, §22.3). */
import type { DigestClient } from './digest-client.ts';
import {
  type Acknowledge,
  type RequestOptions,
  type SipRequest,
  type SipResponse,
  type Srf,
  sendRequest,
} from './drachtio-srf.ts';

/** What becomes of the request. */
export type RequestListeners = {
  /** Once for each time it was sent, or could not be; before any response to it. */
  sent(error: unknown, request?: SipRequest): void;
  /** Every response but the challenges that were answered. */
  response(response: SipResponse, acknowledge: Acknowledge): void;
  /** A challenge is about to be answered; false: nobody wants that any more, and it is told as a response. */
  mayRepeat?(): boolean;
};

/** @param digest null where the peer is not one that challenges us */
export function requestWithDigest(
  srf: Srf,
  uri: string,
  options: RequestOptions,
  digest: DigestClient | null,
  listeners: RequestListeners,
): void {
  send(options.headers);

  function send(headers: Readonly<Record<string, string>>): void {
    // New objects each time: drachtio-srf changes what it is given.
    sendRequest(srf, uri, { ...options, headers: { ...headers } }, (error, request) => {
      request?.on('response', (response, acknowledge) => onResponse(headers, request, response, acknowledge));
      listeners.sent(error, request);
    });
  }

  function onResponse(
    headers: Readonly<Record<string, string>>,
    request: SipRequest,
    response: SipResponse,
    acknowledge: Acknowledge,
  ): void {
    const answer = digest?.answer(response, request) ?? null;
    if (answer === null || listeners.mayRepeat?.() === false) {
      listeners.response(response, withCredentials(request, acknowledge));
      return;
    }
    const identity = options.stackDialogId === undefined ? sameIdentity(request) : {};
    send({ ...headers, ...identity, [answer.name]: answer.value });
  }
}

/** RFC 3261 §8.1.3.5: the same Call-ID, To and From, the CSeq one higher. Inside a dialog the engine does it. */
export function sameIdentity(request: SipRequest): Record<string, string> {
  const cseq = Number.parseInt(request.get('cseq') ?? '1', 10);
  const identity: Record<string, string> = { CSeq: `${cseq + 1} ${request.method}` };
  for (const name of ['From', 'To', 'Call-ID']) {
    const value = request.get(name);
    if (value !== undefined) identity[name] = value;
  }
  return identity;
}

/** The ACK carries the credentials of the INVITE it acknowledges (RFC 3261 §13.2.2.4). */
function withCredentials(request: SipRequest, acknowledge: Acknowledge): Acknowledge {
  const credentials: Record<string, string> = {};
  for (const name of ['Authorization', 'Proxy-Authorization']) {
    const value = request.get(name);
    if (value !== undefined) credentials[name] = value;
  }
  if (Object.keys(credentials).length === 0) return acknowledge;
  return (options = {}) => acknowledge({ ...options, headers: { ...options.headers, ...credentials } });
}
