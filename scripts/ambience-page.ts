/**
 * The generated parts of docs/ambience.md: of each clip what the manifest says and what its sound measures, and a picture
 * of it. The same octets for the same clip, since all arithmetic is portable.
 */
import { readFileSync } from 'node:fs';
import { measureLoop } from '../src/audio/clip-acceptance.ts';
import { LAWS } from '../src/audio/codec.ts';
import { dbovToDbm0, sliceLevelsDbov } from '../src/audio/loudness.ts';
import { type Manifest, type ManifestClip, parseManifest } from '../src/audio/manifest.ts';
import { nearestTone } from '../src/audio/signalling-tones.ts';
import { MASTER_RATE_HZ, TELEPHONE_RATE_HZ } from '../src/audio/telephone-band.ts';
import { decodeWav } from '../src/audio/wav.ts';
import { type LevelCurve, pictureOf } from './ambience-picture.ts';

const AUDIO = new URL('../audio/', import.meta.url);

/** The clips of the repository, in the manifest's order. */
export function shippedClips(): Manifest['clips'] {
  const manifest = parseManifest(readFileSync(new URL('manifest.json', AUDIO), 'utf8'));
  if (!manifest.ok) throw new Error(manifest.problem.join('; '));
  return manifest.value.clips;
}

/** Where a clip's picture stands, from the repository's root. */
export function picturePath({ name }: ManifestClip): string {
  return `docs/pictures/${name}.svg`;
}

/** The picture: the master's spectrogram, the level over time and the telephone band's spectrogram. */
export function clipPicture(clip: ManifestClip): string {
  const master = decodeWav(readFileSync(new URL(clip.master.path, AUDIO)));
  if (!master.ok) throw new Error(master.problem);
  const band = telephoneSound(clip);
  const curve = (windowMs: number): LevelCurve => ({
    windowMs,
    dbm0: sliceLevelsDbov(band, (windowMs * TELEPHONE_RATE_HZ) / 1000, TELEPHONE_RATE_HZ / 10).map((dbov) =>
      dbovToDbm0(dbov, 'PCMA'),
    ),
  });
  return pictureOf({
    title: clip.title,
    master: { samples: master.value.samples, sampleRateHz: MASTER_RATE_HZ },
    telephone: { samples: band, sampleRateHz: TELEPHONE_RATE_HZ },
    levels: [curve(100), curve(clip.slices.sliceMs)],
    meanDbm0: clip.levelDbm0,
  });
}

/** One row a clip: what was measured, beside what policy wants. */
export function measuresTable(): string {
  const rows = shippedClips().map((clip) => {
    const measures = measureLoop(telephoneSound(clip), 'PCMA');
    return [
      `\`${clip.name}\``,
      `${measures.levelDbm0.toFixed(2)} dBm0`,
      `${measures.peakDbm0.toFixed(2)} dBm0`,
      `${measures.sliceLowestDbm0.toFixed(2)} … ${measures.sliceHighestDbm0.toFixed(2)} dBm0`,
      measures.modulationLeast.toFixed(2),
      `${(100 * measures.voicedShareLeast).toFixed(0)} %`,
      longestTone(clip),
    ];
  });
  const wanted = ['wanted', '−30 dBm0', 'under −15 dBm0', '−33 … −27 dBm0', 'over 0.14', 'over 35 %', 'under 160 ms'];
  return table(
    ['clip', 'level', 'peak', 'softest and loudest 3 s', 'syllables', 'voiced', 'longest tone'],
    [wanted, ...rows],
  );
}

/** One row a file, as the manifest has it. */
export function filesTable(): string {
  const rows = shippedClips().flatMap(({ master, encodings }) => [
    [`\`${master.path}\``, '16-bit PCM, 16 kHz', `${master.bytes}`, '', '', 'the synthesis'],
    ...encodings.map(({ path, codec, bytes, frameOctets, measured, encoder }) => [
      ...[`\`${path}\``, codec, `${bytes}`, `${frameOctets}`],
      ...[`${measured.levelDbm0.toFixed(2)} / ${measured.peakDbm0.toFixed(2)}`, encoder],
    ]),
  ]);
  return table(['file', 'codec', 'octets', 'a frame', 'level / peak, dBm0', 'made by'], rows);
}

function telephoneSound({ name, encodings }: ManifestClip): Int16Array {
  const path = encodings.find(({ codec }) => codec === 'PCMA')?.path;
  if (path === undefined) throw new Error(`${name} has no A-law`);
  return LAWS.PCMA.decode(readFileSync(new URL(path, AUDIO)));
}

/** The signalling frequency that came nearest to being a tone, and for how long. */
function longestTone(clip: ManifestClip): string {
  const nearest = nearestTone(telephoneSound(clip));
  return nearest === null ? 'none' : `${nearest.name}, ${nearest.lengthMs} ms`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll(/^-|(?<= )-(?=\d)/g, '−')).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
