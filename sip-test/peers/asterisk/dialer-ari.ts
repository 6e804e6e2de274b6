/** The dialer's own ARI application. */
import { once } from 'node:events';

/** A connected application. */
export class DialerAri {
  readonly #base: string;
  readonly #events: WebSocket;
  readonly #authorization: string;
  readonly #arrivals = new Map<string, () => void>();

  private constructor(base: string, events: WebSocket, authorization: string) {
    this.#base = base;
    this.#events = events;
    this.#authorization = authorization;
    events.addEventListener('message', ({ data }) => {
      const event: unknown = JSON.parse(String(data));
      const id = channelStarted(event);
      if (id !== null) this.#arrivals.get(id)?.();
    });
  }

  static async open(
    { host, port }: { readonly host: string; readonly port: number },
    { name, password }: { readonly name: string; readonly password: string },
    application: string,
  ): Promise<DialerAri> {
    const query = new URLSearchParams({ app: application, api_key: `${name}:${password}` });
    const events = new WebSocket(`ws://${host}:${port}/ari/events?${query}`);
    await once(events, 'open');
    const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
    return new DialerAri(`http://${host}:${port}/ari/`, events, authorization);
  }

  /** Calls `then` when a channel has entered the application. */
  onArrival(channelId: string, then: () => void): void {
    this.#arrivals.set(channelId, () => {
      this.#arrivals.delete(channelId);
      then();
    });
  }

  /** Refusals are passed over: a call that Brusio has ended is no longer there. */
  async ask(method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
    const response = await fetch(this.#base + path, {
      method,
      headers: { authorization: this.#authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await response.text();
  }

  close(): void {
    this.#events.close();
  }
}

function channelStarted(event: unknown): string | null {
  if (typeof event !== 'object' || event === null || !('type' in event) || event.type !== 'StasisStart') return null;
  const channel = 'channel' in event ? event.channel : null;
  return typeof channel === 'object' && channel !== null && 'id' in channel ? String(channel.id) : null;
}
