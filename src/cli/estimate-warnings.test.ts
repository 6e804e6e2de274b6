import { expect, it } from 'vitest';
import { checkSettings } from '../config/load-settings.ts';
import { estimateWarnings } from './estimate-warnings.ts';

const warnings = (input: object) => {
  const settings = checkSettings(input);
  if (!settings.ok) throw new Error('settings');
  return estimateWarnings(settings.value);
};

it('campaigns are named whose law asks for an estimate of machine detection, and that have none', () => {
  const estimate = { percent: 4, evidence: '200 recordings' };
  expect(warnings({ campaigns: { named: [{ name: 'luce' }] } })).toBe('');
  expect(warnings({ policy: { jurisdiction: 'gb' }, campaigns: { machineFalsePositive: estimate } })).toBe('');
  const some = warnings({
    policy: { jurisdiction: 'gb' },
    campaigns: {
      named: [
        { name: 'boilers' },
        { name: 'luce', jurisdiction: 'it' },
        { name: 'measured', machineFalsePositive: estimate },
        { name: 'by-hand', machineDetection: 'none' },
      ],
    },
  });
  expect(some).toMatch(/WITHOUT|without the estimate/);
  expect(some.split('\n').filter((line) => line.startsWith('#   '))).toEqual([
    ...['#   boilers', '#   campaigns that are not named'],
  ]);
});
