import { describe, expect, it } from 'vitest';
import { LAWS, type LawName } from '../../audio/codec.ts';
import { createG722Encoder, createG722LowBand } from '../../audio/g722/g722.ts';
import type { MonotonicMs } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { spokenGreeting } from '../../testing/spoken-greeting.ts';
import { GreetingDetector, type GreetingNews, SILENCE_MS } from './greeting-detector.ts';
import { squaresOf } from './law-squares.ts';

const FRAME = 160;
/** The moment of the first sample. */
const BEGIN_MS = 1000;

type Told = { readonly news: GreetingNews; readonly atMs: number; readonly momentMs: number };

/** A line's sound: a soft noise with, from `fromMs` on, what is said. */
function line(said: Int16Array, fromMs: number, lengthMs: number, noise = 8, seed = 1): Int16Array {
  const random = seededRandom(seed);
  const from = fromMs * 8;
  return Int16Array.from(
    { length: lengthMs * 8 },
    (_, i) => (said[i - from] ?? 0) + Math.round(2 * noise * (random() - 0.5)),
  );
}

/** What is told of a sound in packets of 20 ms, each as it arrives, and when; moments relative to the first sample. */
function heard(sound: Int16Array, law: LawName = 'PCMA', frame = FRAME): Told[] {
  const detector = new GreetingDetector();
  const octets = LAWS[law].encode(sound);
  const told: Told[] = [];
  for (let at = 0; at + frame <= octets.length; at += frame) {
    const now = (BEGIN_MS + (at + frame) / 8) as MonotonicMs;
    note(told, detector, detector.take(octets, at, frame, squaresOf(law), now), now);
  }
  return told;
}

function note(told: Told[], detector: GreetingDetector, news: GreetingNews, now: number): void {
  if (news === null) return;
  const moment = (news === 'speaks' ? detector.startedAt : detector.endedAt) ?? Number.NaN;
  told.push({ news, atMs: now - BEGIN_MS, momentMs: moment - BEGIN_MS });
}

describe('the detector of greetings', () => {
  describe.each([500, 1000, 2000, 4000])('in a greeting of %i ms', (lengthMs) => {
    it.each([1, 2, 3, 4])('finds the beginning at once and the end itself (speaker %i)', (seed) => {
      const told = heard(line(spokenGreeting(lengthMs, seed), 700, 700 + lengthMs + 2000, 8, seed));
      expect(told.map(({ news }) => news)).toEqual(['speaks', 'quiet']);
      const [speaks, quiet] = told as [Told, Told];
      expect(Math.abs(speaks.momentMs - 700)).toBeLessThanOrEqual(40);
      expect(speaks.atMs - speaks.momentMs).toBeLessThanOrEqual(80);
      // What fades out under a tenth of its level is over before its last sample.
      expect(quiet.momentMs).toBeGreaterThan(700 + lengthMs - 150);
      expect(quiet.momentMs).toBeLessThanOrEqual(700 + lengthMs + 20);
      expect(quiet.atMs - quiet.momentMs).toBeGreaterThanOrEqual(SILENCE_MS);
      expect(quiet.atMs - quiet.momentMs).toBeLessThanOrEqual(SILENCE_MS + 40);
    });
  });

  it.each([-10, -19, -30, -34])('hears a talker at %i dBm0', (levelDbm0) => {
    const told = heard(line(spokenGreeting(1000, 2, levelDbm0), 300, 3000));
    expect(told.map(({ news }) => news)).toEqual(['speaks', 'quiet']);
    expect(Math.abs((told[0]?.momentMs ?? 0) - 300)).toBeLessThanOrEqual(80);
  });

  it('hears it over the noise of a street, once that is known', () => {
    // Some -44 dBm0 of noise under -19 of speech.
    const told = heard(line(spokenGreeting(1500, 3), 1500, 5000, 250));
    expect(told.map(({ news }) => news)).toEqual(['speaks', 'quiet']);
    expect(Math.abs((told[0]?.momentMs ?? 0) - 1500)).toBeLessThanOrEqual(60);
    expect(Math.abs((told[1]?.momentMs ?? 0) - 3000)).toBeLessThanOrEqual(160);
  });

  it('takes loud noise from the first packet on for speech until the floor has found it, and no longer', () => {
    const told = heard(line(new Int16Array(), 0, 4000, 4000));
    expect(told.map(({ news }) => news)).toEqual(['speaks', 'quiet']);
    expect(told[1]?.momentMs).toBeLessThanOrEqual(600);
  });

  it.each([
    ['silence', (): number => 0],
    ['digital silence of A-law', () => 8],
    ['a line’s own noise', (i: number) => 40 * Math.sin(i * i)],
    ['a click', (i: number) => (i > 8000 && i < 8160 ? 20_000 * (i % 2 === 0 ? 1 : -1) : 0)],
  ])('hears nobody in %s', (_, sample) => {
    expect(heard(Int16Array.from({ length: 24_000 }, (_, i) => sample(i)))).toEqual([]);
  });

  it('takes a pause within the greeting for one, and a second greeting for nothing', () => {
    const [hello, name] = [spokenGreeting(400, 1), spokenGreeting(800, 2)];
    const two = (pauseMs: number) => {
      const said = new Int16Array((400 + pauseMs + 800) * 8);
      said.set(hello);
      said.set(name, (400 + pauseMs) * 8);
      return heard(line(said, 500, 5000));
    };
    expect(two(400).at(-1)?.momentMs).toBeGreaterThan(500 + 400 + 400 + 600);
    const apart = two(1500);
    expect(apart.map(({ news }) => news)).toEqual(['speaks', 'quiet']);
    expect(apart.at(-1)?.momentMs).toBeLessThan(1000);
  });

  it.each([80, 160, 240, 320, 480, 123])('cares for no packet time (%i samples)', (frame) => {
    const sound = line(spokenGreeting(1000, 1), 500, 4000);
    const [speaks, quiet] = heard(sound, 'PCMU', frame);
    expect(Math.abs((speaks?.momentMs ?? 0) - 500)).toBeLessThanOrEqual(40);
    expect(Math.abs((quiet?.momentMs ?? 0) - 1500)).toBeLessThanOrEqual(160);
  });

  it('finds the end where a gateway sends nothing while its side is silent', () => {
    const detector = new GreetingDetector();
    const octets = LAWS.PCMA.encode(line(spokenGreeting(1000, 1), 0, 1000));
    for (let at = 0; at + FRAME <= octets.length; at += FRAME)
      detector.take(octets, at, FRAME, squaresOf('PCMA'), (at / 8 + 20) as MonotonicMs);
    expect(detector.look((1000 + SILENCE_MS - 1) as MonotonicMs)).toBe(null);
    expect(detector.look((1000 + SILENCE_MS) as MonotonicMs)).toBe('quiet');
    expect(detector.look((1000 + SILENCE_MS + 20) as MonotonicMs)).toBe(null);
    expect(detector.endedAt).toBeGreaterThan(850);
    expect(detector.endedAt).toBeLessThanOrEqual(1000);
  });

  it('hears G.722 by its lower band', () => {
    const sound = line(spokenGreeting(1000, 1), 500, 3000);
    // Twice each sample: the same sound at 16 kHz, as far as its lower band is concerned.
    const wide = Int16Array.from({ length: 2 * sound.length }, (_, i) => sound[i >> 1] as number);
    const octets = createG722Encoder()(wide);
    const [detector, decode, told] = [new GreetingDetector(), createG722LowBand(), [] as Told[]];
    for (let at = 0; at + FRAME <= octets.length; at += FRAME) {
      const now = (BEGIN_MS + (at + FRAME) / 8) as MonotonicMs;
      note(told, detector, detector.takeDecoded(octets, at, FRAME, decode, now), now);
    }
    const [speaks, quiet] = told;
    expect(Math.abs((speaks?.momentMs ?? 0) - 500)).toBeLessThanOrEqual(40);
    expect(Math.abs((quiet?.momentMs ?? 0) - 1500)).toBeLessThanOrEqual(160);
  });
});
