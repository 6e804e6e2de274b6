/**
 * The open-plan office: 17 × 11 × 2.9 m, carpet and an acoustic ceiling, seven people on the telephone around an empty
 * desk near the middle, the nearest of them an arm's length and a screen away.
 */
import { closeDoor, creakChair, rustlePaper, walk } from '../commotion.ts';
import type { Manner } from '../conversation.ts';
import { clickMouse } from '../keyboard.ts';
import type { OfficeScene } from '../office-scene.ts';
import { print } from '../printer.ts';
import { DESK_RINGER, FAR_RINGER } from '../telephone-ring.ts';

/** Agents on the telephone: they talk more than they listen. */
const AGENT: Manner = { listenSecondsMax: 1.8, turnSecondsMin: 2, turnSecondsMax: 6 };
const COLLEAGUE: Manner = { listenSecondsMax: 3, turnSecondsMin: 1.5, turnSecondsMax: 5 };

export const OPEN_PLAN_OFFICE: OfficeScene = {
  room: {
    size: { x: 17, y: 11, z: 2.9 },
    listener: { x: 8.2, y: 5.1, z: 1.2 },
    reflection: { wall: 0.6, ceiling: 0.3, floor: 0.4 },
    reverberationSeconds: 0.42,
    criticalMetres: 4.5,
    dampingHz: 4200,
  },
  callers: [
    { build: 'woman', effort: 'usual', manner: AGENT, at: { metres: 1.25, degrees: 35 } },
    { build: 'man', effort: 'usual', manner: AGENT, at: { metres: 1.6, degrees: 160 } },
    { build: 'woman', effort: 'usual', manner: AGENT, at: { metres: 2.8, degrees: 265 } },
    { build: 'man', effort: 'usual', manner: COLLEAGUE, at: { metres: 3.6, degrees: 80 } },
    { build: 'man', effort: 'usual', manner: AGENT, at: { metres: 4.8, degrees: 330 } },
    { build: 'woman', effort: 'usual', manner: AGENT, at: { metres: 6, degrees: 190 } },
    { build: 'man', effort: 'usual', manner: COLLEAGUE, at: { metres: 7.4, degrees: 10 } },
  ],
  groups: [],
  telephones: [
    { ringer: DESK_RINGER, rings: 3, position: 0.1, level: 2.8, at: { metres: 6.2, degrees: 120, z: 0.8 } },
    { ringer: FAR_RINGER, rings: 2, position: 0.38, level: 3.6, at: { metres: 8.2, degrees: 5, z: 0.8 } },
    { ringer: DESK_RINGER, rings: 2, position: 0.62, level: 2.6, at: { metres: 7, degrees: 215, z: 0.8 } },
    { ringer: FAR_RINGER, rings: 3, position: 0.82, level: 3, at: { metres: 7.6, degrees: 340, z: 0.8 } },
  ],
  keyboards: [
    { level: 4.2, pauseSecondsMax: 3.5, at: { metres: 1.7, degrees: 300, z: 0.75 } },
    { level: 4.5, pauseSecondsMax: 2.5, at: { metres: 3.2, degrees: 100, z: 0.75 } },
    { level: 5, pauseSecondsMax: 2.5, at: { metres: 5, degrees: 230, z: 0.75 } },
  ],
  commotion: [
    { name: 'mouse at hand', everySeconds: 4, make: clickMouse, level: 3, at: { metres: 2, degrees: 310, z: 0.75 } },
    { name: 'mouse behind', everySeconds: 5, make: clickMouse, level: 3, at: { metres: 3.4, degrees: 95, z: 0.75 } },
    { name: 'chair', everySeconds: 9, make: creakChair, level: 4, at: { metres: 2.8, degrees: 150, z: 0.6 } },
    { name: 'paper', everySeconds: 11, make: rustlePaper, level: 3.2, at: { metres: 2.4, degrees: 40, z: 0.8 } },
    { name: 'steps', everySeconds: 20, make: walk, level: 6, at: { metres: 4, degrees: 280, z: 0 } },
    { name: 'door', everySeconds: 40, make: closeDoor, level: 5, at: { metres: 8, degrees: 0 } },
    { name: 'printer', everySeconds: 60, make: print, level: 1.2, at: { metres: 5.5, degrees: 60, z: 0.9 } },
  ],
  ventilation: { level: 0.08, hissHz: 500 },
};
