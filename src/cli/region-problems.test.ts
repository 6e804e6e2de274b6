import { expect, it } from 'vitest';
import { checkSettings } from '../config/load-settings.ts';
import { regionsOf } from '../policy/rules/public-holidays.ts';
import { regionProblems } from './region-problems.ts';

it('a region that the country has not is told, with those it has', () => {
  const settings = checkSettings({
    campaigns: {
      hours: { region: '99' },
      named: [{ name: 'a' }, { name: 'b', hours: { region: '32' } }, { name: 'c', hours: { region: 'X' } }],
    },
  });
  if (!settings.ok) throw new Error('settings');
  const problems = regionProblems(settings.value, regionsOf);
  expect(problems.map(({ path }) => path)).toEqual(['campaigns.hours.region', 'campaigns.named[2].hours.region']);
  expect(problems[0]?.message).toMatch(/^IT has no region 99: .*32 Alto Adige/);
});
