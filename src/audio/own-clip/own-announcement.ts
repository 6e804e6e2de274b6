/**
 * A person's own recorded message as a clip that is played once: 16 kHz, the level of speech, silence at both ends, whole
 * frames, and the encodings that need no other program.
 */
import { ok, type Result, refused } from '../../base/result.ts';
import { fileStore, measuredSlices, type Sha256, storeG722, storeLaws, storeMaster } from '../clip-files.ts';
import { FRAME_MS } from '../codec.ts';
import { decodeG722Loop, encodeG722Loop } from '../g722/g722.ts';
import { limitLoop } from '../limiter.ts';
import { dbm0ToDbov, dbovToRms, levelDbov } from '../loudness.ts';
import type { ManifestClip } from '../manifest.ts';
import { activeRms } from '../synthesis/loop.ts';
import { MASTER_RATE_HZ, toTelephoneBand } from '../telephone-band.ts';
import { toInt16 } from '../wav.ts';
import { sourceFaults } from './findings.ts';
import type { OwnClip, OwnClipRequest } from './own-clip.ts';
import type { Sound } from './read-sound.ts';
import { resample, withoutOffset } from './resample.ts';

/** Active speech on the wire (RFC 7874 §4: RMS 2600 of 32767). */
export const ANNOUNCEMENT_LEVEL_DBM0 = -19;

/** Shorter than this nobody has said who called. */
const SECONDS_MIN = 0.5;
/** A message is to be brief: who called, and where to say that nobody should. */
const SECONDS_MAX = 30;
/** Under this there is nothing to be made louder. */
const LEVEL_DBOV_MIN = -70;
/** No peak is higher: the telephone band's filter overshoots by less than what is left. */
const PEAK_DBOV_MAX = -3;
const FRAME_SAMPLES = (FRAME_MS * MASTER_RATE_HZ) / 1000;
const GENERATOR = 'brusio clip import --announcement';

/** Makes it; `sha256` gives lower-case hexadecimal. Refused in words. */
export function ownAnnouncement(
  sound: Sound,
  request: Omit<OwnClipRequest, 'levelDbm0' | 'seamless'>,
  sha256: Sha256,
): Result<OwnClip, string> {
  const seconds = sound.samples.length / sound.sampleRateHz;
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX) {
    return refused(`it has ${seconds.toFixed(1)} s of sound; an announcement has ${SECONDS_MIN} to ${SECONDS_MAX} s`);
  }
  const centred = withoutOffset(resample(sound.samples, sound.sampleRateHz, MASTER_RATE_HZ));
  if (levelDbov(toTelephoneBand(evened(centred))) < LEVEL_DBOV_MIN)
    return refused('there is nothing to be heard in the telephone band');
  const master = toInt16(framed(spoken(centred)));
  const band = toInt16(toTelephoneBand(master));
  const wide = encodeG722Loop(master);

  const { name, title, command } = request;
  const store = fileStore(name, sha256);
  const origin = { levelDbm0: ANNOUNCEMENT_LEVEL_DBM0, encoder: GENERATOR };
  const frames = master.length / FRAME_SAMPLES;
  const laws = storeLaws(store, band, origin);
  const entry: ManifestClip = {
    ...{ name, title, use: 'announcement', durationMs: frames * FRAME_MS, frameMs: FRAME_MS, frames },
    levelDbm0: ANNOUNCEMENT_LEVEL_DBM0,
    slices: measuredSlices(band),
    master: storeMaster(store, master),
    encodings: [...laws, storeG722(store, wide, decodeG722Loop(wide), origin)],
    made: { generator: GENERATOR, seed: null, command },
    provenance: `Imported from a file of the user's own (${sound.format}).`,
    licence: "the user's own",
  };
  return ok({ entry, files: store.files, findings: sourceFaults(sound.samples, sound.sampleRateHz) });
}

/** At the level while somebody speaks, whatever pauses there are, its peaks in bounds. */
function spoken(samples: Float64Array): Float64Array {
  const band = toTelephoneBand(evened(samples));
  const gain = dbovToRms(dbm0ToDbov(ANNOUNCEMENT_LEVEL_DBM0, 'PCMA')) / activeRms(band, FRAME_SAMPLES / 2);
  return limitLoop(
    samples.map((sample) => sample * gain),
    dbovToRms(PEAK_DBOV_MAX),
    MASTER_RATE_HZ,
  );
}

/** A frame of silence before it, and one after it that ends with a frame. */
function framed(samples: Float64Array): Float64Array {
  const whole = new Float64Array((Math.ceil(samples.length / FRAME_SAMPLES) + 2) * FRAME_SAMPLES);
  whole.set(samples, FRAME_SAMPLES);
  return whole;
}

function evened(samples: Float64Array): Float64Array {
  return samples.length % 2 === 0 ? samples : samples.subarray(0, -1);
}
