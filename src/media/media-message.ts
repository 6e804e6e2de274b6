/** The messages between the main thread and the media worker. Both directions are structured clones, in order. */
import type { MonotonicMs } from '../base/clock.ts';
import type { ThreadLoad } from '../base/thread-load.ts';
import type { CallId } from '../call/call-facts.ts';
import type { CallNetworks, MediaAddress, MediaNetwork } from '../call/media-network.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { CallAmbience, CallMediaAddresses, MediaCallEvent, MediaReport } from '../guard/media-port.ts';
import type { ClipLibrary } from './clip-library.ts';
import type { VoiceActivityRule } from './voice-activity.ts';

/** What the media worker is started with. */
export type MediaWorkerOptions = {
  /** Of each network, in either family. */
  readonly addresses: Readonly<Record<MediaNetwork, MediaAddress>>;
  /** First and last UDP port, inclusive; RTP takes the even ones, RTCP the odd one above. */
  readonly portMin: number;
  readonly portMax: number;
  /** The compiled add-on is used where it was built. */
  readonly native: boolean;
  /** Speech on the dialer's side is told; null: it is not listened for. */
  readonly voiceActivity: VoiceActivityRule | null;
  /** After which a peer that should be heard is silent, ms; null: not watched. */
  readonly silence: { readonly calleeMs: number | null; readonly dialerMs: number | null };
  /** Even ports that calls of a thread before this one had: they rest first. */
  readonly portsResting: readonly number[];
};

/** What crosses to the worker when it starts. */
export type MediaWorkerData = {
  readonly options: MediaWorkerOptions;
  /** Their octets are in shared memory. */
  readonly clips: ClipLibrary;
  /** One Int32 that rises with every command posted, and wakes the worker from the sleep before a packet. */
  readonly bell: ArrayBufferLike;
};

/** Main thread → worker, about a call that is open; without effect when it is not. */
export type CallCommand =
  | { readonly type: 'set-dialer'; readonly callId: CallId; readonly dialer: RemoteMedia }
  | { readonly type: 'set-callee'; readonly callId: CallId; readonly callee: RemoteMedia }
  | { readonly type: 'relay-early-media'; readonly callId: CallId; readonly callee: RemoteMedia }
  | {
      readonly type: 'play-ambience';
      readonly callId: CallId;
      readonly callee: RemoteMedia | null;
      readonly answeredAt: MonotonicMs;
    }
  | { readonly type: 'announce'; readonly callId: CallId }
  | { readonly type: 'relay'; readonly callId: CallId; readonly callee: RemoteMedia }
  | { readonly type: 'connect'; readonly callId: CallId; readonly callee: RemoteMedia | null }
  | { readonly type: 'stand-aside'; readonly callId: CallId };

/** Main thread → worker. */
export type MediaCommand =
  | CallCommand
  | {
      readonly type: 'open';
      readonly callId: CallId;
      readonly ambience: CallAmbience;
      readonly networks: CallNetworks;
    }
  | { readonly type: 'close'; readonly callId: CallId }
  | { readonly type: 'load' }
  | { readonly type: 'stop' };

/** Worker → main thread. */
export type MediaNotice =
  | { readonly type: 'ready'; readonly udp: 'native' | 'node' }
  | { readonly type: 'unusable'; readonly code: string; readonly problem: string }
  | { readonly type: 'opened'; readonly callId: CallId; readonly addresses: CallMediaAddresses }
  | { readonly type: 'open-failed'; readonly callId: CallId; readonly code: string; readonly problem: string }
  | { readonly type: 'event'; readonly event: MediaCallEvent }
  | { readonly type: 'load'; readonly load: ThreadLoad }
  | {
      readonly type: 'closed';
      readonly callId: CallId;
      /** Null when the call was not open. */
      readonly report: MediaReport | null;
    };
