import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { clipFromFiles } from '../clip.ts';
import { decodeG722Loop } from '../g722/g722.ts';
import { dbovToDbm0, levelDbov } from '../loudness.ts';
import { parseManifest } from '../manifest.ts';
import { clock } from './findings.ts';
import { type OwnClipRequest, ownClip } from './own-clip.ts';
import type { Sound } from './read-sound.ts';

const REQUEST: OwnClipRequest = { name: 'own', title: 'Own', levelDbm0: -30, seamless: false, command: 'test' };
const HASH = 'a'.repeat(64);

/** Noise, of 8 kHz and `seconds`; `change` gets each sample with its time in s. */
function noise(seconds: number, change: (sample: number, at: number) => number = (same) => same): Sound {
  const random = seededRandom(3);
  let soft = 0;
  const samples = Float64Array.from({ length: seconds * 8000 }, (_, i) => {
    soft = 0.7 * soft + 600 * (random() - 0.5);
    return change(soft, i / 8000);
  });
  return { sampleRateHz: 8000, samples, format: '8000 Hz, 1 channel, 16 bits' };
}

function made(sound: Sound, request: OwnClipRequest = REQUEST) {
  const clip = ownClip(
    sound,
    request,
    () => HASH,
    () => {},
  );
  if (!clip.ok) throw new Error(clip.problem);
  return clip.value;
}

const refusal = (sound: Sound) =>
  ownClip(
    sound,
    REQUEST,
    () => HASH,
    () => {},
  );

describe('a clip of one’s own', () => {
  it('has the level, whole frames and the encodings that need no other program', () => {
    const { entry, files } = made(noise(5.01), { ...REQUEST, levelDbm0: -33 });
    expect(parseManifest(JSON.stringify({ version: 2, clips: [entry] }))).toMatchObject({ ok: true });
    expect(entry).toMatchObject({ durationMs: 5000, frames: 250 });
    const loaded = clipFromFiles(
      entry,
      new Map([...files].map(([path, octets]) => [path, { octets, sha256: HASH }])),
      -33,
    );
    if (!loaded.ok) throw new Error(loaded.problem.join('; '));
    expect([...loaded.value.encodings.keys()]).toEqual(['PCMA', 'PCMU', 'G722']);
    for (const { measured } of entry.encodings.slice(0, 2))
      expect(Math.abs(measured.levelDbm0 + 33)).toBeLessThan(0.15);
    // Wideband has more to it than the telephone band that the level is told by.
    const wide = loaded.value.encodings.get('G722')?.octets ?? new Uint8Array();
    expect(Math.abs(dbovToDbm0(levelDbov(decodeG722Loop(wide)), 'G722') + 33)).toBeLessThan(2);
    for (const { measured } of entry.encodings.slice(0, 2)) expect(measured.peakDbm0).toBeLessThan(-17.9);
  });

  it('is warned of when it is short, off centre, clipped, or has a hole', () => {
    const said = made(
      noise(8, (sample, at) => (at > 5 && at < 6.5 ? 0 : sample + 2000) + (at > 2 && at < 2.01 ? 40_000 : 0)),
    ).findings;
    expect(said).toEqual(
      expect.arrayContaining([
        'it has 8.0 s; 30 s or more are advised, so that no two calls are alike',
        expect.stringMatching(/^it is off centre by \d\.\d %/),
        'at 0:02.0 it is clipped: recorded too loud, which crackles',
      ]),
    );
    const hole = made(noise(8, (sample, at) => (at > 5 && at < 6.5 ? 0 : sample))).findings;
    expect(hole).toEqual(
      expect.arrayContaining([expect.stringMatching(/^at 0:05\.\d it is nearly silent for 1\.\d s/)]),
    );
    const uneven = made(noise(12, (sample, at) => sample * (at < 6 ? 0.3 : 1))).findings;
    expect(uneven).toEqual(expect.arrayContaining([expect.stringMatching(/three seconds are \d\.\d dB softer/)]));
  });

  it('is warned of tones that exchanges and dialers take for a signal, with their time', () => {
    const tone = made(
      noise(6, (sample, at) => sample + (at > 3.5 && at < 4.2 ? 1500 * Math.sin(2 * Math.PI * 425 * at) : 0)),
    ).findings;
    expect(tone).toEqual(
      expect.arrayContaining([expect.stringMatching(/^at 0:03\.5 there is a tone, 425 Hz for 7\d\d ms/)]),
    );
    const digit = (at: number) => 1000 * (Math.sin(2 * Math.PI * 770 * at) + Math.sin(2 * Math.PI * 1336 * at));
    expect(made(noise(6, (sample, at) => sample + (at > 2 && at < 2.1 ? digit(at) : 0))).findings).toEqual(
      expect.arrayContaining([expect.stringMatching(/^at 0:02\.0 there is a tone, DTMF 5 .*\(a key press\)$/)]),
    );
    expect(made(noise(6)).findings.filter((one) => one.includes('tone'))).toEqual([]);
  });

  it('is warned of a seam that is heard, which --seamless takes away', () => {
    const rising = noise(6, (sample, at) => sample * 10 ** (at / 10));
    const seam = (findings: readonly string[]) => findings.filter((one) => one.includes('the end meets the beginning'));
    expect(seam(made(rising).findings)).toEqual([expect.stringMatching(/level changes by 1\d\.\d dB/)]);
    const blended = made(noise(6), { ...REQUEST, seamless: true });
    expect(seam(blended.findings)).toEqual([]);
    expect(blended.entry.durationMs).toBe(5500);
  });

  it('is refused when it is too short, too long or silent', () => {
    expect(refusal(noise(3.9))).toEqual({ ok: false, problem: 'it has 3.9 s of sound; at least 4 s are needed' });
    expect(refusal(noise(601))).toMatchObject({ problem: 'it has 601 s of sound; at most 600 s are taken' });
    expect(refusal(noise(5, () => 0))).toMatchObject({ problem: 'there is nothing to be heard in the telephone band' });
  });
});

describe('a time in a warning', () => {
  it('is minutes, seconds and tenths', () => {
    expect([0, 12.44, 59.96, 125].map(clock)).toEqual(['0:00.0', '0:12.4', '1:00.0', '2:05.0']);
  });
});
