import { expect, it } from 'vitest';
import { checkSettings } from '../config/load-settings.ts';
import { lawWarnings } from './law-warnings.ts';

const warnings = (input: object) => {
  const settings = checkSettings(input);
  if (!settings.ok) throw new Error('settings');
  return lawWarnings(settings.value, '2026-11-22');
};

it('what rests on memory is told of the rules that some campaign has, and what is over', () => {
  expect(warnings({})).toBe('');
  expect(warnings({ campaigns: { named: [{ name: 'assurance', jurisdiction: 'ca' }] } })).toMatch(
    /# {3}ca ratio\.window: CRTC.*five percent[\s\S]*ca ratio\.window\.span: [\s\S]*ca statisticsKeptYears/,
  );
  const british = warnings({ policy: { jurisdiction: 'gb' } });
  expect(british).toMatch(/gb statisticsKeptYears[\s\S]*not in force any more:\n# {3}gb: to 2017-02-28; /);
  expect(british).not.toContain('ca ');
});
