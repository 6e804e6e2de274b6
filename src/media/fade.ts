/**
 * Soft edges for the ambience, where its codec is a table (G.711): 5 ms of fade-in when it begins after nothing, and 60 ms
 * of it dying away under the dialer's audio when that takes over. Other codecs have state that a fade would need a coder
 * for: they begin and end with a frame.
 *
 * The dialer's audio is never made softer: its first syllable may be the agent's "hello".
 */
import type { Law } from '../audio/codec.ts';

/** How long the ambience rises: long enough to make no click, too short to be heard as a pause. */
export const FADE_IN_MS = 5;

/** How long the ambience dies away under the other voice. */
export const CROSS_FADE_MS = 60;

const SAMPLES_PER_MS = 8;
const FADE_IN_SAMPLES = FADE_IN_MS * SAMPLES_PER_MS;
const CROSS_FADE_SAMPLES = CROSS_FADE_MS * SAMPLES_PER_MS;

/** Raised cosines: no corner at either end. */
const RISING = Float32Array.from({ length: FADE_IN_SAMPLES }, (_, i) => raised(i, FADE_IN_SAMPLES));
const FALLING = Float32Array.from({ length: CROSS_FADE_SAMPLES }, (_, i) => 1 - raised(i, CROSS_FADE_SAMPLES));

function raised(i: number, length: number): number {
  return 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / length);
}

/** Lets the first `FADE_IN_MS` of the payload in `packet` from `offset` on rise from nothing; in place. */
export function fadeIn(packet: Uint8Array, offset: number, law: Law): void {
  const { sampleOf, octetOf } = law.tables;
  const end = Math.min(packet.length, offset + FADE_IN_SAMPLES);
  for (let at = offset; at < end; at++) {
    const sample = (sampleOf[packet[at] as number] as number) * (RISING[at - offset] as number);
    packet[at] = octetOf[sample & 0xffff] as number;
  }
}

/**
 * The ambience's last 60 ms, mixed into the packets that take its place. Places are told by RTP timestamp, so that a lost
 * packet takes its part of the fade with it and a late one finds its own.
 */
export class CrossFade {
  /** Null while there is nothing to mix. */
  #law: Law | null = null;
  /** The ambience's octets, a loop, and where in it the fade begins. */
  #loop: Uint8Array = NO_OCTETS;
  #from = 0;
  /** The timestamp of the first packet mixed. */
  #timestamp = 0;
  #begun = false;

  /** Whether a packet that is sent must come by `mix`. */
  get active(): boolean {
    return this.#law !== null;
  }

  /** The next packet mixed begins the fade, at octet `from` of the ambience `loop`. */
  arm(law: Law, loop: Uint8Array, from: number): void {
    this.#law = law;
    this.#loop = loop;
    this.#from = from;
    this.#begun = false;
  }

  /**
   * Mixes the ambience into `octets` octets of payload in `packet` from `offset` on, in place; they are of `law` (null:
   * of another codec) and `timestamp` is theirs, of 32 bits.
   */
  mix(packet: Uint8Array, offset: number, octets: number, law: Law | null, timestamp: number): void {
    if (this.#law === null) return;
    if (!this.#begun) {
      this.#begun = true;
      this.#timestamp = timestamp;
    }
    const place = (timestamp - this.#timestamp) | 0;
    if (this.#law !== law || place >= CROSS_FADE_SAMPLES) {
      this.#law = null;
      return;
    }
    const { sampleOf, octetOf } = law.tables;
    const loop = this.#loop;
    const end = Math.min(octets, CROSS_FADE_SAMPLES - place);
    for (let i = Math.max(0, -place); i < end; i++) {
      const under = sampleOf[loop[(this.#from + place + i) % loop.length] as number] as number;
      const over = sampleOf[packet[offset + i] as number] as number;
      const sum = over + under * (FALLING[place + i] as number);
      packet[offset + i] = octetOf[(sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum) & 0xffff] as number;
    }
  }
}

const NO_OCTETS = new Uint8Array();
