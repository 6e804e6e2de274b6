import type { Clock, MonotonicMs } from '../base/clock.ts';
import { type AudioDescription, audioAnswer, audioOffer, readAudioSdp, writeAudioSdp } from './audio-sdp.ts';
import type { AudioSource } from './peer-voice.ts';
import { createRecorder, type Recording } from './recorder.ts';
import { openRtpEndpoint } from './rtp-endpoint.ts';

/** The audio of one peer's side of a call: its SDP, what it says, what it hears. */
export type PeerMedia = {
  /** Our offer, as an SDP body. */
  offer(): string;
  /** Our answer to an offer, as an SDP body; we send to it from now on. Null when no codec is in common. */
  answer(offerBody: string): string | null;
  /** The answer to our offer: we send to it from now on. False when it names no codec of ours. */
  accept(answerBody: string): boolean;
  play(source: AudioSource): void;
  answered(atMs: MonotonicMs): void;
  recording(): Recording;
  /** Stops to send and to record; the recording stays. */
  close(): Promise<void>;
};

/** What opens the audio of a call. */
export type OpenPeerMedia = (address: string, clock: Clock) => Promise<PeerMedia>;

/** Opens an RTP endpoint on `address` and records what it hears. Throws what `openRtpEndpoint` throws. */
export async function openPeerMedia(address: string, clock: Clock): Promise<PeerMedia> {
  const recorder = createRecorder();
  let ours: AudioDescription | null = null;
  let version = 0;

  const endpoint = await openRtpEndpoint(address, clock, (packet) => {
    const known = ours?.codecs.find((one) => one.payloadType === packet.payloadType);
    if (known !== undefined) recorder.hear(packet, known.codec);
  });

  const send = (remote: AudioDescription): boolean => {
    const first = remote.codecs[0];
    if (first === undefined) return false;
    // Port 0 is a stream refused (RFC 3264 §6).
    if (remote.rtp.port !== 0) endpoint.sendTo(remote.rtp, first);
    return true;
  };

  return {
    offer() {
      ours ??= audioOffer(endpoint.local);
      return writeAudioSdp(ours, ++version);
    },
    answer(offerBody) {
      const offer = readAudioSdp(offerBody);
      const answer = offer === null ? null : audioAnswer(offer, endpoint.local);
      if (offer === null || answer === null) return null;
      ours = answer;
      send(offer);
      return writeAudioSdp(answer, ++version);
    },
    accept(answerBody) {
      const answer = readAudioSdp(answerBody);
      return answer !== null && send(answer);
    },
    play: endpoint.play,
    answered: recorder.answered,
    recording: recorder.recording,
    close() {
      recorder.ended(clock.monotonicMs());
      return endpoint.close();
    },
  };
}
