/** The settings of what callees hear. */
import { z } from 'zod';
import { LEVEL_DBM0_MAX, LEVEL_DBM0_MIN } from '../audio/clip.ts';
import { name } from './setting-values.ts';

const clipName = name.describe('name of a clip: one that Brusio brings, or one of clipsDir');

const levelDbm0 = z.int().min(LEVEL_DBM0_MIN).max(LEVEL_DBM0_MAX);

export const ambienceSection = z
  .strictObject({
    clip: clipName.default('open-plan-office'),
    levelDbm0: levelDbm0.default(-30).describe('how loud it is, dBm0; speech is about -19'),
    clipsDir: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('folder of your own clips, from "brusio clip import"; null: clips in data.dir'),
  })
  .prefault({});

/** One campaign's own; null: as in `ambience`. */
export const campaignAmbience = z
  .strictObject({
    clip: clipName.nullable().default(null).describe('its clip; null: that of ambience'),
    levelDbm0: levelDbm0.nullable().default(null).describe('its level, dBm0; null: that of ambience'),
  })
  .prefault({});
