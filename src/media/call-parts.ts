/** What the media of a call is made of: its streams, its ways out, and who is told. */
import type { MonotonicMs } from '../base/clock.ts';
import type { AmbienceLoop } from './ambience-player.ts';
import type { EarListener } from './greeting/callee-ear.ts';
import type { SendRtp } from './media-leg.ts';
import type { Bypass } from './media-worker-udp.ts';
import type { Pacer } from './pacer.ts';
import type { RtpStreamStart } from './rtp-stream.ts';
import type { VoiceActivityRule } from './voice-activity.ts';

/** What a call's media is made of. */
export type MediaCallParts = {
  readonly pacer: Pacer;
  readonly loop: AmbienceLoop;
  /** Index of the ambience's first frame. */
  readonly firstFrame: number;
  /** The message that may be played to the call, in every codec that it is offered; null: none. */
  readonly announcement: AmbienceLoop | null;
  /** The callee's greeting is told to `ear`. */
  readonly listensForGreeting: boolean;
  readonly ear: EarListener;
  /** The message is over at `endAt`. */
  readonly onAnnounced: (endAt: MonotonicMs) => void;
  readonly calleeStream: RtpStreamStart;
  readonly dialerStream: RtpStreamStart;
  readonly sendToCallee: SendRtp;
  readonly sendToDialer: SendRtp;
  /** For packets that need not be told; null: all must be. */
  readonly bypass: { readonly toCallee: Bypass | null; readonly toDialer: Bypass | null };
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
