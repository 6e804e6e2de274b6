/**
 * UDP by the compiled add-on (native/), a third of the cost of Node's own sockets: one system call to learn of many
 * datagrams, no object for any of them, and no more than the system call to send one.
 */
import { isIPv6, SocketAddress } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { assert } from '../base/assert.ts';
import { type MonotonicMs, systemClock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import { ok, type Result, refused } from '../base/result.ts';
import { ERRNO, FD, IS_OTHER, loadMediaIo, type MediaIo, OCTETS, PORT, SEND_ON } from './media-io.ts';
import { NativeBypass } from './media-worker-bypass.ts';
import type { Alarm, Bypass, OnDatagram, Udp, UdpSocket } from './media-worker-udp.ts';

/** The add-on for this thread; refused with why there is none. */
export function nativeUdp(): Result<NativeUdp, string> {
  const io = loadMediaIo();
  if (!io.ok) return io;
  try {
    return ok(new NativeUdp(io.value));
  } catch (error) {
    return refused(describeError(error));
  }
}

/** All sockets of a thread. */
export class NativeUdp implements Udp {
  readonly name = 'native';
  readonly #io: MediaIo;
  /** By file descriptor. */
  readonly #sockets: (NativeSocket | undefined)[] = [];
  readonly #ring: Buffer;
  readonly #words: Uint32Array;
  /** The slots of the ring as the datagrams that were in them last: those of one stream all have one length. */
  readonly #views: Buffer[];
  /** The datagram that is being told, and its slot; null: none, or it was sent on. */
  #packet: Buffer | null = null;
  #slot = 0;
  /** The slots before this one have packets that wait to be sent on; 0: none. */
  #sendsOn = 0;
  #onAlarm: () => void = () => {};
  /** When the datagrams came that are being handled: at 25,000 a second a look at the clock for each is felt. */
  #cameAt: MonotonicMs | null = null;

  constructor(io: MediaIo) {
    this.#io = io;
    this.#ring = Buffer.alloc(io.slots * io.slotOctets);
    this.#words = new Uint32Array(io.slots * io.words);
    this.#views = Array.from({ length: io.slots }, () => this.#ring.subarray(0, 0));
    const started = io.start(this.#ring, this.#words, (count, rang) => this.#take(count, rang));
    if (started < 0) throw systemError('epoll', started);
  }

  async open(
    address: string,
    port: number,
    onDatagram: OnDatagram,
    onError: (error: Error) => void,
  ): Promise<Result<UdpSocket, NodeJS.ErrnoException>> {
    const fd = this.#io.open(address, port);
    if (fd < 0) return refused(systemError('bind', fd, address, port));
    const socket = new NativeSocket(this, this.#io, fd, onDatagram, onError, () => {
      this.#sockets[fd] = undefined;
    });
    this.#sockets[fd] = socket;
    return ok(socket);
  }

  stop(): void {
    this.#io.stop();
  }

  now(): MonotonicMs {
    return this.#cameAt ?? systemClock.monotonicMs();
  }

  alarm(ring: () => void): Alarm {
    this.#onAlarm = ring;
    return { set: (at) => void this.#io.alarm(at ?? 0) };
  }

  #take(count: number, rang: boolean): void {
    // What is due has a deadline; what came may wait for it.
    if (rang) this.#onAlarm();
    if (count !== 0) this.#tell(count, systemClock.monotonicMs());
  }

  /** Tells the datagrams in the first `count` slots, which came at `at`. */
  #tell(count: number, at: MonotonicMs): void {
    this.#cameAt = at;
    const words = this.#words;
    const step = this.#io.words;
    for (let slot = 0; slot < count; slot += 1) {
      const word = slot * step;
      // One that a datagram before this one has closed is gone.
      const socket = this.#sockets[words[word + FD] as number];
      if (socket === undefined) continue;
      if (words[word + IS_OTHER] !== 0) socket.source = spelled(this.#io.source(slot));
      const packet = this.#view(slot, words[word + OCTETS] as number);
      this.#slot = slot;
      this.#packet = packet;
      socket.onDatagram(packet, socket.source, words[word + PORT] as number);
    }
    this.#packet = null;
    this.flush();
    this.#cameAt = null;
  }

  /**
   * Sends the packet on with all others of this wake-up, when it is the very one that is being told: nobody writes to its
   * slot before they are sent. False for any other; what was sent on before that is sent now, in its order.
   */
  sendOn(fd: number, packet: Buffer): boolean {
    if (packet !== this.#packet) {
      this.flush();
      return false;
    }
    this.#words[this.#slot * this.#io.words + SEND_ON] = fd + 1;
    this.#sendsOn = this.#slot + 1;
    // A second sending of the same packet finds it no longer here.
    this.#packet = null;
    return true;
  }

  /** Where the datagram is that is being told; -1: none is. */
  get slotTold(): number {
    return this.#cameAt === null ? -1 : this.#slot;
  }

  /**
   * What comes of a datagram that came from there at that moment, for tests: the octets that left without being told, or null
   * when it was told, and those that were sent on have left.
   */
  arrive(socket: UdpSocket, datagram: Uint8Array, address: string, port: number, at: MonotonicMs): Buffer | null {
    assert(socket instanceof NativeSocket, 'a socket of another kind');
    this.#ring.set(datagram);
    const passed = this.#io.arrive(socket.fd, datagram.length, address, port, at);
    assert(passed >= 0, `errno ${-passed}`);
    if (passed === 1) return this.#ring.subarray(0, datagram.length);
    this.#tell(1, at);
    return null;
  }

  /** Nothing that was sent on waits any more: a socket is about to close, or to send elsewhere. */
  flush(): void {
    const count = this.#sendsOn;
    if (count === 0) return;
    this.#sendsOn = 0;
    if (this.#io.flush(count) === 0) return;
    const words = this.#words;
    for (let at = 0; at < count * this.#io.words; at += this.#io.words) {
      const sendOn = words[at + SEND_ON] as number;
      if (sendOn === 0) continue;
      words[at + SEND_ON] = 0;
      this.#sockets[sendOn - 1]?.sendFailed(-(words[at + ERRNO] as number));
    }
  }

  #view(slot: number, octets: number): Buffer {
    const before = this.#views[slot];
    assert(before !== undefined, `no slot ${slot}`);
    if (before.length === octets) return before;
    const from = slot * this.#io.slotOctets;
    const view = this.#ring.subarray(from, from + octets);
    this.#views[slot] = view;
    return view;
  }
}

class NativeSocket implements UdpSocket {
  /** The address that its latest datagram came from. */
  source = '';
  readonly onDatagram: OnDatagram;
  readonly fd: number;
  readonly #udp: NativeUdp;
  readonly #io: MediaIo;
  readonly #onError: (error: Error) => void;
  readonly #onClose: () => void;
  #open = true;
  #toAddress = '';
  #toPort = 0;

  constructor(
    udp: NativeUdp,
    io: MediaIo,
    fd: number,
    onDatagram: OnDatagram,
    onError: (error: Error) => void,
    onClose: () => void,
  ) {
    this.#udp = udp;
    this.#io = io;
    this.fd = fd;
    this.onDatagram = onDatagram;
    this.#onError = onError;
    this.#onClose = onClose;
  }

  send(packet: Buffer, port: number, address: string, done?: (error: Error | null) => void): void {
    if (!this.#open) return;
    if (port !== this.#toPort || address !== this.#toAddress) {
      this.#udp.flush();
      this.#io.target(this.fd, address, port);
      this.#toPort = port;
      this.#toAddress = address;
    }
    if (done === undefined) {
      if (this.#udp.sendOn(this.fd, packet)) return;
      const sent = this.#io.send(this.fd, packet);
      if (sent !== 0) this.sendFailed(sent);
    } else {
      this.#udp.flush();
      const sent = this.#io.send(this.fd, packet);
      queueMicrotask(() => done(sent === 0 ? null : this.#problem(sent)));
    }
  }

  /** The system did not send a packet, for this errno below 0: the owner is told on a later turn. */
  sendFailed(errno: number): void {
    queueMicrotask(() => {
      if (this.#open) this.#onError(this.#problem(errno));
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#udp.flush();
    this.#open = false;
    this.#io.close(this.fd);
    this.#onClose();
  }

  bypassTo(out: UdpSocket): Bypass | null {
    if (!(out instanceof NativeSocket)) return null;
    return new NativeBypass(this.#io, this.fd, out.fd, () => this.#udp.slotTold);
  }

  #problem(errno: number): Error {
    return systemError('send', errno, this.#toAddress, this.#toPort);
  }
}

/** The C library's spelling as Node's: in its shortest form (RFC 5952), and without the zone of a link. */
function spelled(address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address;
}

function systemError(call: string, errno: number, address = '', port = 0): NodeJS.ErrnoException {
  const code = getSystemErrorName(errno);
  const where = address === '' ? '' : ` ${address}:${port}`;
  return Object.assign(new Error(`${call} ${code}${where}`), { code, errno, syscall: call });
}
