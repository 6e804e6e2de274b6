/**
 * Ambience as packets to the callee: the frames of one codec in packets of the callee's packet time, the first after
 * nothing fading in. A frame that is due while the callee does not listen is not sent, and time goes over it; a recorded
 * message, which may take the ambience's place once, waits until the callee listens again and leaves nothing out.
 */
import { CODECS, type CodecName, FRAME_MS, isLaw, LAWS } from '../audio/codec.ts';
import { addMs, elapsedMs, type MonotonicMs } from '../base/clock.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { MediaReport, SentStream } from '../guard/media-port.ts';
import { type AmbienceLoop, AmbiencePlayer } from './ambience-player.ts';
import { AnnouncementPlayer } from './announcement-player.ts';
import { CrossFade, fadeIn } from './fade.ts';
import type { MediaLeg } from './media-leg.ts';
import { packetMsFor } from './packet-time.ts';
import { packetTemplate, RTP_HEADER_OCTETS, sequenceOf, ssrcOf, timestampOf } from './rtp-packet.ts';

/** What a source is made of. */
export type AmbienceSourceParts = {
  readonly loop: AmbienceLoop;
  /** Index of the first frame. */
  readonly firstFrame: number;
  /** The message that may be played to the call; null: none. */
  readonly announcement: AmbienceLoop | null;
  readonly callee: MediaLeg;
  readonly now: () => MonotonicMs;
  /** The first packet of all leaves: what is to be called when the kernel has it, or has refused it. */
  readonly onFirst: () => (afterMs: number, error: Error | null) => void;
  /** The message's last packet has left, at whose end nothing of it is left to be heard. */
  readonly onAnnounced: (endAt: MonotonicMs) => void;
};

/** One packet that is filled anew for every frame. */
type AmbiencePacket = { readonly codec: CodecName; readonly durationMs: number; readonly octets: Buffer };

/** The first packet. */
type AmbienceStart = Pick<SentStream, 'ssrc' | 'firstSequence' | 'firstTimestamp'> & {
  readonly at: MonotonicMs;
  readonly afterMs: number;
  readonly codec: CodecName;
};

/** The ambience of one call. */
export class AmbienceSource {
  /** From when the first packet is timed; null: from itself. */
  answeredAt: MonotonicMs | null = null;
  readonly #parts: AmbienceSourceParts;
  readonly #player: AmbiencePlayer;
  #packet: AmbiencePacket | null = null;
  /** The next frame is the first after nothing: it fades in. */
  #rising = false;
  /** Frames that were due while the callee did not listen, since the last one sent. */
  #held = 0;
  #started: AmbienceStart | null = null;
  #packets = 0;
  readonly #fade = new CrossFade();
  /** While it has something left it has the ambience's turn. */
  #message: AnnouncementPlayer | null = null;
  #messagePackets = 0;
  #messageAt: MonotonicMs | null = null;
  #lastSequence = 0;
  #lastTimestamp = 0;

  constructor(parts: AmbienceSourceParts) {
    this.#parts = parts;
    this.#player = new AmbiencePlayer(parts.loop, parts.firstFrame);
  }

  /** Of a packet, ms; null while the callee has no codec that the ambience exists in. */
  get packetMs(): number | null {
    return this.#packet?.durationMs ?? null;
  }

  /** What the callee takes. */
  describe(media: RemoteMedia): void {
    this.#packet = this.#packetFor(media);
  }

  #packetFor(media: RemoteMedia): AmbiencePacket | null {
    const { announcement } = this.#parts;
    const codec = media.codecs.find(({ name }) => this.#player.plays(name) && announcement?.frames.has(name) !== false);
    if (codec === undefined) return null;
    const durationMs = packetMsFor(codec.name, media);
    const octets = packetTemplate(codec.payloadType, this.#player.octetsIn(codec.name, durationMs));
    return { codec: codec.name, durationMs, octets };
  }

  /** The next frame comes after something else, or after nothing. */
  rise(): void {
    this.#rising = true;
  }

  /** The message takes the ambience's place from the next packet on; without effect where there is none, or it has begun. */
  announce(): void {
    const { announcement } = this.#parts;
    if (announcement === null || this.#message !== null) return;
    this.armFade(this.#fade);
    this.#message = new AnnouncementPlayer(announcement);
  }

  /** Sends the packet due at `due`; `skipped` before it are left out. */
  play(due: MonotonicMs, skipped: number): void {
    const packet = this.#packet;
    const { callee } = this.#parts;
    if (packet === null || !callee.listens) {
      this.#held += skipped + 1;
      return;
    }
    const messageMs = this.#fill(packet);
    const { frameTicks, clockRateHz } = CODECS[packet.codec];
    const ticks = (frameTicks * packet.durationMs) / FRAME_MS;
    callee.stream.stampOwn(packet.octets, ticks, due, skipped + this.#held, clockRateHz);
    this.#held = 0;
    if (this.#fade.active) this.#fadeUnder(packet);
    if (messageMs > 0) this.#messagePackets += 1;
    else this.#noteAmbience(packet.octets);
    if (this.#started === null) this.#sendFirst(packet, due);
    else callee.send(packet.octets, due);
    if (messageMs > 0) this.#tellOfMessage(due, messageMs);
  }

  #noteAmbience(octets: Buffer): void {
    this.#packets += 1;
    this.#lastSequence = sequenceOf(octets);
    this.#lastTimestamp = timestampOf(octets);
  }

  /** Fills the packet with what has its turn; how much of the message that is, ms. */
  #fill({ codec, durationMs, octets }: AmbiencePacket): number {
    const message = this.#message;
    const messageMs = message === null ? 0 : message.next(codec, durationMs, octets, RTP_HEADER_OCTETS);
    if (messageMs < durationMs) {
      const at = RTP_HEADER_OCTETS + this.#player.octetsIn(codec, messageMs);
      this.#player.next(codec, durationMs - messageMs, octets, at);
      if (this.#rising && isLaw(codec)) fadeIn(octets, at, LAWS[codec]);
    }
    // What comes after the message comes after nothing.
    this.#rising = messageMs === durationMs;
    return messageMs;
  }

  /** The ambience dies away under the message's beginning. */
  #fadeUnder({ codec, octets }: AmbiencePacket): void {
    const law = isLaw(codec) ? LAWS[codec] : null;
    this.#fade.mix(octets, RTP_HEADER_OCTETS, octets.length - RTP_HEADER_OCTETS, law, timestampOf(octets));
  }

  #tellOfMessage(due: MonotonicMs, messageMs: number): void {
    this.#messageAt ??= this.#parts.now();
    if (this.#message?.leftMs === 0) this.#parts.onAnnounced(addMs(due, messageMs));
  }

  #sendFirst(packet: AmbiencePacket, due: MonotonicMs): void {
    const tell = this.#parts.onFirst();
    let afterMs = 0;
    // Before protection, which leaves the header as it is.
    const headers = {
      ssrc: ssrcOf(packet.octets),
      firstSequence: sequenceOf(packet.octets),
      firstTimestamp: timestampOf(packet.octets),
    };
    this.#parts.callee.send(packet.octets, due, (error) => tell(afterMs, error));
    const now = this.#parts.now();
    afterMs = elapsedMs(this.answeredAt ?? now, now);
    this.#started = { at: now, afterMs, codec: packet.codec, ...headers };
  }

  /** Another's next packet takes the ambience's place: what is due of it dies away under that. */
  armFade(fade: CrossFade): void {
    if (this.#packet === null || this.#packets === 0 || !isLaw(this.#packet.codec)) return;
    const { codec } = this.#packet;
    fade.arm(LAWS[codec], this.#player.octets(codec), this.#player.offset(codec));
  }

  /** What was played; null: nothing was. */
  report(): MediaReport['ambience'] {
    const started = this.#started;
    if (started === null || this.#packets === 0) return null;
    const { clip } = this.#parts.loop;
    const encoding = clip.encodings.get(started.codec);
    return {
      startedAfterMs: started.afterMs,
      startedAt: started.at,
      stream: {
        ssrc: started.ssrc,
        firstSequence: started.firstSequence,
        lastSequence: this.#lastSequence,
        firstTimestamp: started.firstTimestamp,
        lastTimestamp: this.#lastTimestamp,
      },
      packets: this.#packets,
      codec: started.codec,
      clip: clip.name,
      clipSha256: encoding?.sha256 ?? '',
      levelDbm0: encoding?.levelDbm0 ?? clip.levelDbm0,
    };
  }

  /** What was played of the message; null: nothing was. */
  announcementReport(): MediaReport['announcement'] {
    if (this.#message === null || this.#messageAt === null) return null;
    const { playedMs, leftMs } = this.#message;
    return { startedAt: this.#messageAt, playedMs, packets: this.#messagePackets, complete: leftMs === 0 };
  }
}
