import type { OfficeScene } from './synthesis/office-scene.ts';
import { BUSY_CALL_CENTRE } from './synthesis/scenes/busy-call-centre.ts';
import { OPEN_PLAN_OFFICE } from './synthesis/scenes/open-plan-office.ts';
import { QUIET_OFFICE } from './synthesis/scenes/quiet-office.ts';

/** What decides every sample of a clip. `seconds` times 50 must be whole: a clip is whole frames. */
export type ClipRecipe = {
  readonly name: string;
  readonly title: string;
  readonly scene: OfficeScene;
  readonly seed: number;
  readonly seconds: number;
  readonly levelDbm0: number;
};

/** The levels at which a clip is encoded by codecs of which Brusio has no encoder of its own. */
export const FOREIGN_LEVELS_DBM0: readonly number[] = [-36, -34, -32, -30, -28, -26];

const SHIPPED = { seconds: 60, levelDbm0: -30 } as const;

/** The clips that Brusio ships, the default first. Each has the first seed whose sound has room for coders. */
export const CLIP_RECIPES: readonly ClipRecipe[] = [
  {
    ...SHIPPED,
    name: 'open-plan-office',
    title: 'Open-plan office: seven people on the telephone',
    scene: OPEN_PLAN_OFFICE,
    seed: 1,
  },
  {
    ...SHIPPED,
    name: 'quiet-office',
    title: 'Quiet office: two colleagues talk, two telephone in low voices',
    scene: QUIET_OFFICE,
    seed: 1,
  },
  {
    ...SHIPPED,
    name: 'busy-call-centre',
    title: 'Busy call centre: sixteen agents in a hall, telephones all the time',
    scene: BUSY_CALL_CENTRE,
    seed: 2,
  },
];
