/** A message as `campaigns.announcement` takes it, and as it is heard. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownAnnouncement } from '../src/audio/own-clip/own-announcement.ts';
import { readSound } from '../src/audio/own-clip/read-sound.ts';
import { encodeWav } from '../src/audio/wav.ts';
import { spokenGreeting } from '../src/testing/spoken-greeting.ts';
import { FRAME_OCTETS } from './tone.ts';
import { workFolder } from './work-folder.ts';

/** Frames in which the ambience dies away under the message. */
export const FADE_FRAMES = 3;

/** The recording as a file, and as its frames of A-law leave. */
export function announcementFile(lengthMs: number) {
  const path = join(workFolder('announcement'), 'acme.wav');
  writeFileSync(path, encodeWav({ sampleRateHz: 8000, samples: spokenGreeting(lengthMs, 4) }));
  const file = readFileSync(path);
  const sound = readSound(file);
  if (!sound.ok) throw new Error(sound.problem);
  const sha256 = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex');
  const made = ownAnnouncement(sound.value, { name: 'acme', title: 'acme', command: 'test' }, sha256);
  if (!made.ok) throw new Error(made.problem);
  const octets = made.value.files.get('acme/pcma.al') ?? new Uint8Array();
  const frames = Array.from({ length: octets.length / FRAME_OCTETS }, (_, n) =>
    Buffer.from(octets.subarray(n * FRAME_OCTETS, (n + 1) * FRAME_OCTETS)).toString('latin1'),
  );
  // The last is silence, which any other may be as well.
  const places = new Map(frames.slice(FADE_FRAMES, -1).map((frame, n) => [frame, n + FADE_FRAMES]));
  return {
    ...{ path, frames, sha256: sha256(file) },
    /** The frame's place in the message; -1: it is none of it, or one under which the ambience dies away. */
    placeOf: (payload: Buffer) => places.get(payload.toString('latin1')) ?? -1,
    isFrame: (payload: Buffer) => places.has(payload.toString('latin1')),
  };
}
