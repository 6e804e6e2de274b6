/** The ambience of one call, frame by frame around the loop. */
import { type Clip, frameAt } from '../audio/clip.ts';
import type { CodecName } from '../audio/codec.ts';

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
  #index: number;

  /** `firstFrame` is 0 to the clip's frame count - 1, at random, so that no two calls sound the same. */
  constructor(loop: AmbienceLoop, firstFrame: number) {
    this.#loop = loop;
    this.#index = firstFrame;
  }

  /** Whether the clip exists in a codec. */
  plays(codec: CodecName): boolean {
    return this.#loop.frames.has(codec);
  }

  /** Octets of a frame in a codec that `plays` affirms. */
  frameOctets(codec: CodecName): number {
    return this.#loop.clip.encodings.get(codec)?.frameOctets ?? 0;
  }

  /** All of the loop's octets in a codec that `plays` affirms. */
  octets(codec: CodecName): Uint8Array {
    return this.#loop.clip.encodings.get(codec)?.octets ?? NO_FRAME;
  }

  /** Where the next frame begins in `octets`. */
  offset(codec: CodecName): number {
    return this.#index * this.frameOctets(codec);
  }

  /** The next frame, 20 ms of sound, in a codec that `plays` affirms. */
  next(codec: CodecName): Uint8Array {
    const frames = this.#loop.frames.get(codec) ?? [];
    const frame = frames[this.#index] ?? NO_FRAME;
    this.#index = this.#index + 1 < frames.length ? this.#index + 1 : 0;
    return frame;
  }
}

const NO_FRAME = new Uint8Array();
