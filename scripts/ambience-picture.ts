/** A clip as a picture: an SVG of two spectrograms with the level between them, one column for each tenth of a second. */

import { dbOfAmplitude } from '../src/audio/portable-math.ts';
import { powerSpectrum } from '../src/audio/power-spectrum.ts';
import { encodePng } from './png.ts';

type Sound = { readonly samples: Int16Array; readonly sampleRateHz: number };

/** The level of windows that begin a tenth of a second apart. */
export type LevelCurve = { readonly windowMs: number; readonly dbm0: readonly number[] };

type ClipPicture = {
  readonly title: string;
  readonly master: Sound;
  readonly telephone: Sound;
  /** The fine one, and that of the slices a call hears. */
  readonly levels: readonly [LevelCurve, LevelCurve];
  readonly meanDbm0: number;
};

const COLUMN_MS = 100;
/** 16 shades between these levels of a band of 40 Hz, relative to full scale. */
const DARK_DB = -100;
const BRIGHT_DB = -36;
const SHADES = 16;
const ROWS = 100;
const LEFT = 60;
const WIDTH = 600;
const PANEL = { spectrogram: 150, level: 110, gap: 46 } as const;
/** From black over violet and red to pale yellow, as most spectrograms have it. */
const STOPS = [
  [0, 0, 8],
  [60, 10, 110],
  [190, 40, 70],
  [250, 150, 20],
  [255, 250, 190],
] as const;
const LEVEL_RANGE_DBM0 = [-45, -20] as const;

/** The whole SVG, text and pictures in one file. */
export function pictureOf({ title, master, telephone, levels, meanDbm0 }: ClipPicture): string {
  const seconds = master.samples.length / master.sampleRateHz;
  const top = { master: 40, level: 40 + PANEL.spectrogram + PANEL.gap, telephone: 0, end: 0 };
  top.telephone = top.level + PANEL.level + PANEL.gap;
  top.end = top.telephone + PANEL.spectrogram + 34;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 20}" height="${top.end}" font-family="sans-serif" font-size="11">`,
    `<title>${title}</title>`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="${LEFT}" y="18" font-size="13">${title}</text>`,
    ...spectrogramPanel('16 kHz master', master, top.master, seconds),
    ...levelPanel(levels, meanDbm0, top.level, seconds),
    ...spectrogramPanel('as a telephone carries it, A-law', telephone, top.telephone, seconds),
    '</svg>',
  ].join('\n')}\n`;
}

function spectrogramPanel(name: string, sound: Sound, top: number, seconds: number): string[] {
  const image = Buffer.from(spectrogramPng(sound)).toString('base64');
  const topHz = sound.sampleRateHz / 2;
  const marks = [0, 1, 2, 3, 4].map((quarter) => {
    const y = top + PANEL.spectrogram * (1 - quarter / 4);
    return `<text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${(topHz * quarter) / 4000} kHz</text>`;
  });
  return [
    `<text x="${LEFT}" y="${top - 5}">${name}</text>`,
    `<image x="${LEFT}" y="${top}" width="${WIDTH}" height="${PANEL.spectrogram}" preserveAspectRatio="none" href="data:image/png;base64,${image}"/>`,
    ...marks,
    ...timeMarks(top + PANEL.spectrogram, seconds),
  ];
}

function levelPanel([fine, slices]: ClipPicture['levels'], meanDbm0: number, top: number, seconds: number): string[] {
  const [low, high] = LEVEL_RANGE_DBM0;
  const y = (dbm0: number) => top + PANEL.level * (1 - (Math.max(low, Math.min(high, dbm0)) - low) / (high - low));
  const line = ({ windowMs, dbm0 }: LevelCurve, colour: string, width: number) => {
    // A window's level stands at its middle; the first windows' middles come round from the loop's end.
    const shift = Math.round(windowMs / 2 / COLUMN_MS);
    const points = dbm0.map((_, i) => {
      const level = dbm0[(i - shift + dbm0.length) % dbm0.length] ?? low;
      return `${(LEFT + (WIDTH * i) / dbm0.length).toFixed(1)},${y(level).toFixed(1)}`;
    });
    return `<polyline fill="none" stroke="${colour}" stroke-width="${width}" points="${points.join(' ')}"/>`;
  };
  const band = y(meanDbm0 - 3) - y(meanDbm0 + 3);
  return [
    `<text x="${LEFT}" y="${top - 5}">level in dBm0: every ${fine.windowMs} ms (grey), every ${slices.windowMs / 1000} s (red) and what it may be (green)</text>`,
    `<rect x="${LEFT}" y="${y(meanDbm0 + 3).toFixed(1)}" width="${WIDTH}" height="${band.toFixed(1)}" fill="#d8f0d0"/>`,
    line(fine, '#999', 0.7),
    line(slices, '#c00', 1.6),
    ...[-40, -30, -20].map((dbm0) => `<text x="${LEFT - 6}" y="${y(dbm0) + 4}" text-anchor="end">−${-dbm0}</text>`),
    ...timeMarks(top + PANEL.level, seconds),
  ];
}

function timeMarks(bottom: number, seconds: number): string[] {
  return Array.from({ length: Math.floor(seconds / 10) + 1 }, (_, i) => {
    const x = LEFT + (WIDTH * i * 10) / seconds;
    return `<text x="${x}" y="${bottom + 14}" text-anchor="middle">${i * 10} s</text>`;
  });
}

/** The loudest of four spectra in each tenth of a second, in `ROWS` bands of equal width. */
function spectrogramPng({ samples, sampleRateHz }: Sound): Uint8Array {
  const length = sampleRateHz === 8000 ? 256 : 512;
  const hop = (sampleRateHz * COLUMN_MS) / 1000;
  const columns = Math.floor(samples.length / hop);
  const shades = new Uint8Array(columns * ROWS);
  for (let column = 0; column < columns; column++) {
    const loudest = new Float64Array(ROWS);
    for (let part = 0; part < 4; part++) {
      const start = column * hop + (part * hop) / 4;
      const window = Float64Array.from({ length }, (_, i) => (samples[(start + i) % samples.length] ?? 0) / 32768);
      const spectrum = powerSpectrum(window);
      for (let row = 0; row < ROWS; row++) {
        const power = spectrum[Math.floor((row * spectrum.length) / ROWS)] ?? 0;
        loudest[row] = Math.max(loudest[row] ?? 0, power);
      }
    }
    for (let row = 0; row < ROWS; row++) {
      const db = dbOfAmplitude(Math.sqrt((loudest[row] ?? 0) + 1e-20));
      const shade = Math.floor((SHADES * (db - DARK_DB)) / (BRIGHT_DB - DARK_DB));
      shades[(ROWS - 1 - row) * columns + column] = Math.max(0, Math.min(SHADES - 1, shade));
    }
  }
  return encodePng({ width: columns, height: ROWS, shades, palette: palette() });
}

function palette(): number[][] {
  return Array.from({ length: SHADES }, (_, shade) => {
    const position = (shade / (SHADES - 1)) * (STOPS.length - 1);
    const at = Math.min(STOPS.length - 2, Math.floor(position));
    const [from, to] = [STOPS[at] ?? STOPS[0], STOPS[at + 1] ?? STOPS[0]];
    return from.map((value, i) => Math.round(value + (position - at) * ((to[i] ?? 0) - value)));
  });
}
