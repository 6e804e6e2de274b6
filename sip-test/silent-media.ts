/** A peer's audio that is described and nothing else: for a thousand calls, whose sound is judged elsewhere. */
import { audioAnswer, audioOffer, readAudioSdp, writeAudioSdp } from '../src/peers/audio-sdp.ts';
import type { OpenPeerMedia } from '../src/peers/peer-media.ts';

/** Every call is described at this one port. */
export function silentMedia(port: number): OpenPeerMedia {
  return async (address) => {
    let version = 0;
    return {
      offer() {
        version += 1;
        return writeAudioSdp(audioOffer({ address, port }), version);
      },
      answer(offerBody) {
        const offer = readAudioSdp(offerBody);
        const answer = offer === null ? null : audioAnswer(offer, { address, port });
        version += 1;
        return answer === null ? null : writeAudioSdp(answer, version);
      },
      accept: (answerBody) => (readAudioSdp(answerBody)?.codecs.length ?? 0) > 0,
      play: () => undefined,
      answered: () => undefined,
      recording: () => ({ answeredAtMs: null, endedAtMs: null, packets: [], samples: new Int16Array() }),
      close: async () => undefined,
    };
  };
}
