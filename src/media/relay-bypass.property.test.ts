/**
 * Packets that pass untold leave as if they had been told, octet for octet, and everything that is known of the call is the
 * same: what goes through `MediaCall` alone is the definition, through the add-on's bypass is the same sequence of datagrams.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addMs, type MonotonicMs } from '../base/clock.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import { masterOctets, type SrtpKey, type SrtpKeys } from '../call/srtp.ts';
import { callParts } from '../testing/media-call-parts.ts';
import { MediaCall } from './media-call.ts';
import { type NativeUdp, nativeUdp } from './media-worker-native.ts';
import type { Passed, UdpSocket } from './media-worker-udp.ts';
import { Pacer } from './pacer.ts';
import { rtpOctets, SEQUENCE_STARTS, TIMESTAMP_STARTS } from './rtp-fixture.ts';
import { SrtpSender } from './srtp/srtp-sender.ts';

const TIME_LIMIT_MS = 120_000;
const EVENT = 101;
const native = nativeUdp();
const ways: readonly NativeUdp[] = native.ok ? [native.value] : [];

type Side = 'dialer' | 'callee';
type Fate = 'arrives' | 'lost' | 'twice' | 'after the next' | 'marked' | 'padded' | 'from elsewhere';
type Act =
  | { readonly does: 'talk'; readonly fates: readonly Fate[]; readonly lateUs: number; readonly octets: number }
  | { readonly does: 'press a key'; readonly packets: number }
  | { readonly does: 'pause'; readonly frames: number; readonly counts: boolean }
  | { readonly does: 'restart'; readonly ssrc: number; readonly sequence: number; readonly timestamp: number }
  | { readonly does: 'jump'; readonly timestamp: number }
  | { readonly does: 'change payload type'; readonly payloadType: number }
  | { readonly does: 'hold' | 'resume' | 'move' | 'protect' | 'stand aside' | 'connect' }
  | { readonly does: 'send rubbish'; readonly octets: Uint8Array };
type Turn = { readonly side: Side; readonly act: Act };

const sequence = fc.oneof(fc.constantFrom(...SEQUENCE_STARTS), fc.nat(0xffff));
const timestamp = fc.oneof(fc.constantFrom(...TIMESTAMP_STARTS), fc.nat(0xffff_ffff));
const fate = fc.oneof(
  { weight: 80, arbitrary: fc.constant<Fate>('arrives') },
  fc.constantFrom<Fate>('lost', 'twice', 'after the next', 'marked', 'padded', 'from elsewhere'),
);
const talk = fc.record({
  does: fc.constant('talk' as const),
  fates: fc.array(fate, { minLength: 1, maxLength: 40 }),
  lateUs: fc.nat(7999),
  octets: fc.oneof({ weight: 5, arbitrary: fc.constant(160) }, fc.constantFrom(80, 0, 240)),
});
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: talk },
  fc.record({ does: fc.constant('press a key' as const), packets: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ does: fc.constant('pause' as const), frames: fc.constantFrom(1, 9, 30, 60, 600), counts: fc.boolean() }),
  fc.record({ does: fc.constant('restart' as const), ssrc: fc.nat(0xffff_ffff), sequence, timestamp }),
  fc.record({ does: fc.constant('jump' as const), timestamp }),
  fc.record({ does: fc.constant('change payload type' as const), payloadType: fc.constantFrom(0, 8, 9, 18) }),
  fc.record({ does: fc.constantFrom('hold' as const, 'resume' as const, 'move' as const) }),
  fc.record({ does: fc.constantFrom('stand aside' as const, 'connect' as const, 'protect' as const) }),
  fc.record({ does: fc.constant('send rubbish' as const), octets: fc.uint8Array({ maxLength: 200 }) }),
);
const turn: fc.Arbitrary<Turn> = fc.record({ side: fc.constantFrom<Side>('dialer', 'callee'), act });

/** While the callee's packets pass untold the dialer moves: they follow it. */
const MOVES: Turn[] = (['callee', 'dialer', 'move', 'callee', 'dialer', 'callee'] as const).map((one) =>
  one === 'move' ? { side: 'dialer', act: { does: 'move' } } : { side: one, act: evenly(4) },
);

function evenly(packets: number): Act {
  return { does: 'talk', fates: new Array<Fate>(packets).fill('arrives'), lateUs: 0, octets: 160 };
}

/** A peer: what it says next, and from where. */
type Peer = {
  ssrc: number;
  sequence: number;
  timestamp: number;
  payloadType: number;
  port: number;
  held: boolean;
  /** Null: it sends and is sent plain RTP. */
  sender: SrtpSender | null;
};

const KEYS: SrtpKeys = { send: keyOf(1), receive: keyOf(2) };

function keyOf(fill: number): SrtpKey {
  const suite = 'AES_CM_128_HMAC_SHA1_80';
  return { suite, master: Buffer.alloc(masterOctets(suite), fill).toString('base64') };
}

/** One call of two peers, whose datagrams arrive one by one at moments of our own. */
class Scene {
  /** All that is seen of it from outside. */
  readonly seen: string[] = [];
  passed = 0;
  readonly #udp: NativeUdp;
  readonly #sockets: Readonly<Record<Side, UdpSocket>>;
  readonly #call: MediaCall;
  readonly #pacer = new Pacer(0 as MonotonicMs, 2, 20);
  readonly #chores = new Pacer(0 as MonotonicMs, 50, 1000);
  readonly #to = { dialer: '', callee: '' };
  readonly #peers: Readonly<Record<Side, Peer>>;
  #now = 5000 as MonotonicMs;

  constructor(udp: NativeUdp, sockets: Readonly<Record<Side, UdpSocket>>, bypasses: boolean, at: number, from: number) {
    this.#udp = udp;
    this.#sockets = sockets;
    const peer = { sequence: at, timestamp: from, payloadType: 8, held: false, sender: null };
    this.#peers = { dialer: { ...peer, ssrc: 7, port: 9000 }, callee: { ...peer, ssrc: 8, port: 9002 } };
    const told = (what: string) => void this.seen.push(`${this.#now} ${what}`);
    this.#call = new MediaCall(
      callParts({
        ...{ now: () => this.#now, pacer: this.#pacer },
        sendToCallee: (packet, port, address) => this.#send('callee', packet, port, address),
        sendToDialer: (packet, port, address) => this.#send('dialer', packet, port, address),
        calleeStream: { ssrc: 0xfeedface, sequence: 65_530, timestamp: 2 ** 32 - 800 },
        rtcp: {
          chores: this.#chores,
          sendToCallee: (packet) => told(`RTCP to callee ${packet.toString('hex')}`),
          sendToDialer: (packet) => told(`RTCP to dialer ${packet.toString('hex')}`),
        },
        bypass: {
          toCallee: bypasses ? sockets.dialer.bypassTo(sockets.callee) : null,
          toDialer: bypasses ? sockets.callee.bypassTo(sockets.dialer) : null,
        },
        silence: { calleeMs: 700, dialerMs: 900 },
        onSilent: (leg, forMs) => told(`${leg} silent for ${forMs}`),
        onDialerHeard: () => told('dialer heard'),
      }),
    );
    this.#call.setDialer(this.#media('dialer'));
    this.#call.connect(this.#media('callee'));
  }

  hear(side: Side, datagram: Buffer, address: string, port: number): void {
    if (side === 'dialer') this.#call.fromDialer(datagram, address, port);
    else this.#call.fromCallee(datagram, address, port);
  }

  take({ side, act: one }: Turn): void {
    const peer = this.#peers[side];
    switch (one.does) {
      case 'talk':
        this.#talk(side, one.fates, one.lateUs, one.octets);
        return;
      case 'press a key':
        for (let n = 0; n < one.packets + 3; n += 1) {
          this.#arrive(side, this.#packet(peer, 4, { payloadType: EVENT, marker: n === 0 }), peer.port);
          peer.sequence = (peer.sequence + 1) & 0xffff;
          if (n < one.packets) this.#pass(20);
        }
        return;
      case 'pause':
        for (let n = 0; n < one.frames; n += 1) this.#pass(20);
        if (one.counts) peer.timestamp = (peer.timestamp + one.frames * 160) >>> 0;
        return;
      case 'restart':
        Object.assign(peer, { ssrc: one.ssrc, sequence: one.sequence, timestamp: one.timestamp });
        return;
      case 'jump':
        peer.timestamp = one.timestamp;
        return;
      case 'change payload type':
        peer.payloadType = one.payloadType;
        return;
      case 'hold':
      case 'resume':
        peer.held = one.does === 'hold';
        this.#describe(side);
        return;
      case 'protect':
        peer.sender = peer.sender === null ? new SrtpSender(KEYS.receive) : null;
        this.#describe(side);
        return;
      case 'move':
        // A port that it does not name: the first packet from there is its own after each description.
        this.#describe(side);
        peer.port = peer.port < 9500 ? peer.port + 500 : peer.port - 500;
        return;
      case 'stand aside':
        this.#call.standAside();
        return;
      case 'connect':
        this.#call.connect(null);
        return;
      case 'send rubbish':
        this.#arrive(side, Buffer.from(one.octets), peer.port);
    }
  }

  /** The call is over: its report, too, is seen. */
  end(): void {
    this.#call.stop();
    this.seen.push(JSON.stringify(this.#call.report()));
  }

  #talk(side: Side, fates: readonly Fate[], lateUs: number, octets: number): void {
    const peer = this.#peers[side];
    let held: Buffer | null = null;
    for (const [n, what] of fates.entries()) {
      const packet = this.#packet(peer, octets, { marker: what === 'marked' });
      peer.sequence = (peer.sequence + 1) & 0xffff;
      peer.timestamp = (peer.timestamp + octets) >>> 0;
      this.#pass(octets / 8 + ((n % 3) - 1) * (lateUs / 1000));
      if (what === 'padded' && octets > 0) {
        packet[0] = 0xa0;
        packet[packet.length - 1] = 4;
      }
      const waited: Buffer | null = held;
      held = what === 'after the next' ? packet : null;
      if (what === 'from elsewhere') this.#arrive(side, packet, 9999);
      if (held === null && what !== 'lost') this.#arrive(side, packet, peer.port);
      if (what === 'twice') this.#arrive(side, packet, peer.port);
      if (waited !== null) this.#arrive(side, waited, peer.port);
    }
    if (held !== null) this.#arrive(side, held, peer.port);
  }

  #packet(peer: Peer, octets: number, said: { payloadType?: number; marker: boolean }): Buffer {
    const { ssrc, sequence: number, timestamp: time, payloadType } = peer;
    const payload = Buffer.alloc(octets, number & 0xff);
    const plain = rtpOctets({ ssrc, sequence: number, timestamp: time, payloadType, payload, ...said });
    return Buffer.from(peer.sender?.rtp(plain) ?? plain);
  }

  #arrive(side: Side, datagram: Buffer, port: number): void {
    const octets = this.#udp.arrive(this.#sockets[side], datagram, '127.0.0.1', port, this.#now);
    if (octets === null) return;
    this.passed += 1;
    const other = side === 'dialer' ? 'callee' : 'dialer';
    this.#note(other, octets, this.#to[other]);
  }

  #send(side: Side, packet: Buffer, port: number, address: string): void {
    this.#to[side] = `${address}:${port}`;
    this.#note(side, packet, this.#to[side]);
    this.#sockets[side].send(packet, port, address);
  }

  #note(side: Side, packet: Buffer, to: string): void {
    this.seen.push(`${this.#now} ${side} at ${to} ${packet.toString('hex')}`);
  }

  #describe(side: Side): void {
    if (side === 'dialer') this.#call.setDialer(this.#media('dialer'));
    else this.#call.setCallee(this.#media('callee'));
  }

  #media(side: Side): RemoteMedia {
    return {
      rtp: { address: '127.0.0.1', port: side === 'dialer' ? 9000 : 9002 },
      codecs: [
        { name: 'PCMA', payloadType: 8 },
        // Another number on either side, and a law that only one of them has.
        { name: 'G722', payloadType: side === 'dialer' ? 9 : 99 },
        ...(side === 'dialer' ? [{ name: 'PCMU', payloadType: 0 } as const] : []),
        { name: 'G729', payloadType: 18 },
      ],
      telephoneEventPayloadType: EVENT,
      ...(this.#peers[side].sender === null ? {} : { srtp: KEYS }),
      direction: this.#peers[side].held ? 'inactive' : 'sendrecv',
    };
  }

  #pass(ms: number): void {
    const end = addMs(this.#now, Math.max(0, ms));
    while (this.#now < end) {
      this.#now = Math.min(this.#now + 2, end) as MonotonicMs;
      this.#pacer.run(this.#now);
      this.#chores.run(this.#now);
    }
  }
}

describe('the packets of a bridged dialer', () => {
  it('may pass from the second on that follows evenly, and what passed is counted as if it had been told', () => {
    const opened: string[] = [];
    const passed: Passed = { packets: 0, at: 0 as MonotonicMs, jitter: 0 };
    let sent = '';
    const call = new MediaCall(
      callParts({
        now: () => 1000 as MonotonicMs,
        sendToCallee: (packet) => {
          sent = packet.toString('hex', 0, 12);
        },
        bypass: {
          toDialer: null,
          toCallee: {
            open(stream) {
              opened.push(`${stream.headers.toString('hex')} ${stream.octets} ${stream.ticks} ${stream.clockRateHz}`);
              return true;
            },
            read: () => passed,
          },
        },
      }),
    );
    const rtp = { address: '127.0.0.1', port: 9000 };
    const codecs = [{ name: 'G722', payloadType: 9 } as const];
    const media: RemoteMedia = { rtp, codecs, telephoneEventPayloadType: null, direction: 'sendrecv' };
    call.setDialer(media);
    call.connect(media);
    const hear = (sequence: number, marker = false) => {
      const packet = rtpOctets({ ssrc: 7, sequence, timestamp: 160 * sequence, payloadType: 9, marker });
      const came = packet.toString('hex', 0, 12);
      call.fromDialer(packet, rtp.address, rtp.port);
      return `${came}${sent} 172 160 8000`;
    };
    hear(1);
    expect(opened).toEqual([]);
    const second = hear(2);
    expect(opened).toEqual([second]);
    passed.packets = 50;
    passed.at = 2000 as MonotonicMs;
    expect(call.report()).toMatchObject({ packetsFromDialer: 52, packetsToCallee: 52 });
    passed.packets = 0;
    hear(53, true);
    hear(55);
    expect(opened).toHaveLength(1);
    const next = hear(56);
    expect(opened).toEqual([second, next]);
    expect(call.report()).toMatchObject({ packetsFromDialer: 55, packetsToCallee: 55 });
  });
});

describe.each(ways.map((udp) => [udp] as const))('what passes untold by the add-on', (udp) => {
  let sockets: Record<Side, UdpSocket>;
  let scene: Scene | null = null;

  beforeAll(async () => {
    const open = async (side: Side, port: number) => {
      const hear = (octets: Buffer, address: string, from: number) => scene?.hear(side, octets, address, from);
      const opened = await udp.open('127.0.0.1', port, hear, () => {});
      if (!opened.ok) throw opened.problem;
      return opened.value;
    };
    sockets = { dialer: await open('dialer', 11_940), callee: await open('callee', 11_942) };
  });
  afterAll(() => udp.stop());

  function play(turns: readonly Turn[], bypasses: boolean, at: number, from: number): Scene {
    const played = new Scene(udp, sockets, bypasses, at, from);
    scene = played;
    for (const one of turns) played.take(one);
    played.end();
    return played;
  }

  it(
    'leaves as if it had been told, and leaves every count as it would be',
    () => {
      let packets = 0;
      let passed = 0;
      fc.assert(
        fc.property(sequence, timestamp, fc.array(turn, { minLength: 1, maxLength: 30 }), (at, from, turns) => {
          const told = play(turns, false, at, from);
          const untold = play(turns, true, at, from);
          expect(untold.seen).toEqual(told.seen);
          expect(told.passed).toBe(0);
          packets += told.seen.length;
          passed += untold.passed;
        }),
        { numRuns: 250, examples: [[65_530, 2 ** 32 - 800, MOVES]] },
      );
      // Else it would prove nothing.
      expect(passed).toBeGreaterThan(packets / 10);
    },
    TIME_LIMIT_MS,
  );

  it('is told when it differs from the foretold packet in one bit of its header, in length, in source or by a pause', () => {
    const even = { ssrc: 7, payloadType: 8 };
    const next = rtpOctets({ ...even, sequence: 1, timestamp: 160 });
    const way = sockets.dialer.bypassTo(sockets.callee);
    const told: Buffer[] = [];
    scene = {
      hear(_: Side, datagram: Buffer) {
        told.push(Buffer.from(datagram));
        if (told.length > 1) return;
        sockets.callee.send(datagram, 9002, '127.0.0.1');
        const headers = Buffer.concat([datagram.subarray(0, 12), datagram.subarray(0, 12)]);
        const figures = { octets: 172, ticks: 160, clockRateHz: 8000, jitter: 0, at: 0 as MonotonicMs };
        expect(way?.open({ headers, ...figures })).toBe(true);
      },
    } as unknown as Scene;
    const outcome = (datagram: Buffer, address = '127.0.0.1', port = 9000, atMs = 20) => {
      told.length = 0;
      udp.arrive(sockets.dialer, rtpOctets(even), '127.0.0.1', 9000, 0 as MonotonicMs);
      const passed = udp.arrive(sockets.dialer, datagram, address, port, atMs as MonotonicMs);
      expect(told.length).toBe(passed === null ? 2 : 1);
      if (passed === null) expect(told[1]).toEqual(datagram);
      expect(way?.read(true).packets).toBe(passed === null ? 0 : 1);
      return passed === null ? 'told' : 'passed';
    };
    expect(outcome(next)).toBe('passed');
    for (let bit = 0; bit < 96; bit += 1) {
      const other = Buffer.from(next);
      other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(outcome(other)).toBe('told');
    }
    for (const octets of [0, 1, 11, 12, 171]) expect(outcome(next.subarray(0, octets))).toBe('told');
    expect(outcome(Buffer.concat([next, Buffer.alloc(1)]))).toBe('told');
    expect(outcome(Buffer.concat([next, Buffer.alloc(1900)]))).toBe('told');
    expect(outcome(next, '127.0.0.2')).toBe('told');
    expect(outcome(next, '::1')).toBe('told');
    expect(outcome(next, '127.0.0.1', 9001)).toBe('told');
    expect(outcome(next, '127.0.0.1', 9000, 1001)).toBe('told');
    expect(outcome(next)).toBe('passed');
  });
});
