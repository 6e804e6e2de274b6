/** The media of a call whose peers are far away: loss, doubles, delay and overtaking, from both sides at once. */
import { expect, it } from 'vitest';
import type { MonotonicMs } from '../base/clock.ts';
import { type Random, seededRandom } from '../base/random.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { MediaReport } from '../guard/media-port.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { lossyNetwork } from '../testing/lossy-network.ts';
import { callParts } from '../testing/media-call-parts.ts';
import { continuityProblems, type StreamPacket } from '../testing/rtp-continuity.ts';
import { FILL_AFTER_MS } from './ambience-turns.ts';
import { MediaCall } from './media-call.ts';
import { Pacer } from './pacer.ts';
import {
  markerOf,
  packetTemplate,
  patchHeader,
  patchMarker,
  payloadOffset,
  payloadTypeOf,
  sequenceOf,
  ssrcOf,
  timestampOf,
} from './rtp-packet.ts';

const SEEDS = 300;
/** Every run of a seed is 3 s of a call; the machine may be slow. */
const TIME_LIMIT_MS = 60_000;
const FRAME_MS = 20;
const TICK_MS = 5;
const ANSWER_AT_MS = 100;
const END_AT_MS = 3000;
/** Longer than the ambience takes to fill in, and shorter than a long event. */
const OUTAGE_MS = 260;
/** Longer than the longest event with the longest delay: none stands on both sides of it. */
const HOLD_MS = 500;
const [AUDIO, EVENT] = [9, 101];
const CALLEE = { address: '192.0.2.1', port: 4000 };
const DIALER = { address: '192.0.2.2', port: 5000 };
const CALLEE_LEG = '192.0.2.9:20000';
const DIALER_LEG = '192.0.2.9:20002';

type Sent = StreamPacket & { readonly atMs: number; readonly event: number };

function media(rtp: RemoteMedia['rtp'], direction: RemoteMedia['direction'] = 'sendrecv'): RemoteMedia {
  return { rtp, codecs: [{ name: 'G722', payloadType: AUDIO }], telephoneEventPayloadType: EVENT, direction };
}

/** Who talks, is silent, presses keys, and is another source after some silences: a packet every 20 ms or none. */
class Peer {
  /** Packets sent. */
  sent = 0;
  readonly #random: Random;
  #does: 'talk' | 'pause' | 'event' = 'talk';
  /** Frames of this left; and how many it had. */
  #left = 40;
  #length = 40;
  #ssrc: number;
  #sequence: number;
  #timestamp: number;
  #eventTimestamp = 0;
  /** No two events of one peer have one number: it is what tells them apart. */
  #event = -1;
  #marker = true;

  constructor(random: Random) {
    this.#random = random;
    this.#ssrc = this.#below(2 ** 32);
    this.#sequence = this.#below(2 ** 16);
    this.#timestamp = this.#below(2 ** 32);
  }

  /** The packet of this frame; null: none. */
  next(): Buffer | null {
    if (this.#left === 0) this.#change();
    this.#left -= 1;
    this.#timestamp = (this.#timestamp + 160) >>> 0;
    if (this.#does === 'pause') return null;
    const isEvent = this.#does === 'event';
    const packet = packetTemplate(isEvent ? EVENT : AUDIO, isEvent ? 4 : 160);
    patchHeader(packet, this.#sequence, isEvent ? this.#eventTimestamp : this.#timestamp, this.#ssrc);
    patchMarker(packet, this.#marker);
    // RFC 4733 §2.3: the event, and its end in the last three packets.
    if (isEvent) packet.set([this.#event, this.#left < 3 ? 0x80 : 0], payloadOffset(packet));
    this.#marker = false;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.sent += 1;
    return packet;
  }

  #change(): void {
    const chance = this.#random();
    // Whose every packet was lost or not passed on is not known to be the older source when one turns up late.
    if (this.#does !== 'event' && (this.#does === 'pause' || this.#length >= 10) && chance < 0.3) {
      this.#ssrc = this.#below(2 ** 32);
      this.#sequence = this.#below(2 ** 16);
      this.#timestamp = this.#below(2 ** 32);
    }
    this.#does = this.#does !== 'talk' ? 'talk' : chance < 0.6 ? 'event' : 'pause';
    this.#left = this.#does === 'event' ? 4 + this.#below(17) : 1 + this.#below(30);
    this.#length = this.#left;
    this.#marker = this.#does === 'event' || this.#marker || this.#does === 'pause';
    if (this.#does !== 'event') return;
    this.#event += 1;
    this.#eventTimestamp = (this.#timestamp + 160) >>> 0;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

/** A peer's packets as they reach the call, and what it makes of them. */
class Arrivals {
  /** Different packets that came in order, or were sent on all the same: what may not be missing on the other side. */
  inPlace = 0;
  readonly #sent: readonly Sent[];
  readonly #forward: (octets: Buffer) => void;
  readonly #known = new Set<string>();
  readonly #newest = new Map<number, number>();

  constructor(sent: readonly Sent[], forward: (octets: Buffer) => void) {
    this.#sent = sent;
    this.#forward = forward;
  }

  take(octets: Buffer): void {
    const [ssrc, sequence, sentBefore] = [ssrcOf(octets), sequenceOf(octets), this.#sent.length];
    const newest = this.#newest.get(ssrc) ?? sequence;
    const isOvertaken = ((sequence - newest) << 16) >> 16 < 0;
    if (!isOvertaken) this.#newest.set(ssrc, sequence);
    const isNew = !this.#known.has(`${ssrc} ${sequence}`);
    this.#known.add(`${ssrc} ${sequence}`);
    this.#forward(octets);
    if (isNew && (!isOvertaken || this.#sent.length > sentBefore)) this.inPlace += 1;
  }
}

type Run = {
  readonly toCallee: readonly Sent[];
  readonly toDialer: readonly Sent[];
  /** What the network lost, had not brought at the end, or brought when its place was gone. */
  readonly lostFromCallee: number;
  readonly lostFromDialer: number;
  readonly holdAtMs: number | null;
  readonly failures: readonly string[];
  readonly report: MediaReport;
};

function run(seed: number): Run {
  const random = seededRandom(seed);
  const clock = fakeClock();
  const delayMsMin = random() * 100;
  const network = lossyNetwork(clock, random, {
    lossShare: random() * 0.2,
    duplicateShare: random() * 0.2,
    delayMsMin,
    delayMsMax: delayMsMin + random() * 70,
  });
  const pacer = new Pacer(0 as MonotonicMs, TICK_MS, FRAME_MS);
  const chores = new Pacer(0 as MonotonicMs, 50, 1000);
  const [toCallee, toDialer, failures]: [Sent[], Sent[], string[]] = [[], [], []];
  const below = (limit: number) => Math.floor(random() * limit);
  const start = () => ({ ssrc: below(2 ** 32), sequence: below(2 ** 16), timestamp: below(2 ** 32) });
  const call = new MediaCall(
    callParts({
      pacer,
      calleeStream: start(),
      dialerStream: start(),
      sendToCallee: (packet) => void toCallee.push(sentPacket(packet, clock.monotonicMs())),
      sendToDialer: (packet) => void toDialer.push(sentPacket(packet, clock.monotonicMs())),
      rtcp: { chores, uniform: random },
      now: clock.monotonicMs,
      onFailed: (detail) => failures.push(detail),
    }),
  );
  const fromCallee = new Arrivals(toDialer, (octets) => call.fromCallee(octets, CALLEE.address, CALLEE.port));
  const fromDialer = new Arrivals(toCallee, (octets) => call.fromDialer(octets, DIALER.address, DIALER.port));
  network.attach(CALLEE_LEG, (octets) => fromCallee.take(octets));
  network.attach(DIALER_LEG, (octets) => fromDialer.take(octets));

  const [callee, dialer] = [new Peer(random), new Peer(random)];
  const phaseMs = TICK_MS * below(4);
  const connectAtMs = ANSWER_AT_MS + TICK_MS * below(100);
  const holdAtMs = random() < 0.3 ? connectAtMs + TICK_MS * (100 + below(200)) : null;
  const outageAtMs = connectAtMs + TICK_MS * below(400);
  call.setDialer(media(DIALER));
  call.relayEarlyMedia(media(CALLEE));
  for (let atMs = TICK_MS; atMs <= END_AT_MS; atMs += TICK_MS) {
    clock.advance(TICK_MS);
    if (atMs === ANSWER_AT_MS) call.playAmbience(null, clock.monotonicMs());
    if (atMs === connectAtMs) call.connect(null);
    if (atMs === holdAtMs) call.setCallee(media(CALLEE, 'sendonly'));
    if (holdAtMs !== null && atMs === holdAtMs + HOLD_MS) call.setCallee(media(CALLEE));
    const [said, heard] = atMs % FRAME_MS === phaseMs ? [dialer.next(), callee.next()] : [null, null];
    const isOut = atMs >= outageAtMs && atMs < outageAtMs + OUTAGE_MS;
    if (said !== null && !isOut) network.send('dialer', DIALER_LEG, said);
    if (heard !== null) network.send('callee', CALLEE_LEG, heard);
    pacer.run(clock.monotonicMs());
    chores.run(clock.monotonicMs());
  }
  return {
    ...{ toCallee, toDialer, holdAtMs, failures },
    lostFromCallee: callee.sent - fromCallee.inPlace,
    lostFromDialer: dialer.sent - fromDialer.inPlace,
    report: call.report(),
  };
}

function sentPacket(packet: Buffer, atMs: number): Sent {
  const isEvent = payloadTypeOf(packet) === EVENT;
  return {
    ssrc: ssrcOf(packet),
    sequence: sequenceOf(packet),
    timestamp: timestampOf(packet),
    marker: markerOf(packet),
    isEvent,
    ticks: isEvent ? 0 : 160,
    atMs,
    event: isEvent ? (packet[payloadOffset(packet)] as number) : -1,
  };
}

/** Times without a packet for longer than the ambience may take to fill in, but for those in which nobody listens. */
function holes({ toCallee, holdAtMs }: Run): readonly string[] {
  const times = [ANSWER_AT_MS, ...toCallee.map(({ atMs }) => atMs), END_AT_MS];
  if (holdAtMs !== null) times.push(holdAtMs, holdAtMs + HOLD_MS);
  times.sort((a, b) => a - b);
  return times.flatMap((atMs, index) => {
    const before = times[index - 1] ?? atMs;
    if (before === holdAtMs && atMs === holdAtMs + HOLD_MS) return [];
    return atMs - before > FILL_AFTER_MS + FRAME_MS
      ? [`${atMs - before} ms without a packet from ${before} ms on`]
      : [];
  });
}

/** Events whose packets went out under more than one timestamp: to the other side that is a key pressed twice. */
function splitEvents(packets: readonly Sent[]): readonly string[] {
  const timestamps = new Map<number, number>();
  return packets.flatMap(({ event, timestamp }) => {
    if (event < 0) return [];
    const first = timestamps.get(event) ?? timestamp;
    timestamps.set(event, first);
    return first === timestamp ? [] : [`event ${event} at ${timestamp}, and before at ${first}`];
  });
}

it(
  `goes on without a seam or a hole over ${SEEDS} bad networks (RFC 3550 §5.1, RFC 4733 §2.5)`,
  () => {
    const met = { events: 0, late: 0, lost: 0, held: 0, ambience: 0 };
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const one = run(seed);
      const problems = [
        ...one.failures,
        ...continuityProblems(one.toCallee, one.lostFromDialer).map((problem) => `to the callee: ${problem}`),
        ...continuityProblems(one.toDialer, one.lostFromCallee).map((problem) => `to the dialer: ${problem}`),
        ...splitEvents(one.toCallee).map((problem) => `to the callee: ${problem}`),
        ...splitEvents(one.toDialer).map((problem) => `to the dialer: ${problem}`),
        ...holes(one),
      ];
      expect(problems, `seed ${seed}`).toEqual([]);
      met.events += one.toCallee.filter(({ isEvent }) => isEvent).length;
      met.late += one.report.drops.late;
      met.lost += one.lostFromDialer;
      met.held += one.holdAtMs === null ? 0 : 1;
      met.ambience += one.report.ambience?.packets ?? 0;
    }
    for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(SEEDS / 10);
  },
  TIME_LIMIT_MS,
);
