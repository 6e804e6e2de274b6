/**
 * The quiet office: 8 × 6 × 2.8 m, half furnished. Two colleagues talk across a desk, two more telephone further off
 * with lowered voices; between them one hears the air from the ducts, keys, paper, the printer by the door.
 */
import { closeDoor, creakChair, rustlePaper, walk } from '../commotion.ts';
import type { Manner } from '../conversation.ts';
import { clickMouse } from '../keyboard.ts';
import type { OfficeScene } from '../office-scene.ts';
import { print } from '../printer.ts';
import { TRILL_RINGER } from '../telephone-ring.ts';

const CHAT: Manner = { listenSecondsMax: 1, turnSecondsMin: 1.2, turnSecondsMax: 4.5 };
const CALL: Manner = { listenSecondsMax: 2.5, turnSecondsMin: 1.5, turnSecondsMax: 5 };

export const QUIET_OFFICE: OfficeScene = {
  room: {
    size: { x: 8, y: 6, z: 2.8 },
    listener: { x: 3.4, y: 2.6, z: 1.2 },
    reflection: { wall: 0.75, ceiling: 0.55, floor: 0.5 },
    reverberationSeconds: 0.5,
    criticalMetres: 2.2,
    dampingHz: 5000,
  },
  callers: [
    { build: 'woman', effort: 'hushed', manner: CALL, at: { metres: 4.4, degrees: 20 } },
    { build: 'man', effort: 'hushed', manner: CALL, at: { metres: 3.8, degrees: 125 } },
  ],
  groups: [
    {
      manner: CHAT,
      talkers: [
        { build: 'woman', effort: 'usual', at: { metres: 2.9, degrees: 50 } },
        { build: 'man', effort: 'usual', at: { metres: 3.3, degrees: 75 } },
      ],
    },
  ],
  telephones: [
    { ringer: TRILL_RINGER, rings: 2, position: 0.27, level: 1, at: { metres: 5.2, degrees: 30, z: 0.8 } },
    { ringer: TRILL_RINGER, rings: 1, position: 0.71, level: 0.9, at: { metres: 4.4, degrees: 100, z: 0.8 } },
  ],
  keyboards: [
    { level: 3.2, pauseSecondsMax: 2.5, at: { metres: 1.9, degrees: 200, z: 0.75 } },
    { level: 3.2, pauseSecondsMax: 3, at: { metres: 3.4, degrees: 120, z: 0.75 } },
  ],
  commotion: [
    { name: 'mouse', everySeconds: 4, make: clickMouse, level: 2.6, at: { metres: 2, degrees: 210, z: 0.75 } },
    { name: 'chair', everySeconds: 15, make: creakChair, level: 3, at: { metres: 2.2, degrees: 190, z: 0.6 } },
    { name: 'paper', everySeconds: 7.5, make: rustlePaper, level: 2.6, at: { metres: 2.4, degrees: 170, z: 0.8 } },
    { name: 'steps', everySeconds: 30, make: walk, level: 4, at: { metres: 3.6, degrees: 320, z: 0 } },
    { name: 'door', everySeconds: 60, make: closeDoor, level: 4, at: { metres: 4, degrees: 330 } },
    { name: 'printer', everySeconds: 30, make: print, level: 1.8, at: { metres: 4.2, degrees: 345, z: 0.9 } },
  ],
  ventilation: { level: 0.12, hissHz: 900 },
};
