import { describe, expect, it } from 'vitest';
import { checkSettings } from '../config/load-settings.ts';
import type { SettingsInput } from '../config/settings.ts';
import { numberExamples } from './number-examples.ts';

function examplesOf(input: SettingsInput): string[] {
  const settings = checkSettings(input);
  if (!settings.ok) throw new Error(JSON.stringify(settings.problem));
  return numberExamples(settings.value).split('\n').slice(1, -1);
}

describe('the examples of check-config', () => {
  it('show how each carrier is sent a number, with a country code and without', () => {
    const carriers = [
      { name: 'a', uri: 'sip:192.0.2.1' },
      { name: 'b', uri: 'sip:192.0.2.2', calledFormat: 'digits', calledPrefix: '77', callerFormat: 'national' },
    ] as const;
    expect(examplesOf({ carriers: [...carriers], numbers: { countryCode: '39' } })).toEqual([
      '#   a: +390212345678 → sip:+390212345678@192.0.2.1, caller +390287654321 → +390287654321',
      '#   a: 0212345678 → sip:0212345678@192.0.2.1, caller +390287654321 → +390287654321',
      '#   b: +390212345678 → sip:77390212345678@192.0.2.2, caller +390287654321 → 0287654321',
      '#   b: 0212345678 → sip:77390212345678@192.0.2.2, caller +390287654321 → 0287654321',
    ]);
  });
});
