/**
 * ARI as one wire: events over a WebSocket, and requests over HTTP, whose answers come in between the events in the form
 * of Asterisk's REST over WebSocket. The password goes in a header, never in an address.
 */
import { describeError } from '../../base/errors.ts';
import type { OpenWire } from '../wire.ts';
import type { AriRequest } from './ari-conversation.ts';

/** Where ARI is, and as whom it is asked. */
export type AriPlace = {
  /** Of Asterisk's HTTP server, with its `prefix` where http.conf has one. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly application: string;
};

/** An answer's body: a channel takes about 700 octets, so this is some 40,000 of them. */
export const ANSWER_OCTETS_MAX = 33_554_432;

/** Opens ARI, each time it is asked. */
export function ariWire({ url, username, password, application }: AriPlace): OpenWire {
  const base = `${url.replace(/\/+$/, '')}/ari/`;
  const headers = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };

  return (events) => {
    const ending = new AbortController();
    let socket: WebSocket | null = null;
    let closed = false;
    void open();

    return {
      send: (text) => void request(JSON.parse(text)),
      close,
    };

    function close(): void {
      closed = true;
      ending.abort();
      socket?.close();
    }

    function end(problem: string): void {
      if (closed) return;
      close();
      events.closed(problem);
    }

    /** A WebSocket tells nothing of why it was refused: HTTP does. */
    async function open(): Promise<void> {
      const answer = await ask({ method: 'GET', uri: 'asterisk/info?only=status' });
      if (answer === null || closed) return;
      if (answer.status === 200) subscribe();
      else end(refusal(answer.status));
    }

    function subscribe(): void {
      const query = new URLSearchParams({ app: application, subscribeAll: 'true' });
      socket = new WebSocket(`${base.replace(/^http/, 'ws')}events?${query}`, { headers });
      socket.addEventListener('open', () => !closed && events.opened());
      socket.addEventListener('message', ({ data }) => {
        if (typeof data !== 'string') end('it sent octets where text was due');
        else if (!closed) events.received(data);
      });
      socket.addEventListener('error', () => end('the WebSocket failed'));
      socket.addEventListener('close', ({ code }) => end(`the WebSocket was closed with code ${code}`));
    }

    async function request({ request_id, ...asked }: AriRequest): Promise<void> {
      const answer = await ask(asked);
      if (answer === null || closed) return;
      const { status, body } = answer;
      events.received(JSON.stringify({ type: 'RESTResponse', request_id, status_code: status, message_body: body }));
    }

    /** Null when it failed, which has been told. */
    async function ask({ method, uri, message_body }: Pick<AriRequest, 'method' | 'uri' | 'message_body'>) {
      try {
        const response = await fetch(base + uri, {
          method,
          headers: { ...headers, 'content-type': 'application/json' },
          body: message_body ?? null,
          signal: ending.signal,
        });
        return { status: response.status, body: await textOf(response) };
      } catch (thrown) {
        const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
        end(describeError(cause));
        return null;
      }
    }
  };
}

async function textOf(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let octets = 0;
  for await (const piece of response.body ?? []) {
    octets += piece.length;
    if (octets > ANSWER_OCTETS_MAX) throw new Error(`an answer of more than ${ANSWER_OCTETS_MAX} octets`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function refusal(status: number): string {
  if (status === 401 || status === 403) return `HTTP ${status}: ari.conf knows no such user, or another password`;
  if (status === 404) return 'HTTP 404: no ARI there (enabled = yes in ari.conf, prefix in http.conf)';
  return `HTTP ${status}`;
}
