import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { RtpPacket } from 'rtp.js/packets';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { CallId } from '../call/call-facts.ts';
import { INBOUND } from '../call/media-network.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { CallMediaAddresses, MediaEvent } from '../guard/media-port.ts';
import { mediaAt } from '../testing/media-addresses.ts';
import { STUB_AMBIENCE, stubClips } from '../testing/stub-clip.ts';
import { createMediaPlane, DEATHS_MAX, type ThreadedMedia } from './media-plane.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const clips = stubClips();
const call = '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10' as CallId;

/** A peer with a socket of its own; every packet it gets is parsed by rtp.js. */
class Peer {
  readonly packets: RtpPacket[] = [];
  readonly #socket: Socket;
  #sequence = 100;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (octets) => {
      this.packets.push(new RtpPacket(new DataView(octets.buffer, octets.byteOffset, octets.byteLength)));
    });
  }

  static async on(address: string): Promise<Peer> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    return new Peer(socket);
  }

  get media(): RemoteMedia {
    const { address, port } = this.#socket.address();
    // No fades in G.722: what is heard is told by its octets.
    const codecs = [{ name: 'G722', payloadType: 9 } as const];
    return { rtp: { address, port }, codecs, telephoneEventPayloadType: 101, direction: 'sendrecv' };
  }

  send(to: { address: string; port: number }): void {
    const packet = new RtpPacket();
    packet.setPayloadType(9);
    packet.setSsrc(7);
    packet.setSequenceNumber(this.#sequence);
    packet.setTimestamp(160 * this.#sequence);
    packet.setPayload(new DataView(new Uint8Array(160).fill(VOICE).buffer));
    this.#sequence += 1;
    const octets = Buffer.alloc(packet.getByteLength());
    packet.serialize(octets.buffer, octets.byteOffset);
    this.#socket.send(octets, to.port, to.address);
  }

  /** Waits until `count` packets that `wanted` affirms are there. */
  async received(count: number, wanted: (packet: RtpPacket) => boolean = () => true): Promise<RtpPacket[]> {
    while (this.packets.filter(wanted).length < count) await once(this.#socket, 'message');
    return this.packets.filter(wanted);
  }

  close(): void {
    this.#socket.close();
  }
}

/** No frame of the stub clip is filled with this. */
const VOICE = 0xee;
const voice = (packet: RtpPacket) => packet.getPayload().getUint8(0) === VOICE;

afterAll(() => rmSync(clips[0].folder, { recursive: true }));

const ways = [
  { inside: '127.0.0.1', outside: '127.0.0.1' },
  { inside: '::1', outside: '::1' },
  { inside: '::1', outside: '127.0.0.1' },
].flatMap((at) => [
  { ...at, native: true, sockets: 'the add-on, where it was built' },
  { ...at, native: false, sockets: "Node's own sockets" },
]);

describe.each(ways)('the media plane on $inside and $outside through $sockets', ({ inside, outside, native }) => {
  let plane: ThreadedMedia;
  let dialer: Peer;
  let callee: Peer;
  let events: MediaEvent[];
  let addresses: CallMediaAddresses;

  beforeEach(async () => {
    events = [];
    plane = createMediaPlane(
      {
        silence: { calleeMs: null, dialerMs: null },
        voiceActivity: null,
        addresses: mediaAt(inside, outside),
        portMin: 12000,
        portMax: 12999,
        clips,
        workers: 1,
        native,
      },
      silent,
    );
    [dialer, callee] = await Promise.all([Peer.on(inside), Peer.on(outside)]);
    await plane.start((event) => events.push(event));
    addresses = await plane.open(call, STUB_AMBIENCE);
  });

  afterEach(async () => {
    await plane.stop();
    dialer.close();
    callee.close();
  });

  it('has each leg at the address of its network, whichever way the call comes', async () => {
    const back = await plane.open('back' as CallId, STUB_AMBIENCE, INBOUND);
    expect([addresses.dialer.address, addresses.carrier.address]).toEqual([inside, outside]);
    expect([back.dialer.address, back.carrier.address]).toEqual([outside, inside]);
  });

  it('plays ambience from the answer on, then lets the dialer through on the same stream, and reports both', async () => {
    plane.setDialer(call, dialer.media);
    plane.playAmbience(call, callee.media, systemClock.monotonicMs());
    await callee.received(3);
    plane.connect(call, null);
    // A datagram may overtake a message: the thread has taken the one when it has answered the next.
    await plane.threads();
    dialer.send(addresses.dialer);
    await callee.received(1, voice);
    callee.send(addresses.carrier);
    await dialer.received(1);
    const report = await plane.close(call);

    const heard = callee.packets;
    expect(new Set(heard.map((packet) => packet.getSsrc())).size).toBe(1);
    const steps = heard
      .slice(1)
      .map((packet, i) => (packet.getSequenceNumber() - (heard[i]?.getSequenceNumber() ?? 0)) & 0xffff);
    expect(new Set(steps)).toEqual(new Set([1]));
    // A machine that stands still meanwhile makes further splices: the fill, and frames left out.
    expect(heard.filter((packet, i) => i === 0 || voice(packet)).map((packet) => packet.getMarker())).toEqual([
      true,
      true,
    ]);
    expect(events).toEqual([
      { type: 'ambience-started', callId: call, afterMs: expect.any(Number) },
      { type: 'dialer-heard', callId: call },
    ]);
    expect(report).toMatchObject({
      ambience: { codec: 'G722', clip: 'stub', packets: heard.length - 1 },
      packetsToCallee: heard.length,
      packetsFromDialer: 1,
      packetsFromCallee: 1,
      packetsToDialer: 1,
      packetsRejected: 0,
    });
  });
});

describe('a media plane that cannot work', () => {
  const options = {
    silence: { calleeMs: null, dialerMs: null },
    voiceActivity: null,
    addresses: mediaAt('127.0.0.1'),
    portMin: 12000,
    portMax: 12001,
    workers: 1,
    native: true,
  };
  const callee: RemoteMedia = {
    rtp: { address: '127.0.0.1', port: 9 },
    codecs: [{ name: 'PCMA', payloadType: 8 }],
    telephoneEventPayloadType: null,
    direction: 'sendrecv',
  };

  it('says that there is no clip', async () => {
    const plane = createMediaPlane({ ...options, clips: [{ ...clips[0], folder: '/nowhere' }] }, silent);
    await expect(plane.start(() => {})).rejects.toMatchObject({ code: 'media.no-clip' });
    await plane.stop();
  });

  it('says that an address is not of this machine, before the first call', async () => {
    const plane = createMediaPlane({ ...options, addresses: mediaAt('192.0.2.1'), clips }, silent);
    await expect(plane.start(() => {})).rejects.toMatchObject({ code: 'media.worker-failed' });
    await plane.stop();
  });

  it('refuses a call it has no ports for, and gives nothing for a call it does not know', async () => {
    const plane = createMediaPlane({ ...options, clips }, silent);
    await plane.start(() => {});
    await expect(plane.open(call, STUB_AMBIENCE)).rejects.toMatchObject({ code: 'media.ports-exhausted' });
    const unknown = { id: 'nothing', startMs: 0 };
    await expect(plane.open(call, unknown)).rejects.toMatchObject({ code: 'media.no-clip' });
    await expect(plane.close(call)).resolves.toBeNull();
    await plane.stop();
  });

  it('passes over ports that other programs hold', async () => {
    const holders = await Promise.all([1, 2, 3].map(() => Peer.on('127.0.0.1')));
    const held = holders.map((holder) => holder.media.rtp.port);
    const portMin = Math.min(...held) & ~1;
    const portMax = Math.min(Math.max(...held) + 9, 65535);
    const plane = createMediaPlane({ ...options, portMin, portMax, clips }, silent);
    await plane.start(() => {});
    const { dialer, carrier } = await plane.open(call, STUB_AMBIENCE);
    expect(held).not.toContain(dialer.port);
    expect(new Set([dialer.port % 2, carrier.port % 2])).toEqual(new Set([0]));
    await plane.stop();
    for (const holder of holders) holder.close();
  });

  it('ends only the call in which a bug is met', async () => {
    const events: MediaEvent[] = [];
    const plane = createMediaPlane({ ...options, portMax: 12999, clips }, silent);
    const told = Promise.withResolvers<void>();
    await plane.start((event) => {
      events.push(event);
      if (events.length === 2) told.resolve();
    });
    const healthy = 'healthy' as CallId;
    await Promise.all([plane.open(call, STUB_AMBIENCE), plane.open(healthy, STUB_AMBIENCE)]);
    const notAsTheContractSays = { ...callee, codecs: undefined } as unknown as RemoteMedia;
    plane.playAmbience(call, notAsTheContractSays, systemClock.monotonicMs());
    plane.playAmbience(healthy, callee, systemClock.monotonicMs());
    await told.promise;
    expect(events).toMatchObject([
      { type: 'failed', callId: call },
      { type: 'ambience-started', callId: healthy },
    ]);
    await plane.stop();
  });

  it('tells every live call when its thread dies, waits for nothing, and starts another', async () => {
    const events: MediaEvent[] = [];
    const plane = createMediaPlane({ ...options, portMax: 12999, clips }, silent);
    const worker = once(process, 'worker');
    await plane.start((event) => events.push(event));
    const before = await plane.open(call, STUB_AMBIENCE);
    const [thread]: [Worker] = (await worker) as [Worker];
    const ended = thread.terminate();
    const opening = plane.open('opening' as CallId, STUB_AMBIENCE);
    await expect(opening).rejects.toMatchObject({ code: 'media.worker-failed' });
    await ended;
    expect(events).toMatchObject([{ type: 'failed', callId: call }]);
    await expect(plane.close(call)).resolves.toBeNull();
    const after = await plane.open('next' as CallId, STUB_AMBIENCE);
    expect(plane.restarts()).toBe(1);
    const ports = [before.dialer.port, before.carrier.port];
    expect(ports).not.toContain(after.dialer.port);
    expect(ports).not.toContain(after.carrier.port);
    await plane.stop();
  });

  it('gives up when its threads die again and again', async () => {
    const died = Promise.withResolvers<MediaEvent>();
    const plane = createMediaPlane({ ...options, portMax: 12999, clips }, silent);
    let killed = 0;
    const kill = (worker: Worker) => {
      killed += 1;
      worker.terminate();
    };
    const first = once(process, 'worker');
    await plane.start((event) => died.resolve(event));
    process.on('worker', kill);
    await ((await first) as [Worker])[0].terminate();
    expect(await died.promise).toMatchObject({ type: 'thread-died' });
    process.off('worker', kill);
    expect(killed).toBe(DEATHS_MAX - 1);
    await expect(plane.open(call, STUB_AMBIENCE)).rejects.toMatchObject({ code: 'media.worker-failed' });
    await plane.stop();
  });
});

describe('a media plane of several threads', () => {
  const options = {
    silence: { calleeMs: null, dialerMs: null },
    voiceActivity: null,
    addresses: mediaAt('127.0.0.1'),
    portMin: 12000,
    portMax: 12999,
  };

  it('spreads calls over them, each with its part of the ports', async () => {
    const plane = createMediaPlane({ ...options, clips, workers: 2, native: true }, silent);
    await plane.start(() => {});
    const calls = ['a', 'b', 'c', 'd'] as CallId[];
    const opened: CallMediaAddresses[] = [];
    for (const callId of calls) opened.push(await plane.open(callId, STUB_AMBIENCE));
    const isLow = opened.map(({ dialer, carrier }) => [dialer.port < 12500, carrier.port < 12500]);
    expect(isLow.filter(([low]) => low)).toEqual([
      [true, true],
      [true, true],
    ]);
    expect(isLow.filter(([low]) => !low)).toEqual([
      [false, false],
      [false, false],
    ]);
    const threads = await plane.threads();
    expect(threads).toMatchObject([
      { name: 'media-1', callsLive: 2, load: { heapOctets: expect.any(Number) } },
      { name: 'media-2', callsLive: 2, load: { heapOctets: expect.any(Number) } },
    ]);
    await plane.close(calls[0] as CallId);
    const gone = opened[0]?.dialer.port ?? 0;
    const next = await plane.open('next' as CallId, STUB_AMBIENCE);
    expect(next.dialer.port < 12500).toBe(gone < 12500);
    await plane.stop();
  });
});
