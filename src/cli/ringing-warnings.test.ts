import { expect, it } from 'vitest';
import { checkSettings } from '../config/load-settings.ts';
import { ringingWarnings } from './ringing-warnings.ts';

const warnings = (input: object) => {
  const settings = checkSettings(input);
  if (!settings.ok) throw new Error('settings');
  return ringingWarnings(settings.value);
};

it('a ring limit that leaves no time for the ringing of some law in use is told', () => {
  expect(warnings({ policy: { jurisdiction: 'gb' } })).toBe('');
  expect(warnings({ policy: { jurisdiction: 'gb', ringLimitMs: 25_000 } })).toBe('');
  expect(warnings({ policy: { ringLimitMs: 15_000 } })).toBe('');
  const named = [{ name: 'boilers', jurisdiction: 'gb' }];
  expect(warnings({ policy: { ringLimitMs: 24_999 }, campaigns: { named } })).toMatch(
    /24999 ms from the INVITE[\s\S]*# {3}gb: 15000 ms and up to 10000 ms until it rings; Ofcom.*of 2010/,
  );
});
