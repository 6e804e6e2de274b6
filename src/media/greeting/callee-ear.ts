/** What is understood of the callee's audio: when the greeting began and ended, and which keys are pressed. */
import { createG722LowBand } from '../../audio/g722/g722.ts';
import type { MonotonicMs } from '../../base/clock.ts';
import type { RemoteMedia } from '../../call/remote-media.ts';
import { payloadOffset, payloadTypeOf } from '../rtp-packet.ts';
import { GreetingDetector, type GreetingNews } from './greeting-detector.ts';
import { KeyPresses } from './key-presses.ts';
import { squaresOf } from './law-squares.ts';

/** What a payload type is, to who listens. */
const OTHER = 0;
const PCMA = 1;
const PCMU = 2;
const G722 = 3;
const EVENT = 4;

const KINDS: Readonly<Record<string, number>> = { PCMA, PCMU, G722 };

/** Who is told; moments are those of the sound. */
export type EarListener = {
  readonly onSpeech: (at: MonotonicMs) => void;
  readonly onQuiet: (at: MonotonicMs) => void;
  readonly onKey: (digit: string) => void;
};

/** The ear of one call. */
export class CalleeEar {
  readonly #listener: EarListener;
  /** Null: the call's rules ask for no greeting. */
  readonly #detector: GreetingDetector | null;
  readonly #keys = new KeyPresses();
  readonly #kinds = new Uint8Array(128);
  #g722: ((octet: number) => number) | null = null;
  #understood = 0;
  #strange = 0;

  constructor(listensForGreeting: boolean, listener: EarListener) {
    this.#detector = listensForGreeting ? new GreetingDetector() : null;
    this.#listener = listener;
  }

  /** What the callee may send, and under which numbers. */
  describe(media: RemoteMedia): void {
    this.#kinds.fill(OTHER);
    // Its own numbers first: those of our description, under which it should send, take their place.
    for (const numbers of media.sendsAs === undefined ? [media] : [media, media.sendsAs]) {
      for (const { name, payloadType } of numbers.codecs) this.#kinds[payloadType] = KINDS[name] ?? OTHER;
      const events = [numbers.telephoneEventPayloadType, numbers.telephoneEvent48kPayloadType ?? null];
      for (const payloadType of events) if (payloadType !== null) this.#kinds[payloadType] = EVENT;
    }
  }

  /**
   * Takes a packet of `octets` payload that came at `now`.
   *
   * @param hearsKeys a key that is pressed now is told; one that began before is not
   */
  take(packet: Buffer, octets: number, hearsKeys: boolean, now: MonotonicMs): void {
    const kind = this.#kinds[payloadTypeOf(packet)] as number;
    if (kind === EVENT) {
      const digit = this.#keys.take(packet, octets);
      if (digit !== null && hearsKeys) this.#listener.onKey(digit);
      return;
    }
    if (this.#detector === null || this.#detector.done) return;
    if (kind === OTHER) this.#strange += 1;
    else this.#listen(this.#detector, kind, packet, octets, now);
  }

  /** Asked with every packet of ours: the callee's side may have ceased to send. */
  look(now: MonotonicMs): void {
    if (this.#detector !== null) this.#tell(this.#detector, this.#detector.look(now));
  }

  /** Packets that were listened to for the greeting, and those of a codec without a decoder; null: it was not asked for. */
  report(): { readonly understood: number; readonly strange: number } | null {
    return this.#detector === null ? null : { understood: this.#understood, strange: this.#strange };
  }

  #listen(detector: GreetingDetector, kind: number, packet: Buffer, octets: number, now: MonotonicMs): void {
    this.#understood += 1;
    const at = payloadOffset(packet);
    if (kind === G722) {
      this.#g722 ??= createG722LowBand();
      this.#tell(detector, detector.takeDecoded(packet, at, octets, this.#g722, now));
    } else {
      this.#tell(detector, detector.take(packet, at, octets, squaresOf(kind === PCMA ? 'PCMA' : 'PCMU'), now));
    }
  }

  #tell(detector: GreetingDetector, news: GreetingNews): void {
    if (news === 'speaks' && detector.startedAt !== null) this.#listener.onSpeech(detector.startedAt);
    if (news === 'quiet' && detector.endedAt !== null) this.#listener.onQuiet(detector.endedAt);
  }
}
