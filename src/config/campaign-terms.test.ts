import { describe, expect, it } from 'vitest';
import { LEGAL_RULES } from '../policy/rules/ruling.ts';
import { campaignTerms, machineFalsePositive } from './campaign-terms.ts';
import { checkSettings } from './load-settings.ts';
import { refusedCampaigns } from './rule-problems.ts';
import type { SettingsInput } from './settings.ts';

function settingsOf(input: SettingsInput) {
  const checked = checkSettings(input);
  if (!checked.ok) throw new Error(checked.problem.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return checked.value;
}

function problemsOf(input: SettingsInput): string[] {
  const checked = checkSettings(input);
  return checked.ok ? [] : checked.problem.map(({ path, message }) => `${path}: ${message}`);
}

describe('the terms of a campaign', () => {
  it('observe every rule and limit nothing by themselves', () => {
    const terms = campaignTerms(settingsOf({}))('luce');
    expect(LEGAL_RULES.map((rule) => terms.modes[rule])).toEqual(LEGAL_RULES.map(() => 'observe'));
    expect(terms).toEqual({
      campaign: 'luce',
      controller: 'default',
      lockScope: 'default',
      machineFalsePositive: null,
      modes: terms.modes,
      roc: null,
      callerIds: [],
      startsOn: null,
      endsOn: null,
      frequency: { perDay: null, perWeek: null, perCampaign: null },
      hours: { region: null, extraHolidays: [] },
      ringLimitMs: 120_000,
      promisedAgents: 'trust',
    });
  });

  const named = campaignTerms(
    settingsOf({
      policy: { rules: { roc: 'enforce' }, ringLimitMs: 45_000, promisedAgents: 'count' },
      campaigns: {
        controller: 'acme',
        roc: '1',
        callerIds: ['+390211*'],
        frequency: { perDay: 2 },
        hours: { extraHolidays: ['12-07'] },
        named: [
          { name: 'own', controller: 'luce', callerIds: [], frequency: { perWeek: 3 }, rules: { roc: 'off' } },
          { name: 'same' },
        ],
      },
    }),
  );

  it('are its own where the settings name it', () => {
    expect(named('own')).toMatchObject({
      controller: 'luce',
      lockScope: 'luce',
      roc: '1',
      callerIds: [],
      frequency: { perDay: null, perWeek: 3, perCampaign: null },
      hours: { extraHolidays: ['12-07'] },
      modes: { roc: 'off', frequency: 'observe' },
      ringLimitMs: 45_000,
      promisedAgents: 'count',
    });
  });

  it('are those of all campaigns where it says nothing, or where nobody names it', () => {
    const common = { controller: 'acme', roc: '1', callerIds: ['+390211*'], frequency: { perDay: 2 } };
    expect(named('same')).toMatchObject({ ...common, modes: { roc: 'enforce' }, campaign: 'same' });
    expect(named('other')).toMatchObject({ ...common, modes: { roc: 'enforce' }, campaign: 'other' });
  });

  it('lock a number for its controller, or for all of them', () => {
    const campaigns = {
      named: [
        { name: 'luce', controller: 'luce' },
        { name: 'gas', controller: 'gas' },
      ],
    };
    const scopes = (lockScope: 'controller' | 'installation') => {
      const terms = campaignTerms(settingsOf({ policy: { lockScope }, campaigns }));
      return [terms('luce').lockScope, terms('gas').lockScope];
    };
    expect(scopes('controller')).toEqual(['luce', 'gas']);
    expect(new Set(scopes('installation')).size).toBe(1);
    // Nobody's name: a controller would share its locks with everybody.
    expect(problemsOf({ campaigns: { controller: scopes('installation')[0] } })).not.toEqual([]);
  });
});

describe('the estimate of machines that were people', () => {
  it("is the campaign's own, or that of all", () => {
    const common = { percent: 1, evidence: 'a sample of all' };
    const own = { percent: 0, evidence: 'no detection' };
    const settings = settingsOf({
      campaigns: {
        machineFalsePositive: common,
        named: [{ name: 'own', machineFalsePositive: own }, { name: 'same' }],
      },
    });
    expect(machineFalsePositive(settings, 'own')).toEqual(own);
    expect(machineFalsePositive(settings, 'same')).toEqual(common);
    expect(machineFalsePositive(settingsOf({}), 'same')).toBeNull();
  });
});

describe('wrong settings of campaigns', () => {
  it('are told with their path', () => {
    const problems = problemsOf({
      campaigns: {
        callerIds: ['0212345678'],
        startsOn: '2026-02-30',
        hours: { extraHolidays: ['13-01', '7-12'] },
        named: [
          { name: 'a', startsOn: '2026-11-23', endsOn: '2026-11-22' },
          { name: 'b', machineFalsePositive: { percent: 101, evidence: '' } },
        ],
      },
    });
    for (const where of [
      'campaigns.callerIds[0]: expected E.164, such as +390212345678',
      'campaigns.startsOn: expected a day',
      'campaigns.hours.extraHolidays[0]: expected month and day',
      'campaigns.hours.extraHolidays[1]',
      'campaigns.named[1].machineFalsePositive.percent',
      'campaigns.named[1].machineFalsePositive.evidence',
    ]) {
      expect(
        problems.some((line) => line.startsWith(where)),
        `${where} in\n${problems.join('\n')}`,
      ).toBe(true);
    }
  });

  it('are days in the wrong order, though one of the two be that of all campaigns', () => {
    expect(
      problemsOf({
        campaigns: { startsOn: '2026-11-23', named: [{ name: 'a', endsOn: '2026-11-22' }, { name: 'b' }] },
      }),
    ).toEqual(['campaigns.named[0].endsOn: the last day 2026-11-22 is before the first, 2026-11-23']);
  });
});

describe('an enforced rule that no campaign can keep', () => {
  it('is a problem, since every call would be refused', () => {
    const policy = { rules: { roc: 'enforce', 'declared-caller-id': 'enforce' } } as const;
    expect(problemsOf({ policy })).toEqual([
      expect.stringMatching(/^policy\.rules\.roc: enforced, and no campaign has roc/),
      expect.stringMatching(/^policy\.rules\.declared-caller-id: enforced, and no campaign has callerIds/),
    ]);
    expect(problemsOf({ policy, campaigns: { named: [{ name: 'a' }] } })).toHaveLength(2);
    expect(problemsOf({ policy, campaigns: { roc: '1', callerIds: ['+39021*'] } })).toEqual([]);
    expect(problemsOf({ policy, campaigns: { named: [{ name: 'a', roc: '1', callerIds: ['+39021*'] }] } })).toEqual([]);
  });

  it('is a warning for the campaigns that lack what another one has', () => {
    const settings = settingsOf({
      policy: { rules: { roc: 'enforce' } },
      campaigns: {
        named: [
          { name: 'a', roc: '1' },
          { name: 'b' },
          { name: 'c', rules: { roc: 'observe' } },
          { name: 'd', roc: '1', rules: { 'declared-caller-id': 'enforce' } },
        ],
      },
    });
    expect(refusedCampaigns(settings)).toEqual([
      { path: 'campaigns.named[1].roc', message: 'b has none, and roc is enforced: all its calls are refused' },
      {
        path: 'campaigns.named[3].callerIds',
        message: 'd has none, and declared-caller-id is enforced: all its calls are refused',
      },
    ]);
  });
});
