/**
 * The sounds the office's invented speakers are made of: no language's words, but syllables that a mouth could say.
 *
 * Vowels have the first three formants of an adult male tract of 17 cm (Peterson and Barney 1952, rounded and moved
 * towards Italian); other tracts scale them. Consonants have the places from which the vowels' formants move (their
 * loci) and the noise made there.
 */

/** A vowel's first three formants. */
export type Vowel = { readonly formantsHz: readonly [number, number, number] };

/** How a consonant sounds; levels are relative to a vowel's, 0 to 1. */
export type Consonant = {
  readonly manner: 'stop' | 'fricative' | 'nasal' | 'liquid' | 'tap';
  readonly locusHz: readonly [number, number, number];
  readonly durationMs: number;
  /** The vocal folds' part: 0 voiceless. */
  readonly voicing: number;
  readonly noiseHz: number;
  readonly noiseBandwidthHz: number;
  readonly noiseLevel: number;
};

/** Every vowel, the commoner ones more than once. */
export const VOWELS: readonly [Vowel, ...Vowel[]] = [
  { formantsHz: [760, 1290, 2520] },
  { formantsHz: [720, 1350, 2480] },
  { formantsHz: [410, 2040, 2650] },
  { formantsHz: [540, 1850, 2550] },
  { formantsHz: [295, 2240, 2950] },
  { formantsHz: [310, 2180, 2880] },
  { formantsHz: [440, 830, 2420] },
  { formantsHz: [580, 920, 2450] },
  { formantsHz: [325, 760, 2300] },
  { formantsHz: [500, 1450, 2500] },
];

/** The vowel of a hesitation. */
export const NEUTRAL_VOWEL: Vowel = { formantsHz: [520, 1420, 2480] };

const stop = (locusHz: Consonant['locusHz'], voicing: number, noiseHz: number, noiseLevel: number): Consonant => ({
  manner: 'stop',
  locusHz,
  durationMs: voicing > 0 ? 60 : 85,
  voicing,
  noiseHz,
  noiseBandwidthHz: noiseHz * 0.6,
  noiseLevel,
});

const fricative = (
  locusHz: Consonant['locusHz'],
  voicing: number,
  noiseHz: number,
  noiseBandwidthHz: number,
  noiseLevel: number,
): Consonant => ({
  manner: 'fricative',
  locusHz,
  durationMs: voicing > 0 ? 70 : 100,
  voicing,
  noiseHz,
  noiseBandwidthHz,
  noiseLevel,
});

const sonorant = (
  manner: 'nasal' | 'liquid' | 'tap',
  locusHz: Consonant['locusHz'],
  durationMs: number,
  voicing: number,
): Consonant => ({ manner, locusHz, durationMs, voicing, noiseHz: 2500, noiseBandwidthHz: 1500, noiseLevel: 0 });

/** Every consonant; stops, nasals and liquids are the commonest, as in most languages. */
export const CONSONANTS: readonly [Consonant, ...Consonant[]] = [
  stop([300, 900, 2300], 0, 900, 0.3), // p
  stop([300, 1750, 2650], 0, 3800, 0.5), // t
  stop([300, 1750, 2650], 0, 3600, 0.5),
  stop([300, 1500, 2000], 0, 1900, 0.5), // k
  stop([300, 1900, 2300], 0, 2300, 0.5),
  stop([250, 900, 2300], 0.16, 900, 0.2), // b
  stop([250, 1700, 2600], 0.16, 3300, 0.25), // d
  stop([250, 1600, 2100], 0.16, 2000, 0.25), // g
  fricative([320, 1600, 2600], 0, 5600, 2200, 0.55), // s
  fricative([320, 1600, 2600], 0, 5200, 2000, 0.5),
  fricative([320, 1800, 2500], 0, 2900, 1300, 0.5), // ʃ
  fricative([320, 1000, 2300], 0, 4200, 4000, 0.16), // f
  fricative([300, 1000, 2300], 0.4, 4200, 4000, 0.08), // v
  fricative([300, 1650, 2600], 0.35, 5200, 2200, 0.2), // z
  sonorant('nasal', [260, 1050, 2250], 70, 0.42), // m
  sonorant('nasal', [260, 1500, 2450], 65, 0.42), // n
  sonorant('nasal', [260, 1600, 2500], 65, 0.42),
  sonorant('liquid', [360, 1250, 2750], 65, 0.55), // l
  sonorant('liquid', [340, 2100, 2800], 55, 0.6), // j
  sonorant('liquid', [330, 720, 2250], 55, 0.55), // w
  sonorant('tap', [430, 1400, 2300], 28, 0.22), // r
];
