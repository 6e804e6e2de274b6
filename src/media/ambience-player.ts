/** The ambience of one call, frame by frame around the loop. */
import { type Clip, frameAt } from '../audio/clip.ts';
import { type CodecName, FRAME_MS } from '../audio/codec.ts';
import { SLICE_MS } from './packet-time.ts';

/** A clip cut into the frames of every codec, once for all calls. */
export type AmbienceLoop = {
  readonly clip: Clip;
  readonly frames: ReadonlyMap<CodecName, readonly Uint8Array[]>;
};

/** Cuts a clip into frames; they are views of the clip's octets. */
export function ambienceLoop(clip: Clip): AmbienceLoop {
  const frames = new Map<CodecName, readonly Uint8Array[]>();
  for (const [codec, encoding] of clip.encodings) {
    frames.set(
      codec,
      Array.from({ length: clip.frameCount }, (_, index) => frameAt(encoding, index)),
    );
  }
  return { clip, frames };
}

/** Where one call is in the loop. */
export class AmbiencePlayer {
  readonly #loop: AmbienceLoop;
  readonly #slices: number;
  /** The next slice of SLICE_MS, whatever the codec. */
  #slice: number;

  /** `firstFrame` is 0 to the clip's frame count - 1, at random, so that no two calls sound the same. */
  constructor(loop: AmbienceLoop, firstFrame: number) {
    this.#loop = loop;
    this.#slices = loop.clip.frameCount * SLICES_PER_FRAME;
    this.#slice = firstFrame * SLICES_PER_FRAME;
  }

  /** Whether the clip exists in a codec. */
  plays(codec: CodecName): boolean {
    return this.#loop.frames.has(codec);
  }

  /** Octets of `durationMs` of sound in a codec that `plays` affirms: a whole number of slices, of Opus one frame. */
  octetsIn(codec: CodecName, durationMs: number): number {
    return (this.#frameOctets(codec) * durationMs) / FRAME_MS;
  }

  /** All of the loop's octets in a codec that `plays` affirms. */
  octets(codec: CodecName): Uint8Array {
    return this.#loop.clip.encodings.get(codec)?.octets ?? NO_OCTETS;
  }

  /** Where the next sound begins in `octets`. */
  offset(codec: CodecName): number {
    const slice = codec === 'opus' ? this.#slice - (this.#slice % SLICES_PER_FRAME) : this.#slice;
    return (slice * this.#frameOctets(codec)) / SLICES_PER_FRAME;
  }

  /** Writes the next `durationMs` of sound into `packet` from `at` on. */
  next(codec: CodecName, durationMs: number, packet: Uint8Array, at: number): void {
    const loop = this.octets(codec);
    const octets = this.octetsIn(codec, durationMs);
    const from = this.offset(codec);
    const first = Math.min(octets, loop.length - from);
    packet.set(loop.subarray(from, from + first), at);
    if (first < octets) packet.set(loop.subarray(0, octets - first), at + first);
    this.#slice = (this.#slice + durationMs / SLICE_MS) % this.#slices;
  }

  #frameOctets(codec: CodecName): number {
    return this.#loop.clip.encodings.get(codec)?.frameOctets ?? 0;
  }
}

const SLICES_PER_FRAME = FRAME_MS / SLICE_MS;
const NO_OCTETS = new Uint8Array();
