/**
 * A peer's end of an RTP stream (RFC 3550): an even UDP port and the odd one above it, 20 ms frames on an absolute grid,
 * and everything that arrives handed up with its time of arrival.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { isRtp, RtpPacket } from 'rtp.js/packets';
import { FRAME_MS } from '../audio/codec.ts';
import { addMs, type Clock, elapsedMs, type MonotonicMs, type Timer } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { randomOctets } from '../base/random.ts';
import type { RtpAddress } from '../call/remote-media.ts';
import type { PeerCodec } from './audio-sdp.ts';
import { type AudioSource, silence } from './peer-voice.ts';

/** One RTP packet as it came in. */
export type ArrivedPacket = {
  /** When it was read from its socket. */
  readonly atMs: MonotonicMs;
  /** How long, at most, this thread itself kept it waiting there, in ms: it may have arrived that much earlier. */
  readonly keptMs: number;
  readonly payloadType: number;
  /** 0–65535. */
  readonly sequence: number;
  /** 0–2^32-1, in samples. */
  readonly timestamp: number;
  readonly ssrc: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
};

/** An open endpoint. */
export type RtpEndpoint = {
  /** The address and the even port of RTP. */
  readonly local: RtpAddress;
  /** Begins to send, silence until `play`; called again it changes codec and destination, the stream goes on. */
  sendTo(remote: RtpAddress, codec: PeerCodec): void;
  /** What is said from the next frame on. */
  play(source: AudioSource): void;
  /** RTCP packets that arrived. */
  rtcpCount(): number;
  close(): Promise<void>;
};

/** How often a free even port with a free odd one above it is looked for; the second try nearly always finds one. */
const BIND_TRIES_MAX = 50;

/** Frames sent back to back after a stall of our own, a second's worth: a receiver must not take it for lost packets. */
const CATCH_UP_FRAMES_MAX = 50;

/** Opens an endpoint on a free pair of ports. Throws `AppError` `peer.no-rtp-ports`. */
export async function openRtpEndpoint(
  address: string,
  clock: Clock,
  onPacket: (packet: ArrivedPacket) => void,
): Promise<RtpEndpoint> {
  const { rtp, rtcp } = await bindPair(address);
  const ssrc = randomOctets(4).readUInt32BE();
  let sequence = randomOctets(2).readUInt16BE();
  let timestamp = randomOctets(4).readUInt32BE();
  let destination: { readonly remote: RtpAddress; readonly codec: PeerCodec } | null = null;
  let source = silence;
  let sourceFrame = 0;
  let isFirst = true;
  let dueAtMs = clock.monotonicMs();
  let timer: Timer | null = null;
  let isOpen = true;
  let rtcpPackets = 0;
  let tick = { atMs: dueAtMs, lateMs: 0, isThisTurn: false };

  rtp.on('message', (octets) => {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    if (!isRtp(view)) return;
    const packet = new RtpPacket(view);
    const payload = packet.getPayload();
    const atMs = clock.monotonicMs();
    onPacket({
      atMs,
      keptMs: keptMsAt(atMs),
      payloadType: packet.getPayloadType(),
      sequence: packet.getSequenceNumber(),
      timestamp: packet.getTimestamp(),
      ssrc: packet.getSsrc(),
      marker: packet.getMarker(),
      payload: new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength).slice(),
    });
  });
  rtcp.on('message', () => void rtcpPackets++);

  /** Our own frames tell whether this thread was busy: the last was late, or the next should have been sent by now. */
  const keptMsAt = (atMs: MonotonicMs): number => {
    const sinceTickMs = elapsedMs(tick.atMs, atMs);
    if (tick.isThisTurn) return tick.lateMs + sinceTickMs;
    return timer !== null && atMs > dueAtMs ? sinceTickMs : 0;
  };

  const sendFrame = () => {
    if (destination === null) return;
    const { remote, codec } = destination;
    const payload = codec.codec.encode(source(sourceFrame++));
    const packet = new RtpPacket();
    packet.setPayloadType(codec.payloadType);
    packet.setSequenceNumber(sequence);
    packet.setTimestamp(timestamp);
    packet.setSsrc(ssrc);
    packet.setMarker(isFirst);
    packet.setPayload(new DataView(payload.buffer, payload.byteOffset, payload.byteLength));
    const octets = Buffer.alloc(packet.getByteLength());
    packet.serialize(octets.buffer, octets.byteOffset);
    rtp.send(octets, remote.port, remote.address, () => undefined);
    isFirst = false;
  };

  const run = () => {
    const nowMs = clock.monotonicMs();
    const thisTick = { atMs: nowMs, lateMs: elapsedMs(dueAtMs, nowMs), isThisTurn: true };
    tick = thisTick;
    // Timers run first in a turn of the event loop, then sockets are read, then immediates run.
    setImmediate(() => {
      thisTick.isThisTurn = false;
    });
    for (let sent = 0; dueAtMs <= nowMs; dueAtMs = addMs(dueAtMs, FRAME_MS)) {
      if (sent++ < CATCH_UP_FRAMES_MAX) sendFrame();
      sequence = (sequence + 1) & 0xffff;
      timestamp = (timestamp + (destination?.codec.codec.frameTicks ?? 0)) >>> 0;
    }
    timer = clock.setTimer(dueAtMs, run);
  };

  return {
    local: { address, port: rtp.address().port },
    sendTo(remote, codec) {
      if (!isOpen) return;
      destination = { remote, codec };
      if (timer !== null) return;
      dueAtMs = clock.monotonicMs();
      run();
    },
    play(next) {
      source = next;
      sourceFrame = 0;
    },
    rtcpCount: () => rtcpPackets,
    async close() {
      if (!isOpen) return;
      isOpen = false;
      timer?.cancel();
      await Promise.all([closeSocket(rtp), closeSocket(rtcp)]);
    },
  };
}

async function bindPair(address: string): Promise<{ rtp: Socket; rtcp: Socket }> {
  for (let tries = 0; tries < BIND_TRIES_MAX; tries++) {
    const rtp = await bindSocket(address, 0);
    const port = rtp?.address().port ?? 1;
    const rtcp = port % 2 === 0 ? await bindSocket(address, port + 1) : null;
    if (rtp !== null && rtcp !== null) return { rtp, rtcp };
    if (rtp !== null) await closeSocket(rtp);
  }
  throw new AppError('peer.no-rtp-ports', `no free pair of UDP ports on ${address} after ${BIND_TRIES_MAX} tries`);
}

function bindSocket(address: string, port: number): Promise<Socket | null> {
  const family = isIPv6(address) ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    // Addresses are literal; the usual look-up would put every send off to a later turn of the event loop.
    lookup: (hostname, _options, callback) => callback(null, hostname, family),
  });
  return new Promise((resolve) => {
    socket.once('error', () => resolve(null));
    socket.bind(port, address, () => {
      socket.removeAllListeners('error');
      // ICMP errors of a peer that closed first are of no interest.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
