import { describe, expect, it } from 'vitest';
import { jurisdictionOfStamp } from '../policy/jurisdictions/chosen-jurisdiction.ts';
import { campaignJurisdictions, homeJurisdiction, jurisdictionsInUse } from './campaign-jurisdictions.ts';
import { checkSettings } from './load-settings.ts';

function settingsOf(input: object) {
  const checked = checkSettings(input);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problem));
  return checked.value;
}

describe('the rules of a campaign', () => {
  const settings = settingsOf({
    policy: { machineAnswered: 'A', gb: { calleeHangUp: 'A' }, us: { timeZone: 'America/Chicago' } },
    campaigns: {
      jurisdiction: 'us',
      named: [{ name: 'boilers', jurisdiction: 'gb' }, { name: 'luce', jurisdiction: 'it' }, { name: 'insurance' }],
    },
  });
  const of = (campaign: string) => campaignJurisdictions(settings)(campaign).policy;

  it('are its own, or those of all campaigns, each with the options of its country alone', () => {
    expect(of('boilers')).toBe('gb-ofcom-2010@1;callee-hang-up=A');
    expect(of('luce')).toBe('it-garante-83-2014@1;machine=A');
    expect(of('insurance')).toBe('us-ftc-tsr@1;zone=America/Chicago');
    expect(of('nobody-named-it')).toBe('us-ftc-tsr@1;zone=America/Chicago');
    for (const campaign of ['boilers', 'luce', 'insurance'])
      expect(jurisdictionOfStamp(of(campaign))).toEqual(campaignJurisdictions(settings)(campaign));
  });

  it('are those of the installation where nothing names others', () => {
    const plain = settingsOf({ policy: { jurisdiction: 'ca' } });
    expect(campaignJurisdictions(plain)('any')).toMatchObject({ name: 'ca', timeZone: 'America/Toronto' });
    expect(homeJurisdiction(settings).policy).toBe('it-garante-83-2014@1;machine=A');
  });

  it('say whether machines are detected, where their law asks for that', () => {
    const without = settingsOf({
      campaigns: {
        ...{ jurisdiction: 'gb', machineDetection: 'none' },
        named: [
          { name: 'boilers' },
          { name: 'windows', machineDetection: 'used' },
          { name: 'luce', jurisdiction: 'it' },
        ],
      },
    });
    const stampOf = (campaign: string) => campaignJurisdictions(without)(campaign).policy;
    expect(['boilers', 'windows', 'luce', 'any'].map(stampOf)).toEqual([
      ...['gb-ofcom-2010@1;machine-detection=none', 'gb-ofcom-2010@1', 'it-garante-83-2014@1'],
      'gb-ofcom-2010@1;machine-detection=none',
    ]);
    expect(jurisdictionsInUse(without)).toHaveLength(3);
  });

  it('are told once each', () => {
    expect(jurisdictionsInUse(settings).map(({ name }) => name)).toEqual(['us', 'gb', 'it']);
  });

  it('have a time zone that exists', () => {
    const checked = checkSettings({ policy: { ca: { timeZone: 'Canada/Nowhere' } } });
    expect(checked.ok ? [] : checked.problem).toMatchObject([{ path: 'policy.ca.timeZone' }]);
  });
});
