import { expect, it } from 'vitest';
import { connectRules } from './app-connect.ts';
import { checkSettings } from './config/load-settings.ts';
import { chosenJurisdiction } from './policy/jurisdictions/chosen-jurisdiction.ts';
import { italy } from './policy/jurisdictions/italy.ts';
import { unitedKingdom } from './policy/jurisdictions/united-kingdom.ts';
import { unitedStates } from './policy/jurisdictions/united-states.ts';

const rules = (limitMs: number) => {
  const settings = checkSettings({ wait: { limitMs } });
  if (!settings.ok) throw new Error('settings');
  return connectRules(settings.value, () => null);
};

it('a wait is as long as the law lets it, or shorter by the settings', () => {
  expect(rules(3000)(italy, 'any')).toMatchObject({ waitLimitMs: 3000, waitFrom: 'answer' });
  expect(rules(3000)(unitedKingdom, 'any')).toMatchObject({ waitLimitMs: 2000, waitFrom: 'speech-start' });
  expect(rules(1500)(unitedStates, 'any')).toMatchObject({ waitLimitMs: 1500, waitFrom: 'speech-end' });
});

it('a reported machine takes the deadline away unless it counts as a silent call', () => {
  const machinesAsA = chosenJurisdiction({ jurisdiction: 'it', machineAnswered: 'A', calleeHangUp: null });
  const releases = [italy, unitedKingdom, machinesAsA].map((law) => rules(3000)(law, 'any').machineReleases);
  expect(releases).toEqual([true, true, false]);
});
