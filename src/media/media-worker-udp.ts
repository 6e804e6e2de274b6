/** What the media threads need of UDP. Two files do it: with Node's own sockets, and with the compiled add-on. */
import type { MonotonicMs } from '../base/clock.ts';
import type { Result } from '../base/result.ts';

/**
 * Told of every datagram. The octets are those of the moment: another datagram may take their place after the return.
 * They may be written to.
 */
export type OnDatagram = (packet: Buffer, address: string, port: number) => void;

/** A stream of RTP whose next packet is foretold by its last: the next sequence number, the same step of the timestamp. */
export type EvenStream = {
  /** Two headers of 12 octets: of its last packet as it came, and as it left. */
  readonly headers: Buffer;
  /** Of a packet. */
  octets: number;
  /** Of the timestamp, in a packet. */
  ticks: number;
  clockRateHz: number;
  /** When its last packet came. */
  at: MonotonicMs;
  /** RFC 3550 §A.8, in ticks. */
  jitter: number;
};

/** What passed, and the last of it. */
export type Passed = { packets: number; at: MonotonicMs; jitter: number };

/**
 * The way from one socket out of another for packets that need not be told. A datagram that is the foretold one, from the
 * source of the one before and within a second of it, leaves with the header foretold for it; any other closes the way and is told.
 */
export type Bypass = {
  /** While the last packet is being told, and was sent on by the socket at the other end. False: everything is told. */
  open(stream: EvenStream): boolean;
  /** Since it was asked last; the object is the same every time. `closes`: everything is told from here on. */
  read(closes: boolean): Passed;
};

/** A bound socket. It is not connected, since a peer's address may move. */
export type UdpSocket = {
  /**
   * Hands a datagram to the kernel before it returns, or, the very one that is being told, when those of the same wake-up
   * have been told, in order; so that one must not be written to after it. Never throws. `done` is told the error, or null, on a later turn;
   * without it an error goes to the socket's `onError`, on a later turn as well.
   */
  send(packet: Buffer, port: number, address: string, done?: (error: Error | null) => void): void;
  /** No datagram is told after this. */
  close(): void;
  /** The way to another socket of the same thread; null where every packet must be told. */
  bypassTo(out: UdpSocket): Bypass | null;
};

/** Wakes the thread at one moment; null: not at all. `exact`: a fraction of a millisecond is worth some CPU. */
export type Alarm = { set(at: MonotonicMs | null, exact: boolean): void };

/** A way to have such sockets. Receive buffers stay at the kernel's default: 208 KiB hold five seconds of one stream. */
export type Udp = {
  readonly name: 'native' | 'node';
  /** Binds an IP literal and a port; the problem has the system's code, `EADDRINUSE` for one. */
  open(
    address: string,
    port: number,
    onDatagram: OnDatagram,
    onError: (error: Error) => void,
  ): Promise<Result<UdpSocket, NodeJS.ErrnoException>>;
  /** The moment; while datagrams that were told of in one go are handled, the one at which they were. */
  now(): MonotonicMs;
  /** The one alarm of the thread, and what it calls. */
  alarm(ring: () => void): Alarm;
  /** Lets the thread end once its sockets are closed. */
  stop(): void;
};
