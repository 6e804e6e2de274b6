/** A bare UDP socket that sends whatever octets it is given and keeps whatever comes: for what SIPp would never say. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from './engine-under-test.ts';
import { parseMessage } from './sip-trace.ts';
import { hearOnFailure, lineOf, type Moment } from './story.ts';

/** An open socket. */
export class SipSocket {
  readonly local: Endpoint;
  /** Everything received, in order, as text. */
  readonly received: string[] = [];
  readonly #exchanged: { readonly atMs: number; readonly direction: 'sent' | 'received'; readonly text: string }[] = [];
  readonly #socket: Socket;
  #listener: (text: string) => void = () => undefined;

  private constructor(socket: Socket, local: Endpoint) {
    this.#socket = socket;
    this.local = local;
    hearOnFailure(this);
    socket.on('message', (datagram) => {
      const text = datagram.toString('latin1');
      this.received.push(text);
      this.#exchanged.push({ atMs: Date.now(), direction: 'received', text });
      this.#listener(text);
    });
  }

  /** Binds; port 0 takes any. */
  static async open(address: string, port: number): Promise<SipSocket> {
    const socket = createSocket({ type: 'udp4', lookup: (name, _options, found) => found(null, name, 4) });
    // Asked for first: with a synchronous look-up, bind is done before it returns.
    const listening = once(socket, 'listening');
    socket.bind(port, address);
    await listening;
    return new SipSocket(socket, { address, port: socket.address().port });
  }

  /** Calls back with every datagram from now on. */
  onDatagram(listener: (text: string) => void): void {
    this.#listener = listener;
  }

  /** Sends one datagram; resolves when the kernel has it. */
  send(to: Endpoint, datagram: Buffer): Promise<void> {
    this.#exchanged.push({ atMs: Date.now(), direction: 'sent', text: datagram.toString('latin1') });
    return new Promise((resolve, reject) => {
      this.#socket.send(datagram, to.port, to.address, (problem) => (problem === null ? resolve() : reject(problem)));
    });
  }

  /** Every datagram, for a failure's story. */
  moments(): readonly Moment[] {
    const { address, port } = this.local;
    return this.#exchanged.map(({ atMs, direction, text }) => ({
      atMs,
      text: `${address}:${port} ${direction} ${lineOf(parseMessage(text, atMs, direction))}`,
    }));
  }

  /** The first datagram that fits, as soon as it is there; null when none came in time. */
  async reply(fits: (text: string) => boolean, withinMs: number): Promise<string | null> {
    const until = Date.now() + withinMs;
    for (;;) {
      const found = this.received.find(fits);
      if (found !== undefined) return found;
      if (Date.now() > until) return null;
      await sleep(10);
    }
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}
