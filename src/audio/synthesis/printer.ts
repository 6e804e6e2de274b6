/** A laser printer across the room: the motor runs up, rollers pull sheet after sheet, each lands in the tray. */
import type { Random } from '../../base/random.ts';
import { sine } from '../portable-math.ts';
import { MASTER_RATE_HZ } from '../telephone-band.ts';
import { between, wholeBetween } from './draw.ts';
import { bandPass, highPass, lowPass, samplesOf } from './filters.ts';
import { mixInto } from './loop.ts';

const RUN_UP_SECONDS = 0.7;
const RUN_DOWN_SECONDS = 0.9;
/** Thirty pages a minute. */
const PAGE_SECONDS = 2;

/** One print job; noise throughout, since a motor's whine could be taken for a tone. */
export function print(random: Random): Float64Array {
  const pages = wholeBetween(random, 2, 4);
  const seconds = RUN_UP_SECONDS + pages * PAGE_SECONDS + RUN_DOWN_SECONDS;
  const sound = new Float64Array(samplesOf(seconds + 0.3));
  mixInto(sound, motor(random, seconds), 0, 0.5);
  for (let page = 0; page < pages; page++) {
    const at = RUN_UP_SECONDS + page * PAGE_SECONDS;
    mixInto(sound, knock(random, 900, 0.006), samplesOf(at), 1.2);
    mixInto(sound, rollers(random, between(random, 0.9, 1.05)), samplesOf(at + 0.05), 1);
    mixInto(sound, knock(random, 420, 0.012), samplesOf(at + between(random, 1.25, 1.35)), 0.8);
  }
  return sound;
}

function motor(random: Random, seconds: number): Float64Array {
  const sound = new Float64Array(samplesOf(seconds));
  const [whirr, body] = [bandPass(620, 500), bandPass(1850, 900)];
  for (let i = 0; i < sound.length; i++) {
    const t = i / MASTER_RATE_HZ;
    const level = Math.min(1, t / RUN_UP_SECONDS, (seconds - t) / RUN_DOWN_SECONDS);
    const white = 2 * random() - 1;
    sound[i] = level * (whirr.run(white) + 0.6 * body.run(white));
  }
  return sound;
}

/** Paper between rubber rollers, whose teeth make the noise flutter 23 times a second. */
function rollers(random: Random, seconds: number): Float64Array {
  const sound = new Float64Array(samplesOf(seconds));
  const [paper, hiss] = [bandPass(2400, 1800), lowPass(4500)];
  for (let i = 0; i < sound.length; i++) {
    const position = i / sound.length;
    const flutter = 0.75 + 0.25 * sine((2 * Math.PI * 23 * i) / MASTER_RATE_HZ);
    const swell = Math.min(1, 8 * position, 4 * (1 - position));
    sound[i] = 1.6 * swell * flutter * hiss(paper.run(2 * random() - 1));
  }
  return sound;
}

function knock(random: Random, hz: number, seconds: number): Float64Array {
  const sound = new Float64Array(samplesOf(seconds * 10));
  const [body, edge] = [bandPass(hz, 0.8 / seconds), highPass(300)];
  let level = 1;
  for (let i = 0; i < sound.length; i++) {
    sound[i] = 4 * edge(body.run((2 * random() - 1) * level));
    level *= 1 - 1 / (seconds * MASTER_RATE_HZ);
  }
  return sound;
}
