/**
 * The media of one call: who is heard by whom, and when ambience plays.
 *
 *     idle ── relay-early-media ──▶ early ── play-ambience ──▶ ambience ── connect ──▶ connected
 *
 * From `early` on the callee is heard by the dialer. The dialer is heard by the callee only when connected; the ambience
 * goes on until the dialer's first packet is there, and comes back whenever the dialer has sent nothing for
 * FILL_AFTER_MS, so that the callee never hears a hole. A call that is not guarded is `connected` by `relay` alone. One
 * whose peers were coupled by another relay stands `aside` until it is connected again.
 */
import { CODECS, type CodecName, FRAME_MS, isLaw, LAWS } from '../audio/codec.ts';
import { addMs, elapsedMs, type MonotonicMs } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { MediaReport } from '../guard/ports.ts';
import { type AmbienceLoop, AmbiencePlayer } from './ambience-player.ts';
import { mediaReport } from './call-report.ts';
import { CallUpkeep } from './call-upkeep.ts';
import { CrossFade, fadeIn } from './fade.ts';
import { MediaLeg, type SendRtp } from './media-leg.ts';
import { type Pacer, type PacerSlot, pacerSlot } from './pacer.ts';
import { packetMsFor } from './packet-time.ts';
import { Relay } from './relay.ts';
import { isRtcp } from './rtcp/rtcp-read.ts';
import { RtcpSession } from './rtcp/rtcp-session.ts';
import { packetTemplate, payloadOffset, payloadTypeOf, RTP_HEADER_OCTETS, rtpPayloadOctets } from './rtp-packet.ts';
import { RtpStream, type RtpStreamStart } from './rtp-stream.ts';
import { SEND_ERRORS_MAX, SendFailures } from './send-failures.ts';
import { VoiceActivity, type VoiceActivityRule } from './voice-activity.ts';

/** Silence of the dialer after which ambience fills in: ten packets, longer than any ptime or jitter in use. */
export const FILL_AFTER_MS = 200;

/** Between the look that finds the dialer silent and the one that fills in: the thread reads its sockets meanwhile. */
const LOOK_AGAIN_MS = 5;

/** What a call's media is made of. */
export type MediaCallParts = {
  readonly pacer: Pacer;
  readonly loop: AmbienceLoop;
  /** Index of the ambience's first frame. */
  readonly firstFrame: number;
  readonly calleeStream: RtpStreamStart;
  readonly dialerStream: RtpStreamStart;
  readonly sendToCallee: SendRtp;
  readonly sendToDialer: SendRtp;
  readonly rtcp: MediaCallRtcp;
  readonly now: () => MonotonicMs;
  /** The first packet is with the kernel, `afterMs` after the answer. */
  readonly onAmbienceStarted: (afterMs: number) => void;
  /** The first packet of the dialer's went to the callee since `connect`. */
  readonly onDialerHeard: () => void;
  /** After which a peer that should be heard is silent, ms; null: not watched. */
  readonly silence: { readonly calleeMs: number | null; readonly dialerMs: number | null };
  /** Speech on the dialer's side is told while ambience plays; null: it is not listened for. */
  readonly voiceActivity: VoiceActivityRule | null;
  readonly onVoice: () => void;
  readonly onSilent: (leg: 'dialer' | 'carrier', forMs: number) => void;
  /** The call cannot be heard; told at most once. */
  readonly onFailed: (detail: string) => void;
};

/** What a call needs for its two RTCP sessions. */
export type MediaCallRtcp = {
  /** For what is due in seconds, not in frames. */
  readonly chores: Pacer;
  readonly calleeCname: string;
  readonly dialerCname: string;
  readonly sendToCallee: SendRtp;
  readonly sendToDialer: SendRtp;
  /** In [0, 1). */
  readonly uniform: () => number;
  /** From monotonic to wall-clock time. */
  readonly wallOffsetMs: number;
};

/** Ambience as one packet that is filled anew for every frame. */
type AmbiencePacket = { readonly codec: CodecName; readonly durationMs: number; readonly octets: Buffer };

/** One call. */
export class MediaCall {
  readonly #parts: MediaCallParts;
  readonly #callee: MediaLeg;
  readonly #dialer: MediaLeg;
  readonly #toDialer: Relay;
  readonly #toCallee: Relay;
  readonly #player: AmbiencePlayer;
  readonly #fade = new CrossFade();
  readonly #slot: PacerSlot;
  #phase: 'idle' | 'early' | 'ambience' | 'connected' | 'aside' = 'idle';
  #packet: AmbiencePacket | null = null;
  /** Ambience is playing, or else the slot on the pacer watches for the dialer's silence. */
  #playing = false;
  /** The next frame is the first after nothing: it fades in. */
  #rising = false;
  /** Frames that were due while the callee did not listen, since the last one sent. */
  #held = 0;
  #dialerHeardAt = 0 as MonotonicMs;
  /** The last look found nothing of the dialer for as long as is filled in. */
  #seemsSilent = false;
  /** It was told that the dialer is heard. */
  #toldHeard = false;
  #answeredAt: MonotonicMs | null = null;
  #started: { readonly afterMs: number; readonly codec: CodecName } | null = null;
  #ambiencePackets = 0;
  #rejectedForeign = 0;
  #rejectedMalformed = 0;
  readonly #sendFailures = new SendFailures();
  readonly #upkeep: CallUpkeep;
  readonly #voice: VoiceActivity | null;
  #failed = false;

  constructor(parts: MediaCallParts) {
    this.#parts = parts;
    const { calleeCname, dialerCname, sendToCallee, sendToDialer } = parts.rtcp;
    this.#callee = this.#leg(parts.calleeStream, parts.sendToCallee, calleeCname, sendToCallee);
    this.#dialer = this.#leg(parts.dialerStream, parts.sendToDialer, dialerCname, sendToDialer);
    this.#toDialer = new Relay(this.#callee, this.#dialer);
    this.#toCallee = new Relay(this.#dialer, this.#callee, this.#fade);
    this.#player = new AmbiencePlayer(parts.loop, parts.firstFrame);
    this.#slot = pacerSlot(this);
    this.#voice = parts.voiceActivity === null ? null : new VoiceActivity(parts.voiceActivity);
    this.#upkeep = new CallUpkeep({
      callee: this.#callee,
      dialer: this.#dialer,
      chores: parts.rtcp.chores,
      silence: parts.silence,
      now: parts.now,
      onSilent: parts.onSilent,
      onBug: (detail) => this.abandon(detail),
    });
  }

  #leg(start: RtpStreamStart, send: SendRtp, cname: string, sendRtcp: SendRtp): MediaLeg {
    const { uniform, wallOffsetMs } = this.#parts.rtcp;
    // Most codecs have this clock; the stream follows what is sent (RFC 7160).
    const stream = new RtpStream(start, CODECS.PCMA.clockRateHz);
    return new MediaLeg(stream, send, {
      session: new RtcpSession(stream, cname, wallOffsetMs),
      send: sendRtcp,
      uniform,
      onStarted: () => this.#upkeep.arm(),
    });
  }

  /** Where the dialer listens. */
  setDialer(media: RemoteMedia): void {
    this.#dialer.describe(media);
    this.#reroute();
  }

  /** Where the callee listens, without a change of who is heard. */
  setCallee(media: RemoteMedia): void {
    this.#describeCallee(media, false);
  }

  /** `isOther`: before and at the answer every description may be another fork's. */
  #describeCallee(media: RemoteMedia, isOther: boolean): void {
    this.#callee.describe(media, isOther);
    this.#reroute();
    const before = this.#packet;
    this.#packet = this.#packetFor(media);
    if (this.#playing && this.#packet !== null && this.#packet.durationMs !== before?.durationMs) {
      const now = this.#parts.now();
      this.#parts.pacer.play(this.#slot, addMs(now, this.#packet.durationMs), now, this.#packet.durationMs);
    }
  }

  #packetFor(media: RemoteMedia): AmbiencePacket | null {
    const codec = media.codecs.find(({ name }) => this.#player.plays(name));
    if (codec === undefined) return null;
    const durationMs = packetMsFor(codec.name, media);
    const octets = packetTemplate(codec.payloadType, this.#player.octetsIn(codec.name, durationMs));
    return { codec: codec.name, durationMs, octets };
  }

  /** The callee is heard by the dialer; nothing goes to the callee. */
  relayEarlyMedia(callee: RemoteMedia): void {
    this.#describeCallee(callee, true);
    if (this.#phase === 'idle') this.#phase = 'early';
  }

  /** The first packet leaves now. `callee` null: as the early media said. */
  playAmbience(callee: RemoteMedia | null, answeredAt: MonotonicMs): void {
    if (callee !== null) this.#describeCallee(callee, true);
    if (this.#packet === null) {
      this.#fail('ambience was asked for and the callee has no codec it exists in');
    } else if (this.#phase === 'idle' || this.#phase === 'early') {
      this.#phase = 'ambience';
      this.#answeredAt = answeredAt;
      this.#expectPeers();
      this.#startPlaying(this.#parts.now());
    }
  }

  /** Both ways. */
  connect(callee: RemoteMedia | null): void {
    if (callee !== null) this.#describeCallee(callee, true);
    if (this.#callee.media === null) this.#fail('a connection was asked for and the callee has no media');
    if (this.#callee.media === null || this.#phase === 'connected') return;
    if (this.#phase === 'aside') this.#upkeep.resume();
    this.#phase = 'connected';
    this.#toldHeard = false;
    this.#expectPeers();
    if (this.#playing) return;
    const now = this.#parts.now();
    this.#answeredAt ??= now;
    this.#watchDialer(now);
  }

  /** Both ways, without ambience: a call that is not guarded has nothing of ours on its line. */
  relay(callee: RemoteMedia): void {
    this.setCallee(callee);
    if (this.#phase === 'aside') this.#upkeep.resume();
    this.#phase = 'connected';
    this.#expectPeers();
  }

  /**
   * The peers' audio passes elsewhere: nothing of ours is sent and nothing is watched until `connect` or `relay`. What was
   * on its way to us is still passed on.
   */
  standAside(): void {
    if (this.#phase !== 'connected') return;
    this.#parts.pacer.remove(this.#slot);
    this.#playing = false;
    this.#phase = 'aside';
    this.#expectPeers();
    this.#upkeep.end();
  }

  /** A datagram on the callee's RTP port. */
  fromCallee(datagram: Buffer, address: string, port: number): void {
    const now = this.#parts.now();
    if (this.#callee.isFax) {
      this.#passFax(this.#callee, this.#dialer, datagram, address, port, now);
      return;
    }
    if (this.#callee.media?.rtcpMux === true && isRtcp(datagram)) {
      this.rtcpFromCallee(datagram, address, port);
      return;
    }
    const packet = this.#callee.opened(datagram, address, port);
    if (packet === null) return;
    const payloadOctets = this.#accepted(this.#callee, packet, address, port, now);
    if (payloadOctets < 0 || this.#phase === 'idle') return;
    this.#toDialer.forward(packet, payloadOctets, now);
  }

  /** A datagram on the dialer's RTP port. */
  fromDialer(datagram: Buffer, address: string, port: number): void {
    const now = this.#parts.now();
    if (this.#dialer.isFax) {
      this.#passFax(this.#dialer, this.#callee, datagram, address, port, now);
      return;
    }
    if (this.#dialer.media?.rtcpMux === true && isRtcp(datagram)) {
      this.rtcpFromDialer(datagram, address, port);
      return;
    }
    const packet = this.#dialer.opened(datagram, address, port);
    if (packet === null) return;
    const payloadOctets = this.#accepted(this.#dialer, packet, address, port, now);
    if (payloadOctets >= 0 && this.#phase === 'ambience') this.#listenTo(packet, payloadOctets);
    if (payloadOctets < 0 || (this.#phase !== 'connected' && this.#phase !== 'aside')) return;
    if (this.#playing) this.#armFade();
    if (!this.#toCallee.forward(packet, payloadOctets, now)) return;
    if (!this.#toldHeard) {
      this.#toldHeard = true;
      this.#parts.onDialerHeard();
    }
    if (this.#playing) this.#watchDialer(now);
    else this.#dialerHeardAt = now;
  }

  #listenTo(packet: Buffer, payloadOctets: number): void {
    if (this.#voice === null) return;
    const law = this.#dialer.lawOf(payloadTypeOf(packet));
    if (law !== null && this.#voice.take(packet, payloadOffset(packet), payloadOctets, law)) this.#parts.onVoice();
  }

  /** A datagram on the callee's RTCP port. */
  rtcpFromCallee(datagram: Buffer, address: string, port: number): void {
    this.#takeRtcp(this.#callee, datagram, address, port);
  }

  /** A datagram on the dialer's RTCP port. */
  rtcpFromDialer(datagram: Buffer, address: string, port: number): void {
    this.#takeRtcp(this.#dialer, datagram, address, port);
  }

  /** The pacer's call: a frame of ambience, or a look whether the dialer has fallen silent. */
  frameDue(due: MonotonicMs, skipped: number): void {
    try {
      if (this.#playing) this.#playFrame(due, skipped);
      else this.#fillIfSilent();
    } catch (error) {
      // The pacer serves every call: a bug met in this one must not reach the others.
      this.abandon(describeError(error));
    }
  }

  /** The kernel refused a packet. */
  sendFailed(detail: string): void {
    if (this.#sendFailures.add(this.#parts.now()))
      this.#fail(`${SEND_ERRORS_MAX} packets could not be sent: ${detail}`);
  }

  /** Stops and says why; told at most once. */
  abandon(detail: string): void {
    this.stop();
    this.#fail(detail);
  }

  /** Nothing is sent any more; safe to repeat. */
  stop(): void {
    this.#parts.pacer.remove(this.#slot);
    this.#playing = false;
    this.#phase = 'idle';
    this.#upkeep.end();
  }

  /** What was done so far. */
  report(): MediaReport {
    const { clip } = this.#parts.loop;
    const started = this.#started;
    const encoding = started === null ? undefined : clip.encodings.get(started.codec);
    const ambience =
      started === null
        ? null
        : {
            startedAfterMs: started.afterMs,
            packets: this.#ambiencePackets,
            codec: started.codec,
            clip: clip.name,
            clipSha256: encoding?.sha256 ?? '',
            levelDbm0: encoding?.levelDbm0 ?? clip.levelDbm0,
          };
    return mediaReport({
      callee: this.#callee,
      dialer: this.#dialer,
      toCallee: this.#toCallee,
      toDialer: this.#toDialer,
      ambience,
      foreign: this.#rejectedForeign,
      malformed: this.#rejectedMalformed,
      sendErrors: this.#sendFailures.total,
    });
  }

  /** Octets of payload, or -1 when the datagram is not an RTP packet of this peer. */
  #accepted(leg: MediaLeg, packet: Buffer, address: string, port: number, now: MonotonicMs): number {
    const payloadOctets = rtpPayloadOctets(packet);
    if (payloadOctets < 0) {
      this.#rejectedMalformed += 1;
    } else if (!leg.accept(packet, address, port, now)) {
      this.#rejectedForeign += 1;
      return -1;
    }
    return payloadOctets;
  }

  /** T.38: what the peer sends goes to the other one, which must have agreed to fax as well. */
  #passFax(from: MediaLeg, to: MediaLeg, datagram: Buffer, address: string, port: number, now: MonotonicMs): void {
    if (!from.acceptFax(address, port, now)) this.#rejectedForeign += 1;
    else if (this.#phase === 'connected' && to.isFax) to.sendFax(datagram);
  }

  #takeRtcp(leg: MediaLeg, datagram: Buffer, address: string, port: number): void {
    if (!leg.acceptRtcp(address, port)) this.#rejectedForeign += 1;
    else if (!leg.takeRtcp(datagram, this.#parts.now())) this.#rejectedMalformed += 1;
  }

  /** Who should be heard may have changed. */
  #expectPeers(): void {
    const isConnected = this.#phase === 'connected';
    this.#upkeep.expect(isConnected || this.#phase === 'ambience', isConnected);
  }

  #reroute(): void {
    this.#toCallee.reroute();
    this.#toDialer.reroute();
    this.#expectPeers();
  }

  #startPlaying(now: MonotonicMs): void {
    this.#playing = true;
    this.#rising = true;
    this.#playFrame(now, 0);
    const durationMs = this.#packet?.durationMs ?? FRAME_MS;
    this.#parts.pacer.play(this.#slot, addMs(now, durationMs), now, durationMs);
  }

  /** The dialer's next packet takes the ambience's place: what is due of it dies away under it. */
  #armFade(): void {
    if (this.#packet === null || this.#ambiencePackets === 0 || !isLaw(this.#packet.codec)) return;
    this.#fade.arm(
      LAWS[this.#packet.codec],
      this.#player.octets(this.#packet.codec),
      this.#player.offset(this.#packet.codec),
    );
  }

  #watchDialer(now: MonotonicMs): void {
    this.#playing = false;
    this.#dialerHeardAt = now;
    this.#seemsSilent = false;
    this.#parts.pacer.watch(this.#slot, addMs(now, FILL_AFTER_MS - LOOK_AGAIN_MS), now);
  }

  /** Two looks in a row: after a stall of our own the dialer's packets lie unread, and it only seems to be silent. */
  #fillIfSilent(): void {
    const now = this.#parts.now();
    const silentMs = elapsedMs(this.#dialerHeardAt, now);
    if (!this.#seemsSilent || silentMs < FILL_AFTER_MS) {
      this.#seemsSilent = silentMs >= FILL_AFTER_MS - LOOK_AGAIN_MS;
      const nextMs = Math.max(LOOK_AGAIN_MS, FILL_AFTER_MS - silentMs - (this.#seemsSilent ? 0 : LOOK_AGAIN_MS));
      this.#parts.pacer.watch(this.#slot, addMs(now, nextMs), now);
    } else if (this.#packet !== null) this.#startPlaying(now);
    else this.#parts.pacer.remove(this.#slot);
  }

  #playFrame(due: MonotonicMs, skipped: number): void {
    const packet = this.#packet;
    if (packet === null || !this.#callee.listens) {
      this.#held += skipped + 1;
      return;
    }
    this.#player.next(packet.codec, packet.durationMs, packet.octets, RTP_HEADER_OCTETS);
    if (this.#rising && isLaw(packet.codec)) fadeIn(packet.octets, RTP_HEADER_OCTETS, LAWS[packet.codec]);
    this.#rising = false;
    const { frameTicks, clockRateHz } = CODECS[packet.codec];
    const ticks = (frameTicks * packet.durationMs) / FRAME_MS;
    this.#callee.stream.stampOwn(packet.octets, ticks, due, skipped + this.#held, clockRateHz);
    this.#held = 0;
    this.#ambiencePackets += 1;
    if (this.#started === null) this.#sendFirst(packet, due);
    else this.#callee.send(packet.octets, due);
  }

  #sendFirst(packet: AmbiencePacket, due: MonotonicMs): void {
    const told = this.#phase === 'ambience';
    let afterMs = 0;
    this.#callee.send(packet.octets, due, (error) => {
      if (error !== null) this.#fail(`the first packet of ambience could not be sent: ${error.message}`);
      else if (told) this.#parts.onAmbienceStarted(afterMs);
    });
    const now = this.#parts.now();
    afterMs = elapsedMs(this.#answeredAt ?? now, now);
    this.#started = { afterMs, codec: packet.codec };
  }

  #fail(detail: string): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#parts.onFailed(detail);
  }
}
