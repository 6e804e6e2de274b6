import type { Socket } from 'node:net';
import { addMs, type Clock, elapsedMs, type MonotonicMs, type Timer } from '../../base/clock.ts';
import type { Counters } from '../counters.ts';
import type { Hop, Listener, MessageObserver } from '../transaction/hop.ts';
import { createStreamFramer } from './stream-framer.ts';
import type { StreamLimits } from './stream-limits.ts';

/** What a connection stands on. */
export type StreamConnectionContext = {
  readonly clock: Clock;
  readonly limits: StreamLimits;
  readonly counters: Counters;
  readonly onMessage: (octets: Buffer, source: Hop) => void;
  readonly observe: MessageObserver | null;
  /** It is closed, or could not be opened. */
  readonly onClosed: (connection: StreamConnection) => void;
};

/** What is known of a connection from the start. */
export type StreamConnectionPlan = {
  readonly id: number;
  readonly listener: Listener;
  readonly address: string;
  readonly port: number;
  /** `connect` or `secureConnect`: what its socket says when it is open; null when it is open already. */
  readonly opensWith: 'connect' | 'secureConnect' | null;
};

/** Answers a ping (RFC 5626 §4.4.1). */
const PONG = Buffer.from('\r\n');

type Waiting = { readonly octets: Buffer; readonly failed: () => void };

/** One TCP or TLS connection: messages in, messages out, and every reason to close it. */
export class StreamConnection {
  readonly id: number;
  /** The peer, as messages that came over this connection name their source. */
  readonly remote: Hop;
  readonly listener: Listener;
  readonly socket: Socket;
  readonly #context: StreamConnectionContext;
  readonly #framer = createStreamFramer();
  #state: 'opening' | 'open' | 'closed';
  #waiting: Waiting[] = [];
  #waitingOctets = 0;
  #hasHeard = false;
  #lastUsedMs: MonotonicMs;
  #idle: Timer | null = null;
  #deadline: Timer | null = null;

  constructor(socket: Socket, plan: StreamConnectionPlan, context: StreamConnectionContext) {
    const { clock, limits } = context;
    this.id = plan.id;
    this.listener = plan.listener;
    this.remote = {
      protocol: plan.listener.protocol,
      address: plan.address,
      port: plan.port,
      listener: plan.listener,
      connection: plan.id,
    };
    this.socket = socket;
    this.#context = context;
    this.#lastUsedMs = clock.monotonicMs();
    this.#state = plan.opensWith === null ? 'open' : 'opening';
    socket.on('data', (octets: Buffer) => this.#read(octets));
    socket.on('error', () => this.destroy());
    socket.on('end', () => this.close());
    socket.on('close', () => this.#end());
    if (plan.opensWith === null) {
      this.#giveUpAfter(limits.messageMs, () => void context.counters.slowMessages++);
    } else {
      socket.once(plan.opensWith, () => this.#opened());
      this.#giveUpAfter(limits.connectMs, () => undefined);
    }
    this.#watchIdle(limits.idleMs);
  }

  get isUsable(): boolean {
    return this.#state !== 'closed';
  }

  /** Milliseconds since something last went over it. */
  idleMs(): number {
    return elapsedMs(this.#lastUsedMs, this.#context.clock.monotonicMs());
  }

  /** Sends one message, once it is open; `failed` is called, never synchronously, when it does not get away. */
  send(octets: Buffer, failed: () => void): void {
    const { clock, limits, counters } = this.#context;
    this.#lastUsedMs = clock.monotonicMs();
    if (this.#state === 'open') {
      this.#write(octets, failed);
      return;
    }
    this.#waitingOctets += octets.length;
    if (this.#state === 'closed' || this.#waitingOctets > limits.pendingOctetsMax) {
      if (this.#state === 'opening') counters.slowReaders++;
      clock.setTimer(clock.monotonicMs(), failed);
      return;
    }
    this.#waiting.push({ octets, failed });
  }

  /** Says goodbye: what is written still goes out. */
  close(): void {
    this.#end();
    this.socket.destroySoon();
  }

  /** Ends it at once. */
  destroy(): void {
    this.#end();
    this.socket.destroy();
  }

  #opened(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    this.#cancelDeadline();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { octets, failed } of waiting) this.#write(octets, failed);
  }

  #write(octets: Buffer, failed: () => void): void {
    const { limits, counters, observe, clock } = this.#context;
    const { socket } = this;
    if (observe !== null) {
      observe('out', octets, this.#local(), this.remote, this.remote.protocol, clock.now());
    }
    socket.write(octets, (error) => {
      if (error) failed();
    });
    if (socket.writableLength > limits.pendingOctetsMax) {
      counters.slowReaders++;
      this.destroy();
    }
  }

  #read(octets: Buffer): void {
    if (this.#state !== 'open') return;
    const { clock, counters, limits, onMessage, observe } = this.#context;
    this.#lastUsedMs = clock.monotonicMs();
    const wasWithin = this.#framer.isWithinMessage();
    const { messages, pings, fault } = this.#framer.push(octets);
    for (const message of messages) {
      if (observe !== null) observe('in', message, this.#local(), this.remote, this.remote.protocol, clock.now());
      onMessage(message, this.remote);
    }
    for (let count = 0; count < pings; count++) {
      counters.received++;
      counters.keepAlives++;
      this.#pong();
    }
    if (fault !== null) {
      counters.framingFaults++;
      this.destroy();
      return;
    }
    // Time runs from the first octet of a message to its last, whatever trickles in between.
    const isWithin = this.#framer.isWithinMessage();
    if (!isWithin || !wasWithin || messages.length > 0 || !this.#hasHeard) {
      this.#cancelDeadline();
      if (isWithin) this.#giveUpAfter(limits.messageMs, () => void counters.slowMessages++);
    }
    this.#hasHeard = true;
  }

  #pong(): void {
    if (this.#state !== 'open') return;
    this.socket.write(PONG);
    if (this.socket.writableLength > this.#context.limits.pendingOctetsMax) {
      this.#context.counters.slowReaders++;
      this.destroy();
    }
  }

  #local(): { readonly address: string; readonly port: number } {
    const { localAddress, localPort } = this.socket;
    return { address: localAddress ?? this.listener.address, port: localPort ?? this.listener.port };
  }

  #giveUpAfter(limitMs: number, count: () => void): void {
    const { clock } = this.#context;
    this.#deadline = clock.setTimer(addMs(clock.monotonicMs(), limitMs), () => {
      this.#deadline = null;
      count();
      this.destroy();
    });
  }

  #cancelDeadline(): void {
    this.#deadline?.cancel();
    this.#deadline = null;
  }

  /** One timer, set again when it comes too early: cheaper than one for every message. */
  #watchIdle(inMs: number): void {
    const { clock, limits, counters } = this.#context;
    this.#idle = clock.setTimer(addMs(clock.monotonicMs(), inMs), () => {
      const leftMs = limits.idleMs - this.idleMs();
      if (leftMs > 0) {
        this.#watchIdle(leftMs);
        return;
      }
      counters.connectionsIdle++;
      this.close();
    });
  }

  #end(): void {
    if (this.#state === 'closed') return;
    const { clock, onClosed } = this.#context;
    this.#state = 'closed';
    this.#cancelDeadline();
    this.#idle?.cancel();
    this.#idle = null;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { failed } of waiting) clock.setTimer(clock.monotonicMs(), failed);
    onClosed(this);
  }
}
