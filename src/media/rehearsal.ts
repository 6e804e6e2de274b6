/**
 * A call that nobody hears, before the first one: code that has never run costs the first callee some milliseconds of silence. Its
 * packets go from the pair of ports that the thread probes to that pair itself, so that none leaves the machine; nothing of it is
 * told or counted.
 */
import { addMs, type MonotonicMs } from '../base/clock.ts';
import type { AmbienceLoop } from './ambience-player.ts';
import { MediaCall } from './media-call.ts';
import type { LegHandlers, LegSockets } from './media-worker-sockets.ts';
import { Pacer } from './pacer.ts';
import { randomCname, randomStart, uniform } from './stream-chance.ts';

/** Frames that are sent; the second time a function runs its types are known. */
const FRAMES = 5;
const FRAME_MS = 20;

/** Beyond the first report (RFC 3550 §6.2: within a few seconds). */
const CHORES_MS = 10_000;

/** Turns of the event loop in which what was sent may come back: it is in the socket already. */
const TURNS = 2;

/** One call on a pair of ports that is opened with `handlers`. */
export type Rehearsal = {
  readonly handlers: LegHandlers;
  /** Resolves when it is over; the pair is the caller's to close. */
  play(leg: LegSockets): Promise<void>;
};

/**
 * @param loop what is played; null: there is no rehearsal
 * @param address that the pair is bound to
 */
export function rehearsalOf(loop: AmbienceLoop | null, address: string, now: () => MonotonicMs): Rehearsal {
  let call: MediaCall | null = null;
  let ownPort = 0;
  const nothing = () => undefined;
  // A stranger's packet has no part in it.
  const isOwn = (from: string, port: number) => from === address && (port === ownPort || port === ownPort + 1);

  return {
    handlers: {
      onRtp(packet, from, port) {
        if (isOwn(from, port)) call?.fromCallee(packet, from, port);
      },
      onRtcp(packet, from, port) {
        if (isOwn(from, port)) call?.rtcpFromCallee(packet, from, port);
      },
      onError: nothing,
    },
    async play(leg) {
      const codec = loop?.frames.keys().next().value;
      if (loop === null || codec === undefined) return;
      ownPort = leg.port;
      const startedAt = now();
      const pacer = new Pacer(startedAt, 2, FRAME_MS);
      const chores = new Pacer(startedAt, 50, 1_000);
      const rehearsed = new MediaCall({
        ...{ pacer, loop, firstFrame: 0, announcement: null, listensForGreeting: false, now },
        ear: { onSpeech: nothing, onQuiet: nothing, onKey: nothing },
        ...{ calleeStream: randomStart(), dialerStream: randomStart() },
        ...{ sendToCallee: leg.send, sendToDialer: nothing, bypass: { toCallee: null, toDialer: null } },
        rtcp: {
          ...{ chores, uniform, wallOffsetMs: 0, calleeCname: randomCname(), dialerCname: randomCname() },
          ...{ sendToCallee: leg.sendRtcp, sendToDialer: nothing },
        },
        silence: { calleeMs: null, dialerMs: null },
        voiceActivity: null,
        ...{ onAmbienceStarted: nothing, onDialerHeard: nothing, onAnnounced: nothing },
        ...{ onVoice: nothing, onSilent: nothing, onFailed: nothing },
      });
      call = rehearsed;
      const callee = { address, port: leg.port };
      rehearsed.playAmbience(
        {
          rtp: callee,
          codecs: [{ name: codec, payloadType: 8 }],
          telephoneEventPayloadType: null,
          direction: 'sendrecv',
        },
        startedAt,
      );
      for (let frame = 1; frame <= FRAMES; frame++) pacer.run(addMs(startedAt, frame * FRAME_MS));
      chores.run(addMs(startedAt, CHORES_MS));
      for (let turn = 0; turn < TURNS; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      rehearsed.stop();
      rehearsed.report();
      call = null;
    },
  };
}
