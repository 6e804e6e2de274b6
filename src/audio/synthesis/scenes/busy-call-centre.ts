/**
 * The busy call centre: a hall of 26 × 14 × 3.4 m with hard walls, rows of desks close together. Sixteen agents speak
 * up to be heard over each other, so that the voices are a carpet of which only the nearest stand out for a syllable;
 * keys all the time, and somewhere a telephone is always about to ring.
 */
import { closeDoor, creakChair, walk } from '../commotion.ts';
import type { Manner } from '../conversation.ts';
import { clickMouse } from '../keyboard.ts';
import type { OfficeScene, Talker } from '../office-scene.ts';
import { print } from '../printer.ts';
import type { Build } from '../speaker.ts';
import { DESK_RINGER, FAR_RINGER, TRILL_RINGER } from '../telephone-ring.ts';

const AGENT: Manner = { listenSecondsMax: 1.4, turnSecondsMin: 2, turnSecondsMax: 7 };

const agent = (build: Build, metres: number, degrees: number): Talker & { manner: Manner } => ({
  ...{ build, effort: 'raised', manner: AGENT },
  at: { metres, degrees },
});

export const BUSY_CALL_CENTRE: OfficeScene = {
  room: {
    size: { x: 26, y: 14, z: 3.4 },
    listener: { x: 11.3, y: 6.2, z: 1.2 },
    reflection: { wall: 0.75, ceiling: 0.45, floor: 0.5 },
    reverberationSeconds: 0.65,
    criticalMetres: 5.2,
    dampingHz: 4800,
  },
  callers: [
    agent('woman', 1.1, 20),
    agent('man', 1.3, 150),
    agent('woman', 1.7, 245),
    agent('woman', 2.4, 85),
    agent('man', 2.7, 310),
    agent('woman', 3, 190),
    agent('man', 3.4, 55),
    agent('woman', 3.8, 275),
    agent('woman', 4.2, 125),
    agent('man', 4.7, 5),
    agent('woman', 5.2, 220),
    agent('man', 5.8, 165),
    agent('woman', 6.4, 340),
    agent('man', 7, 95),
    agent('woman', 8, 15),
    agent('man', 9.5, 200),
  ],
  groups: [],
  telephones: [
    { ringer: DESK_RINGER, rings: 2, position: 0.04, level: 3.2, at: { metres: 6, degrees: 120, z: 0.8 } },
    { ringer: TRILL_RINGER, rings: 2, position: 0.2, level: 2.8, at: { metres: 5, degrees: 200, z: 0.8 } },
    { ringer: FAR_RINGER, rings: 3, position: 0.34, level: 4, at: { metres: 8.2, degrees: 5, z: 0.8 } },
    { ringer: DESK_RINGER, rings: 2, position: 0.5, level: 3, at: { metres: 7, degrees: 215, z: 0.8 } },
    { ringer: TRILL_RINGER, rings: 1, position: 0.63, level: 3.2, at: { metres: 7.5, degrees: 60, z: 0.8 } },
    { ringer: FAR_RINGER, rings: 2, position: 0.76, level: 4, at: { metres: 9, degrees: 330, z: 0.8 } },
    { ringer: DESK_RINGER, rings: 2, position: 0.88, level: 3.2, at: { metres: 8, degrees: 150, z: 0.8 } },
  ],
  keyboards: [
    { level: 4.4, pauseSecondsMax: 1.6, at: { metres: 1.7, degrees: 300, z: 0.75 } },
    { level: 4.6, pauseSecondsMax: 1.4, at: { metres: 2.2, degrees: 60, z: 0.75 } },
    { level: 4.8, pauseSecondsMax: 1.6, at: { metres: 3, degrees: 120, z: 0.75 } },
    { level: 5, pauseSecondsMax: 1.6, at: { metres: 3.8, degrees: 230, z: 0.75 } },
    { level: 5.2, pauseSecondsMax: 1.6, at: { metres: 5, degrees: 10, z: 0.75 } },
  ],
  commotion: [
    { name: 'mouse at hand', everySeconds: 3, make: clickMouse, level: 3.4, at: { metres: 2, degrees: 310, z: 0.75 } },
    { name: 'mouse behind', everySeconds: 3, make: clickMouse, level: 3.6, at: { metres: 3, degrees: 95, z: 0.75 } },
    { name: 'chair', everySeconds: 7, make: creakChair, level: 4.4, at: { metres: 3, degrees: 150, z: 0.6 } },
    { name: 'steps', everySeconds: 12, make: walk, level: 7, at: { metres: 4, degrees: 280, z: 0 } },
    { name: 'door', everySeconds: 30, make: closeDoor, level: 7, at: { metres: 10, degrees: 0 } },
    { name: 'printer', everySeconds: 30, make: print, level: 1.5, at: { metres: 7, degrees: 40, z: 0.9 } },
  ],
  ventilation: { level: 0.1, hissHz: 700 },
};
