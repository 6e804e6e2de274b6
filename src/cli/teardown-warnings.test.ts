import { expect, it } from 'vitest';
import { settingsSchema } from '../config/settings.ts';
import { teardownWarnings } from './teardown-warnings.ts';

it('check-config names the dialers whose teardown is only observed, in comments', () => {
  const named = [
    { name: 'old', sources: ['192.0.2.1'] },
    { name: 'new', sources: ['192.0.2.2'], teardown: 'observe' },
  ];
  const told = (dialers: object) => teardownWarnings(settingsSchema.parse({ dialers }));
  expect(told({ named: [named[0]] })).toBe('');
  expect(told({ named }).split('\n').slice(2, -1)).toEqual(['#   dialers.named[1].teardown: new']);
  const both = told({ named, teardown: 'observe' });
  expect(both).toContain('dialers.teardown: the dialers of dialers.sources');
  for (const line of both.trim().split('\n')) expect(line).toMatch(/^#/);
});
