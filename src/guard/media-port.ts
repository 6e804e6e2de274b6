/** The media edge, as the guard asks of it: ambience, relay, and what became of both. */
import type { CodecName } from '../audio/codec.ts';
import type { MonotonicMs } from '../base/clock.ts';
import type { CallId } from '../call/call-facts.ts';
import type { CallNetworks } from '../call/media-network.ts';
import type { RemoteMedia, RtpAddress } from '../call/remote-media.ts';

/** Where Brusio sends and receives RTP for the two legs of a call. */
export type CallMediaAddresses = { readonly dialer: RtpAddress; readonly carrier: RtpAddress };

/** What the media plane says of a call while it lives. */
export type MediaCallEvent =
  | { readonly type: 'ambience-started'; readonly callId: CallId; readonly afterMs: number }
  /** Since `connect` the first packet of the dialer's went to the callee. */
  | { readonly type: 'dialer-heard'; readonly callId: CallId }
  /** Speech is heard on the dialer's side of a call that plays ambience; once. */
  | { readonly type: 'dialer-speaks'; readonly callId: CallId }
  /** The callee began to speak, and had spoken, at `at`: of a call that listens for the greeting, once each. */
  | { readonly type: 'callee-speaks' | 'callee-quiet'; readonly callId: CallId; readonly at: MonotonicMs }
  /** The callee pressed a key while or after the announcement played. */
  | { readonly type: 'callee-key'; readonly callId: CallId; readonly digit: string }
  /** The announcement was played to its end, which is at `at`. */
  | { readonly type: 'announced'; readonly callId: CallId; readonly at: MonotonicMs }
  /** A peer that should be heard has sent nothing for `forMs`; once for each silence. */
  | {
      readonly type: 'silent';
      readonly callId: CallId;
      readonly leg: 'dialer' | 'carrier';
      readonly forMs: number;
    }
  | { readonly type: 'failed'; readonly callId: CallId; readonly detail: string };

/** What the media plane says at all. */
export type MediaEvent =
  | MediaCallEvent
  /** After `failed` for each live call: the media plane is of no use any more. */
  | { readonly type: 'thread-died'; readonly detail: string };

/** What the media plane did for a call, told once at its end. */
export type MediaReport = {
  readonly ambience: {
    /** 2xx received → first packet handed to the kernel, in ms. */
    readonly startedAfterMs: number;
    /** When that was. */
    readonly startedAt: MonotonicMs;
    readonly stream: SentStream;
    readonly packets: number;
    readonly codec: CodecName;
    readonly clip: string;
    readonly clipSha256: string;
    /** What it was played at: the level asked for, or the nearest that the codec has. */
    readonly levelDbm0: number;
  } | null;
  /** Null: none of it was played. */
  readonly announcement: {
    /** Its first packet. */
    readonly startedAt: MonotonicMs;
    readonly playedMs: number;
    readonly packets: number;
    readonly complete: boolean;
  } | null;
  /** Packets of the callee's that were listened to for the greeting, and those of a codec without a decoder; null: not asked. */
  readonly listening: { readonly understood: number; readonly strange: number } | null;
  /** RTP packets, all kinds. */
  readonly packetsToCallee: number;
  readonly packetsFromCallee: number;
  readonly packetsToDialer: number;
  readonly packetsFromDialer: number;
  /** Datagrams from a source that was not the peer's, or not RTP: dropped. */
  readonly packetsRejected: number;
  readonly drops: MediaDrops;
  /** First RTP packet of either peer: evidence that the path from it was open; null when none came. */
  readonly firstFromCalleeAt: MonotonicMs | null;
  readonly firstFromDialerAt: MonotonicMs | null;
  /** First packet of the dialer's that went to the callee; null when none did. */
  readonly firstToCalleeAt: MonotonicMs | null;
  /** What the callee's side said last of our stream, by RTCP; null when it said nothing. */
  readonly calleeReport: StreamReport | null;
};

/** RTP headers of packets as they were sent, first and last (RFC 3550 §5.1): 32 bits, but for sequence numbers of 16. */
export type SentStream = {
  /** Of the first packet. */
  readonly ssrc: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly firstTimestamp: number;
  readonly lastTimestamp: number;
};

/** A peer's view of our stream (RFC 3550 §6.4.1). */
export type StreamReport = {
  /** Packets in all; negative when more came twice than were lost. */
  readonly lost: number;
  readonly jitterMs: number;
  /** Null when the peer had had no sender report of ours. */
  readonly roundTripMs: number | null;
};

/** Why datagrams of a call were not passed on. */
export type MediaDrops = {
  /** From an address that is not the peer's. */
  readonly foreign: number;
  /** Not RTP. */
  readonly malformed: number;
  /** Not protected under the peer's key, or not as it was protected (SRTP). */
  readonly unauthentic: number;
  /** Protected, and seen before or too old to tell (RFC 3711 §3.3.2). */
  readonly replayed: number;
  /** Of a codec that the other leg did not agree to. */
  readonly unroutable: number;
  /** After a newer packet had taken their place. */
  readonly late: number;
  /** Refused by the kernel. */
  readonly sendErrors: number;
};

/** What the calls of a campaign hear while they wait. */
export type Ambience = {
  /** Names clip and level to the media plane. */
  readonly id: string;
  readonly clip: string;
  readonly durationMs: number;
  /** Those it can be played in: a guarded call may use no other. */
  readonly codecs: readonly CodecName[];
};

/** What the callees of a campaign are told when nobody comes. */
export type Announcement = {
  /** Names it to the media plane. */
  readonly id: string;
  readonly name: string;
  /** What it says. */
  readonly text: string;
  /** Of the recording, hexadecimal. */
  readonly sha256: string;
  readonly durationMs: number;
  readonly codecs: readonly CodecName[];
  readonly optOut: { readonly digit: string; readonly listenMs: number } | null;
};

/** What one call hears, and is heard for. */
export type CallAmbience = {
  /** The ambience, from `startMs` on. */
  readonly id: string;
  readonly startMs: number;
  /** The message that may be played to it, by its id; absent: none. */
  readonly announcement?: string;
  /** The callee's greeting is listened for; absent: it is not. */
  readonly listensForGreeting?: boolean;
};

/** The media edge. */
export type MediaPlane = {
  /** Rejects with `media.no-clip` or `media.worker-failed` when nothing could be heard. */
  start(onEvent: (event: MediaEvent) => void): Promise<void>;
  /**
   * Reserves a port pair for each leg, at the address of its network (default: a dialer's call). Rejects with AppError
   * `media.ports-exhausted`, `media.bind-failed`, `media.worker-failed`, or `media.closed` when a close overtook it.
   */
  open(callId: CallId, ambience: CallAmbience, networks?: CallNetworks): Promise<CallMediaAddresses>;
  /** Where the dialer listens; replaces what was known and lets symmetric RTP latch again. */
  setDialer(callId: CallId, dialer: RemoteMedia): void;
  /** Where the callee listens, when that changed after the answer; symmetric RTP may latch again. */
  setCallee(callId: CallId, callee: RemoteMedia): void;
  /** Early media: the callee is heard by the dialer. Nothing is sent to the callee. */
  relayEarlyMedia(callId: CallId, callee: RemoteMedia): void;
  /** First packet on the message itself; `answeredAt` is what its delay is measured from. */
  playAmbience(callId: CallId, callee: RemoteMedia | null, answeredAt: MonotonicMs): void;
  /** The announcement takes the ambience's place, once; `announced` tells of its end, and the ambience comes back. */
  announce(callId: CallId): void;
  /** Both ways; ambience fills whenever the dialer has sent nothing for 200 ms. */
  connect(callId: CallId, callee: RemoteMedia | null): void;
  /** Both ways, and nothing of ours: no ambience, whoever is silent. */
  relay(callId: CallId, callee: RemoteMedia): void;
  /** Stops everything and frees the ports. Resolves within a second; null when the media worker is gone. */
  close(callId: CallId): Promise<MediaReport | null>;
  /** Null while calls can be opened; else why not. */
  problem(): string | null;
  stop(): Promise<void>;
};
