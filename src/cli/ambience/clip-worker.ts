/** A thread that renders one clip, and encodes it by other programs when it is given one. */
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { measureLoop, sourceFaults } from '../../audio/clip-acceptance.ts';
import { CLIP_RECIPES } from '../../audio/clip-recipes.ts';
import { LAWS } from '../../audio/codec.ts';
import { addForeignEncodings, type RenderedClip, renderClip } from '../../audio/render-clip.ts';
import { assert } from '../../base/assert.ts';
import { AppError } from '../../base/errors.ts';
import { type FrameEncoder, foreignCodecs } from './frame-encoder.ts';

/** What the thread is started with. */
export type ClipOrder = {
  readonly name: string;
  readonly seed: number;
  /** Built already; null for the encodings alone that Brusio makes itself. */
  readonly encoder: Omit<FrameEncoder, 'remove'> | null;
};

/** What it tells: its steps, and at last the clip. */
export type ClipReport =
  | { readonly type: 'step'; readonly step: string }
  | { readonly type: 'clip'; readonly clip: RenderedClip };

assert(parentPort !== null, 'a clip is rendered in a worker thread');
const main = parentPort;
const { name, seed, encoder } = workerData as ClipOrder;
const recipe = CLIP_RECIPES.find((one) => one.name === name);
assert(recipe !== undefined, `no recipe for clip ${name}`);
const tell = (report: ClipReport) => main.postMessage(report);
const tools = {
  sha256: (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex'),
  report: (step: string) => tell({ type: 'step', step }),
};

let clip = renderClip({ ...recipe, seed }, tools);
if (encoder !== null) {
  judge(clip);
  for (const codec of foreignCodecs(encoder)) clip = addForeignEncodings(clip, codec, tools);
}
tell({ type: 'clip', clip });

/** Whether coders that change a sound may have the clip; asked before they take minutes over it. */
function judge({ entry, files }: RenderedClip): void {
  const path = entry.encodings.find(({ codec }) => codec === 'PCMA')?.path ?? '';
  const faults = sourceFaults(measureLoop(LAWS.PCMA.decode(files.get(path) ?? new Uint8Array()), 'PCMA'));
  if (faults.length > 0) throw new AppError('ambience.not-accepted', `${path}: ${faults.join('; ')}`);
}
