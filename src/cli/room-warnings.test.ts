import { expect, it } from 'vitest';
import { settingsSchema } from '../config/settings.ts';
import { roomWarnings } from './room-warnings.ts';

it('check-config tells when RTP has no ports for as many calls as are allowed, in comments', () => {
  const told = (settings: object) => roomWarnings(settingsSchema.parse(settings));
  expect(told({})).toBe('');
  expect(told({ rtp: { portMin: 20_000, portMax: 20_039 }, limits: { callsMax: 10 } })).toBe('');
  const warned = told({ rtp: { portMin: 20_000, portMax: 20_038 }, limits: { callsMax: 10 } });
  expect(warned).toContain('20000–20038 are 9 calls at once, limits.callsMax is 10');
  for (const line of warned.trim().split('\n')) expect(line).toMatch(/^#/);
});
