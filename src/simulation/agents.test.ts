import { expect, it } from 'vitest';
import { dutyOn } from './agents.ts';

it('shifts tell who is on duty from midnight on, and leave the next midnight to the next day', () => {
  const weekdays = [1];
  const shifts = [
    { agents: 2, from: '00:00', to: '24:00', weekdays },
    { agents: 3, from: '09:00', to: '24:00', weekdays },
  ];
  expect(dutyOn(shifts, 1)).toEqual([
    { minute: 0, agents: 2 },
    { minute: 540, agents: 5 },
  ]);
  expect(dutyOn(shifts, 2)).toEqual([{ minute: 0, agents: 0 }]);
});
