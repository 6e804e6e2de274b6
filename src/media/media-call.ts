/**
 * The media of one call: who is heard by whom, and when ambience plays.
 *
 *     idle ── relay-early-media ──▶ early ── play-ambience ──▶ ambience ── connect ──▶ connected
 *                                                             └── announce ──▶ announcing
 *
 * From `early` on the callee is heard by the dialer. The dialer is heard by the callee only when connected; the ambience
 * goes on until the dialer's first packet is there, and comes back whenever the dialer has sent nothing for
 * FILL_AFTER_MS, so that the callee never hears a hole. A call that is not guarded is `connected` by `relay` alone. One
 * whose peers were coupled by another relay stands `aside` until it is connected again. While `announcing` the recorded
 * message has the ambience's place, which comes back after it, and the callee's keys are heard.
 */
import { CODECS } from '../audio/codec.ts';
import type { MonotonicMs } from '../base/clock.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { MediaReport } from '../guard/media-port.ts';
import { AmbienceSource } from './ambience-source.ts';
import { AmbienceTurns } from './ambience-turns.ts';
import type { MediaCallParts } from './call-parts.ts';
import { CallRelays } from './call-relays.ts';
import { mediaReport } from './call-report.ts';
import { CallUpkeep } from './call-upkeep.ts';
import { CrossFade } from './fade.ts';
import { CalleeEar } from './greeting/callee-ear.ts';
import { MediaLeg, type SendRtp } from './media-leg.ts';
import { PeerPackets } from './peer-packets.ts';
import { isRtcp } from './rtcp/rtcp-read.ts';
import { RtcpSession } from './rtcp/rtcp-session.ts';
import { payloadOffset, payloadTypeOf } from './rtp-packet.ts';
import { RtpStream, type RtpStreamStart } from './rtp-stream.ts';
import { SEND_ERRORS_MAX, SendFailures } from './send-failures.ts';
import { VoiceActivity } from './voice-activity.ts';

/** One call. */
export class MediaCall {
  readonly #parts: MediaCallParts;
  readonly #callee: MediaLeg;
  readonly #dialer: MediaLeg;
  readonly #relays: CallRelays;
  readonly #fade = new CrossFade();
  readonly #ambience: AmbienceSource;
  readonly #turns: AmbienceTurns;
  #phase: 'idle' | 'early' | 'ambience' | 'announcing' | 'connected' | 'aside' = 'idle';
  /** It was told that the dialer is heard. */
  #toldHeard = false;
  /** First packet of the dialer's that went to the callee. */
  #firstToCalleeAt: MonotonicMs | null = null;
  readonly #arrivals = new PeerPackets();
  readonly #ear: CalleeEar;
  readonly #sendFailures = new SendFailures();
  readonly #upkeep: CallUpkeep;
  readonly #voice: VoiceActivity | null;
  #failed = false;

  constructor(parts: MediaCallParts) {
    this.#parts = parts;
    const { calleeCname, dialerCname, sendToCallee, sendToDialer } = parts.rtcp;
    this.#callee = this.#leg(parts.calleeStream, parts.sendToCallee, calleeCname, sendToCallee);
    this.#dialer = this.#leg(parts.dialerStream, parts.sendToDialer, dialerCname, sendToDialer);
    this.#relays = new CallRelays({
      ...{ callee: this.#callee, dialer: this.#dialer, fade: this.#fade, bypass: parts.bypass },
      onPassedToCallee: (at) => this.#turns.dialerHeard(at),
    });
    const { pacer, loop, firstFrame, announcement, now, onAnnounced } = parts;
    const onFirst = () => this.#tellStarted();
    const callee = this.#callee;
    this.#ambience = new AmbienceSource({ loop, firstFrame, announcement, callee, now, onFirst, onAnnounced });
    this.#ear = new CalleeEar(parts.listensForGreeting, parts.ear);
    const onBug = (detail: string) => this.abandon(detail);
    const onFrame = (at: MonotonicMs) => {
      if (this.#phase === 'ambience') this.#ear.look(at);
    };
    this.#turns = new AmbienceTurns({
      ...{ pacer, source: this.#ambience, dialer: this.#relays.toCallee },
      ...{ now, onFrame, onBug },
    });
    this.#voice = parts.voiceActivity === null ? null : new VoiceActivity(parts.voiceActivity);
    this.#upkeep = new CallUpkeep({
      callee: this.#callee,
      dialer: this.#dialer,
      chores: parts.rtcp.chores,
      silence: parts.silence,
      now,
      settle: () => this.#relays.settle(),
      onSilent: parts.onSilent,
      onBug,
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
    this.#relays.tell();
    this.#dialer.describe(media);
    this.#reroute();
  }

  /** Where the callee listens, without a change of who is heard. */
  setCallee(media: RemoteMedia): void {
    this.#describeCallee(media, false);
  }

  /** `isOther`: before and at the answer every description may be another fork's. */
  #describeCallee(media: RemoteMedia, isOther: boolean): void {
    this.#relays.tell();
    this.#callee.describe(media, isOther);
    this.#ear.describe(media);
    this.#reroute();
    this.#turns.describe(media);
  }

  /** The callee is heard by the dialer; nothing goes to the callee. */
  relayEarlyMedia(callee: RemoteMedia): void {
    this.#describeCallee(callee, true);
    if (this.#phase === 'idle') this.#phase = 'early';
  }

  /** The first packet leaves now. `callee` null: as the early media said. */
  playAmbience(callee: RemoteMedia | null, answeredAt: MonotonicMs): void {
    if (callee !== null) this.#describeCallee(callee, true);
    if (this.#ambience.packetMs === null) {
      this.#fail('ambience was asked for and the callee has no codec it exists in');
    } else if (this.#phase === 'idle' || this.#phase === 'early') {
      this.#phase = 'ambience';
      this.#ambience.answeredAt = answeredAt;
      this.#expectPeers();
      this.#turns.start(this.#parts.now());
    }
  }

  /** The recorded message has the ambience's place from the next packet on; there must be one. */
  announce(): void {
    if (this.#phase !== 'ambience') return;
    this.#phase = 'announcing';
    this.#ambience.announce();
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
    if (this.#turns.playing) return;
    const now = this.#parts.now();
    this.#ambience.answeredAt ??= now;
    this.#turns.yieldToDialer(now);
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
    this.#relays.tell();
    this.#turns.stop();
    this.#phase = 'aside';
    this.#expectPeers();
    this.#upkeep.end();
  }

  /** A datagram on the callee's RTP port. */
  fromCallee(datagram: Buffer, address: string, port: number): void {
    const now = this.#parts.now();
    this.#relays.toDialer.tell();
    // It may have moved, and what goes to it with it.
    if (!this.#callee.isAt(address, port)) this.#relays.toCallee.tell();
    if (this.#callee.isFax) {
      this.#arrivals.passFax(this.#callee, this.#dialer, datagram, address, port, now, this.#phase === 'connected');
      return;
    }
    if (this.#callee.media?.rtcpMux === true && isRtcp(datagram)) {
      this.rtcpFromCallee(datagram, address, port);
      return;
    }
    const packet = this.#callee.opened(datagram, address, port);
    if (packet === null) return;
    const payloadOctets = this.#arrivals.accepted(this.#callee, packet, address, port, now);
    if (payloadOctets < 0 || this.#phase === 'idle') return;
    const announcing = this.#phase === 'announcing';
    if (announcing || this.#phase === 'ambience') this.#ear.take(packet, payloadOctets, announcing, now);
    const isSent = this.#relays.toDialer.forward(packet, payloadOctets, now);
    if (isSent && this.#phase === 'connected') this.#relays.toDialer.untell(packet, payloadOctets, now);
  }

  /** A datagram on the dialer's RTP port. */
  fromDialer(datagram: Buffer, address: string, port: number): void {
    const now = this.#parts.now();
    this.#relays.toCallee.tell();
    if (!this.#dialer.isAt(address, port)) this.#relays.toDialer.tell();
    if (this.#dialer.isFax) {
      this.#arrivals.passFax(this.#dialer, this.#callee, datagram, address, port, now, this.#phase === 'connected');
      return;
    }
    if (this.#dialer.media?.rtcpMux === true && isRtcp(datagram)) {
      this.rtcpFromDialer(datagram, address, port);
      return;
    }
    const packet = this.#dialer.opened(datagram, address, port);
    if (packet === null) return;
    const payloadOctets = this.#arrivals.accepted(this.#dialer, packet, address, port, now);
    if (payloadOctets >= 0 && this.#phase === 'ambience') this.#listenTo(packet, payloadOctets);
    if (payloadOctets < 0 || (this.#phase !== 'connected' && this.#phase !== 'aside')) return;
    if (this.#turns.playing) this.#ambience.armFade(this.#fade);
    if (!this.#relays.toCallee.forward(packet, payloadOctets, now)) return;
    this.#firstToCalleeAt ??= now;
    if (!this.#toldHeard) {
      this.#toldHeard = true;
      this.#parts.onDialerHeard();
    }
    this.#turns.dialerHeard(now);
    if (this.#phase === 'connected') this.#relays.toCallee.untell(packet, payloadOctets, now);
  }

  #listenTo(packet: Buffer, payloadOctets: number): void {
    if (this.#voice === null) return;
    const law = this.#dialer.lawOf(payloadTypeOf(packet));
    if (law !== null && this.#voice.take(packet, payloadOffset(packet), payloadOctets, law)) this.#parts.onVoice();
  }

  /** A datagram on the callee's RTCP port. */
  rtcpFromCallee(datagram: Buffer, address: string, port: number): void {
    this.#arrivals.takeRtcp(this.#callee, datagram, address, port, this.#parts.now());
  }

  /** A datagram on the dialer's RTCP port. */
  rtcpFromDialer(datagram: Buffer, address: string, port: number): void {
    this.#arrivals.takeRtcp(this.#dialer, datagram, address, port, this.#parts.now());
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
    this.#relays.tell();
    this.#turns.stop();
    this.#phase = 'idle';
    this.#upkeep.end();
  }

  /** What was done so far. */
  report(): MediaReport {
    this.#relays.settle();
    return mediaReport({
      callee: this.#callee,
      dialer: this.#dialer,
      toCallee: this.#relays.toCallee,
      toDialer: this.#relays.toDialer,
      ambience: this.#ambience.report(),
      announcement: this.#ambience.announcementReport(),
      listening: this.#ear.report(),
      arrivals: this.#arrivals,
      firstToCalleeAt: this.#firstToCalleeAt,
      sendErrors: this.#sendFailures.total,
    });
  }

  /** Who should be heard may have changed. */
  #expectPeers(): void {
    const isConnected = this.#phase === 'connected';
    this.#upkeep.expect(isConnected || this.#phase === 'ambience' || this.#phase === 'announcing', isConnected);
  }

  #reroute(): void {
    this.#relays.reroute();
    this.#expectPeers();
  }

  /** The first packet of ambience leaves: told is what the guard waits for, not what fills a hole later. */
  #tellStarted(): (afterMs: number, error: Error | null) => void {
    const told = this.#phase === 'ambience';
    return (afterMs, error) => {
      if (error !== null) this.#fail(`the first packet of ambience could not be sent: ${error.message}`);
      else if (told) this.#parts.onAmbienceStarted(afterMs);
    };
  }

  #fail(detail: string): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#parts.onFailed(detail);
  }
}
