/**
 * One end of a call's audio: an even UDP port that records every RTP packet it gets and can speak G.711, and the odd
 * port beside it, which records RTCP.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from './engine-under-test.ts';
import { hearOnFailure, type Moment } from './story.ts';
import { FRAME_OCTETS, soundOf } from './tone.ts';

/** An RTP packet as it arrived (RFC 3550 §5.1). */
export type RtpArrival = {
  /** Wall clock, milliseconds with a fraction: the clock of the SIP traces. */
  readonly atMs: number;
  readonly from: Endpoint;
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
};

const FRAME_MS = 20;
/** A pause that a failure's story tells of. */
const PAUSE_MS = 100;
const HEADER_OCTETS = 12;
/** Below the ports that the system gives to whoever asks for any (proc(5), `ip_local_port_range`). */
const PORT_FIRST = 20_000;
const PORT_STEP = 4;
/** Pairs of another program in a row. */
const PORT_TRIES_MAX = 50;

let portNext = PORT_FIRST;

/** The wall clock of this process. */
function wallNowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** A socket pair that listens, and talks when told. */
export class RtpEndpoint {
  readonly address: string;
  readonly port: number;
  /** Every RTP packet, in the order of arrival. */
  readonly packets: RtpArrival[] = [];
  /** Every datagram on the RTCP port. */
  readonly rtcp: Buffer[] = [];
  /** Datagrams that are not RTP version 2. */
  readonly otherDatagrams: Buffer[] = [];
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  /** The longest time between two packets it sent while it talked: this process may wait for a CPU. */
  longestPauseMs = 0;
  #talking = false;
  #closed = false;
  /** When it began and ended to talk, and where to. */
  readonly #said: Moment[] = [];

  private constructor(address: string, port: number, rtp: Socket, rtcp: Socket) {
    this.address = address;
    this.port = port;
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    rtcp.on('message', (datagram) => this.rtcp.push(datagram));
    hearOnFailure(this);
    rtp.on('message', (datagram, { address: from, port: fromPort }) =>
      this.#take(datagram, { address: from, port: fromPort }),
    );
  }

  /** Opens the next free pair at an address; ::1 is that of other test files and runs as well. */
  static async open(address: string): Promise<RtpEndpoint> {
    for (let triesLeft = PORT_TRIES_MAX; ; triesLeft -= 1) {
      const port = portNext;
      portNext += PORT_STEP;
      try {
        return new RtpEndpoint(address, port, await bound(address, port), await bound(address, port + 1));
      } catch (thrown) {
        if (triesLeft === 0) throw thrown;
      }
    }
  }

  /** The first packet that fits, as soon as it has come. */
  async packet(what: string, fits: (packet: RtpArrival) => boolean, withinMs = 10_000): Promise<RtpArrival> {
    const until = Date.now() + withinMs;
    for (;;) {
      const found = this.packets.find(fits);
      if (found !== undefined) return found;
      if (Date.now() > until) throw new Error(`no ${what} at ${this.address}:${this.port} within ${withinMs} ms`);
      await sleep(5);
    }
  }

  /** Sends the same frame every 20 ms until `hush`, on a grid that does not drift. */
  talk(to: Endpoint, frame: Buffer, payloadType: number): void {
    if (this.#talking) throw new Error('this end is talking already');
    this.#talking = true;
    this.#note(`talks to ${to.address}:${to.port}`);
    const datagram = Buffer.alloc(HEADER_OCTETS + FRAME_OCTETS);
    datagram[0] = 0x80;
    datagram.writeUInt32BE(Math.floor(Math.random() * 0x1_0000_0000), 8);
    frame.copy(datagram, HEADER_OCTETS);
    let sequence = Math.floor(Math.random() * 0x1_0000);
    let timestamp = Math.floor(Math.random() * 0x1_0000_0000);
    let dueMs = performance.now();
    let saidAtMs = dueMs;
    let first = true;
    const say = () => {
      if (!this.#talking) return;
      const nowMs = performance.now();
      this.longestPauseMs = Math.max(this.longestPauseMs, nowMs - saidAtMs);
      saidAtMs = nowMs;
      datagram[1] = payloadType | (first ? 0x80 : 0);
      datagram.writeUInt16BE(sequence, 2);
      datagram.writeUInt32BE(timestamp, 4);
      // Copied: a send is only handed to the kernel in a later turn.
      this.#rtp.send(Buffer.from(datagram), to.port, to.address);
      first = false;
      sequence = (sequence + 1) & 0xffff;
      timestamp = (timestamp + FRAME_OCTETS) >>> 0;
      dueMs += FRAME_MS;
      setTimeout(say, Math.max(0, dueMs - performance.now()));
    };
    say();
  }

  /** Says a recording once, 20 ms of G.711 at a time; any number of them at once, each a stream of its own. */
  play(to: Endpoint, octets: Uint8Array, payloadType: number): void {
    this.#note(`plays ${octets.length / 8} ms to ${to.address}:${to.port}`);
    const ssrc = Math.floor(Math.random() * 0x1_0000_0000);
    const beganMs = performance.now();
    const frames = Math.floor(octets.length / FRAME_OCTETS);
    let frame = 0;
    const say = () => {
      if (this.#closed) return;
      const due = Math.min(frames, Math.floor((performance.now() - beganMs) / FRAME_MS) + 1);
      for (; frame < due; frame += 1) {
        const from = frame * FRAME_OCTETS;
        const header = { payloadType, marker: frame === 0, sequence: frame, timestamp: from, ssrc };
        this.say(to, rtpDatagram(header, octets.subarray(from, from + FRAME_OCTETS)));
      }
      if (frame < frames) setTimeout(say, FRAME_MS);
    };
    say();
  }

  /** Presses a key: RFC 4733's three packets of its end, the first of which is the whole press. */
  press(to: Endpoint, event: number, payloadType: number): void {
    const ssrc = Math.floor(Math.random() * 0x1_0000_0000);
    for (const sequence of [0, 1, 2]) {
      const payload = Buffer.from([event, 0x80 | 10, 0x03, 0x20]);
      this.say(to, rtpDatagram({ payloadType, marker: sequence === 0, sequence, timestamp: 160, ssrc }, payload));
    }
  }

  /** Sends one datagram of any kind. */
  say(to: Endpoint, datagram: Buffer): void {
    this.#rtp.send(Buffer.from(datagram), to.port, to.address);
  }

  /** Sends octets as they are from the RTCP port. */
  sendRtcp(to: Endpoint, datagram: Buffer): void {
    this.#rtcp.send(datagram, to.port, to.address);
  }

  hush(): void {
    if (this.#talking) this.#note('is silent');
    this.#talking = false;
  }

  close(): void {
    this.hush();
    this.#closed = true;
    this.#rtp.close();
    this.#rtcp.close();
  }

  /** What it said and heard, a line for every stretch of packets of one kind, for a failure's story. */
  moments(): readonly Moment[] {
    const heard: { readonly kind: string; readonly from: RtpArrival; to: RtpArrival; count: number }[] = [];
    for (const packet of this.packets) {
      const { payloadType, ssrc, from, payload } = packet;
      const kind = `${soundOf(payload)}, payload type ${payloadType}, SSRC ${ssrc}, from ${from.address}:${from.port}`;
      const last = heard.at(-1);
      if (last?.kind === kind && packet.atMs - last.to.atMs < PAUSE_MS) {
        last.to = packet;
        last.count += 1;
      } else heard.push({ kind, from: packet, to: packet, count: 1 });
    }
    return [
      ...this.#said,
      ...heard.map(({ kind, from, to, count }) => ({
        atMs: from.atMs,
        text:
          `RTP ${this.address}:${this.port} hears ${count} packets in ${(to.atMs - from.atMs).toFixed(0)} ms ` +
          `(sequence ${from.sequence} to ${to.sequence}, ${kind})`,
      })),
    ];
  }

  #note(what: string): void {
    this.#said.push({ atMs: wallNowMs(), text: `RTP ${this.address}:${this.port} ${what}` });
  }

  #take(datagram: Buffer, from: Endpoint): void {
    const version = (datagram[0] ?? 0) >> 6;
    if (datagram.length < HEADER_OCTETS || version !== 2) {
      this.otherDatagrams.push(Buffer.from(datagram));
      return;
    }
    const second = datagram.readUInt8(1);
    this.packets.push({
      atMs: wallNowMs(),
      from,
      marker: second >= 0x80,
      payloadType: second & 0x7f,
      sequence: datagram.readUInt16BE(2),
      timestamp: datagram.readUInt32BE(4),
      ssrc: datagram.readUInt32BE(8),
      payload: Buffer.from(datagram.subarray(HEADER_OCTETS)),
    });
  }
}

function rtpDatagram(
  fields: Pick<RtpArrival, 'payloadType' | 'marker' | 'sequence' | 'timestamp' | 'ssrc'>,
  payload: Uint8Array,
): Buffer {
  const header = Buffer.alloc(HEADER_OCTETS);
  header[0] = 0x80;
  header[1] = fields.payloadType | (fields.marker ? 0x80 : 0);
  header.writeUInt16BE(fields.sequence, 2);
  header.writeUInt32BE(fields.timestamp, 4);
  header.writeUInt32BE(fields.ssrc, 8);
  return Buffer.concat([header, payload]);
}

async function bound(address: string, port: number): Promise<Socket> {
  const family = isIPv6(address) ? 6 : 4;
  const socket = createSocket({ type: `udp${family}`, lookup: (name, _options, found) => found(null, name, family) });
  // Asked for first: with a synchronous look-up, bind is done before it returns.
  const listening = once(socket, 'listening');
  socket.bind(port, address);
  await listening;
  return socket;
}
