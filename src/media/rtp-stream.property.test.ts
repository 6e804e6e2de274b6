/** The stream towards a peer under whatever its sources do, across every wrap (RFC 3550 §5.1, §A.1; RFC 4733). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MonotonicMs } from '../base/clock.ts';
import { continuityProblems, type StreamPacket } from '../testing/rtp-continuity.ts';
import { rtpFields, rtpOctets, SEQUENCE_STARTS, TIMESTAMP_STARTS } from './rtp-fixture.ts';
import { packetTemplate } from './rtp-packet.ts';
import { RtpStream } from './rtp-stream.ts';

const FRAME_MS = 20;
/** Every packet is made and read by rtp.js, which takes its time where many tests run at once. */
const TIME_LIMIT_MS = 120_000;
const EVENT_PAYLOAD_TYPE = 101;

/** What happens to one packet of a source before it reaches us. */
type Fate = 'arrives' | 'lost' | 'twice' | 'after the next' | 'left out';
/** One thing a source, or we, do. */
type Act =
  | { readonly does: 'own'; readonly frames: number }
  | { readonly does: 'talk'; readonly fates: readonly Fate[]; readonly payloadType: number }
  | { readonly does: 'event'; readonly packets: number; readonly endsLost: number }
  | { readonly does: 'restart'; readonly ssrc: number; readonly sequence: number; readonly timestamp: number }
  | { readonly does: 'clock-restart'; readonly timestamp: number }
  | { readonly does: 'pause'; readonly frames: number }
  | { readonly does: 'hold' };

const sequence = fc.oneof(fc.constantFrom(...SEQUENCE_STARTS), fc.nat(0xffff));
const timestamp = fc.oneof(fc.constantFrom(...TIMESTAMP_STARTS), fc.nat(0xffff_ffff));
const fate = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Fate>('arrives') },
  fc.constantFrom<Fate>('lost', 'twice', 'after the next', 'left out'),
);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ does: fc.constant('own' as const), frames: fc.integer({ min: 1, max: 12 }) }),
  fc.record({
    does: fc.constant('talk' as const),
    fates: fc.array(fate, { minLength: 1, maxLength: 30 }),
    payloadType: fc.constantFrom(0, 8),
  }),
  fc.record({
    does: fc.constant('event' as const),
    packets: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(150)),
    endsLost: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ does: fc.constant('restart' as const), ssrc: fc.nat(0xffff_ffff), sequence, timestamp }),
  fc.record({ does: fc.constant('clock-restart' as const), timestamp }),
  fc.record({ does: fc.constant('pause' as const), frames: fc.integer({ min: 1, max: 400 }) }),
  fc.constant<Act>({ does: 'hold' }),
);

/** A dialer whose packets go into a stream, and what comes out of it. */
class Scene {
  readonly sent: StreamPacket[] = [];
  nowMs = 5000;
  lost = 0;
  readonly #stream: RtpStream;
  readonly #own = packetTemplate(8, 160);
  readonly #startedMs = this.nowMs;
  #ssrc = 77;
  #sequence = 0;
  #timestamp = 0;
  #late: (() => void) | null = null;
  #marker = true;

  constructor(start: { sequence: number; timestamp: number }) {
    this.#stream = new RtpStream({ ssrc: 0xfeedface, ...start }, 8000);
  }

  act(one: Act): void {
    switch (one.does) {
      case 'own':
        for (let n = 0; n < one.frames; n += 1) this.#ownFrame();
        return;
      case 'talk':
        for (const each of one.fates) this.#frame(each, one.payloadType);
        return;
      case 'event':
        this.#event(one.packets, one.endsLost);
        return;
      case 'restart':
        this.#flush();
        this.#ssrc = one.ssrc;
        this.#sequence = one.sequence;
        this.#timestamp = one.timestamp;
        // Who takes another's place does so when that has stopped.
        this.nowMs += 200;
        return;
      case 'clock-restart':
        this.#flush();
        this.#timestamp = one.timestamp;
        return;
      case 'pause':
        this.#flush();
        this.nowMs += one.frames * FRAME_MS;
        this.#timestamp = (this.#timestamp + one.frames * 160) >>> 0;
        this.#marker = true;
        return;
      case 'hold':
        this.#flush();
        this.#stream.hold();
    }
  }

  /** How far the stream's clock is from real time, ms. */
  aheadMs(): number {
    const [first] = this.sent;
    const last = this.sent.at(-1);
    if (first === undefined || last === undefined) return 0;
    return (((last.timestamp - first.timestamp) >>> 0) - (this.nowMs - this.#startedMs) * 8) / 8;
  }

  #ownFrame(): void {
    this.#flush();
    this.#stream.stampOwn(this.#own, 160, this.nowMs as MonotonicMs, 0);
    this.sent.push({ ...rtpFields(this.#own), isEvent: false, ticks: 160 });
    this.#step();
  }

  #frame(what: Fate, payloadType: number): void {
    const packet = {
      ssrc: this.#ssrc,
      sequence: this.#sequence,
      timestamp: this.#timestamp,
      payloadType,
      marker: this.#marker,
    };
    this.#marker = false;
    const arrive = () => this.#arrive(packet, false);
    const waiting = this.#late;
    this.#late = null;
    if (what === 'lost') this.lost += 1;
    else if (what === 'left out') {
      // Before a packet that is held back nothing is known of the source, or the number is the held one's.
      if (waiting !== null) this.lost += 1;
      this.#stream.leaveOut(rtpOctets(packet));
    } else if (what === 'after the next')
      this.#late = () => {
        // Behind one that was left out it has no number any more.
        if (!arrive()) this.lost += 1;
      };
    else arrive();
    if (what === 'twice') arrive();
    waiting?.();
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#step();
  }

  /** RFC 4733 §2.5: packets of one timestamp, and the last three times. */
  #event(packets: number, endsLost: number): void {
    this.#flush();
    const event = { ssrc: this.#ssrc, timestamp: this.#timestamp, payloadType: EVENT_PAYLOAD_TYPE };
    for (let n = 0; n < packets + 3; n += 1) {
      const isLost = n >= packets + 3 - endsLost;
      if (isLost) this.lost += 1;
      else this.#arrive({ ...event, sequence: this.#sequence, marker: n === 0 }, true);
      this.#sequence = (this.#sequence + 1) & 0xffff;
      if (n < packets) this.#step();
    }
  }

  #arrive(fields: Parameters<typeof rtpOctets>[0] & {}, isEvent: boolean): boolean {
    const packet = rtpOctets(fields);
    if (!this.#stream.stampRelayed(packet, isEvent ? 0 : 160, this.nowMs as MonotonicMs, isEvent ? 0 : 8000, isEvent))
      return false;
    this.sent.push({ ...rtpFields(packet), isEvent, ticks: isEvent ? 0 : 160 });
    return true;
  }

  /** What was held back comes before anything else is done. */
  #flush(): void {
    this.#late?.();
    this.#late = null;
  }

  #step(): void {
    this.nowMs += FRAME_MS;
    this.#timestamp = (this.#timestamp + 160) >>> 0;
  }
}

describe('a stream', () => {
  it(
    'has no seam, whatever its sources do and wherever the numbers stand',
    () => {
      fc.assert(
        fc.property(sequence, timestamp, fc.array(act, { minLength: 1, maxLength: 25 }), (at, from, acts) => {
          const scene = new Scene({ sequence: at, timestamp: from });
          for (const one of acts) scene.act(one);
          expect(continuityProblems(scene.sent, scene.lost)).toEqual([]);
        }),
        { numRuns: 100 },
      );
    },
    TIME_LIMIT_MS,
  );

  it(
    'is at real time after a splice, whatever was before it',
    () => {
      fc.assert(
        fc.property(sequence, timestamp, fc.array(act, { minLength: 1, maxLength: 25 }), (at, from, acts) => {
          const scene = new Scene({ sequence: at, timestamp: from });
          scene.act({ does: 'own', frames: 1 });
          for (const one of acts) scene.act(one);
          // A second in which nothing came, then ambience fills in.
          scene.act({ does: 'hold' });
          scene.act({ does: 'pause', frames: 50 });
          scene.act({ does: 'own', frames: 1 });
          expect(scene.aheadMs()).toBeGreaterThanOrEqual(-FRAME_MS);
          expect(scene.aheadMs()).toBeLessThanOrEqual(FRAME_MS);
        }),
        { numRuns: 60 },
      );
    },
    TIME_LIMIT_MS,
  );
});
