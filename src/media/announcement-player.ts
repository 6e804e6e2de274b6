/** A recorded message, frame by frame, once from its beginning to its end. */
import type { CodecName } from '../audio/codec.ts';
import { type AmbienceLoop, AmbiencePlayer } from './ambience-player.ts';

/** Where one call is in the message. */
export class AnnouncementPlayer {
  readonly loop: AmbienceLoop;
  readonly #player: AmbiencePlayer;
  #leftMs: number;

  constructor(loop: AmbienceLoop) {
    this.loop = loop;
    this.#player = new AmbiencePlayer(loop, 0);
    this.#leftMs = loop.clip.durationMs;
  }

  /** How much has not been played yet, ms. */
  get leftMs(): number {
    return this.#leftMs;
  }

  /** How much has, ms. */
  get playedMs(): number {
    return this.loop.clip.durationMs - this.#leftMs;
  }

  /** Writes the next `durationMs` of it into `packet` from `at` on, less at its end; how much it was, ms. */
  next(codec: CodecName, durationMs: number, packet: Uint8Array, at: number): number {
    const playedMs = Math.min(durationMs, this.#leftMs);
    this.#player.next(codec, playedMs, packet, at);
    this.#leftMs -= playedMs;
    return playedMs;
  }
}
