/** The parts of a call's media for tests, which say only what they are about. */
import type { MonotonicMs } from '../base/clock.ts';
import { ambienceLoop } from '../media/ambience-player.ts';
import type { MediaCallParts, MediaCallRtcp } from '../media/call-parts.ts';
import { Pacer } from '../media/pacer.ts';
import { stubClip } from './stub-clip.ts';

/** What a test says of them: its clock at least. */
export type SaidParts = Pick<MediaCallParts, 'now'> &
  Partial<Omit<MediaCallParts, 'rtcp'>> & { readonly rtcp?: Partial<MediaCallRtcp> };

/** Nothing that is sent arrives, nobody is told, silence and speech are not watched; a failure throws. */
export function callParts({ rtcp, ...said }: SaidParts): MediaCallParts {
  const nothing = () => undefined;
  return {
    pacer: new Pacer(0 as MonotonicMs, 5, 20),
    loop: ambienceLoop(stubClip()),
    firstFrame: 0,
    announcement: null,
    listensForGreeting: false,
    ear: { onSpeech: nothing, onQuiet: nothing, onKey: nothing },
    calleeStream: { ssrc: 1, sequence: 0, timestamp: 0 },
    dialerStream: { ssrc: 2, sequence: 0, timestamp: 0 },
    ...{ sendToCallee: nothing, sendToDialer: nothing },
    bypass: { toCallee: null, toDialer: null },
    rtcp: {
      chores: new Pacer(0 as MonotonicMs, 50, 1000),
      ...{ calleeCname: 'callee', dialerCname: 'dialer' },
      ...{ sendToCallee: nothing, sendToDialer: nothing },
      uniform: () => 0.5,
      wallOffsetMs: 0,
      ...rtcp,
    },
    silence: { calleeMs: null, dialerMs: null },
    voiceActivity: null,
    ...{
      onSilent: nothing,
      onVoice: nothing,
      onAmbienceStarted: nothing,
      onDialerHeard: nothing,
      onAnnounced: nothing,
    },
    onFailed: (detail) => {
      throw new Error(detail);
    },
    ...said,
  };
}
