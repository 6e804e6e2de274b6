import { expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { createRefusalNotices } from './refusal-notices.ts';

it('requests refused with 503 are told of with their reason: the first at once, the others as a number every ten seconds', () => {
  const clock = fakeClock();
  const told: string[] = [];
  const refused = createRefusalNotices(clock, (level, message) => void told.push(`${level} ${message}`));
  for (let n = 0; n < 3; n++) refused('no application is connected');
  refused('dialogsMax is reached');
  expect(told).toEqual([
    'warn a request was refused with 503: no application is connected',
    'warn a request was refused with 503: dialogsMax is reached',
  ]);
  clock.advance(10_000);
  expect(told.slice(2)).toEqual(['warn requests refused with 503: no application is connected (2 more in 10 s)']);
  clock.advance(10_000);
  refused('no application is connected');
  expect(told.slice(3)).toEqual(['warn a request was refused with 503: no application is connected']);
});
