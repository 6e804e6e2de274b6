import { describe, expect, it } from 'vitest';
import { type CampaignFacts, type CampaignRule, campaignByRules } from './campaign-rules.ts';

const ANY: CampaignRule = { callerId: null, number: null, callCode: null, header: null, begins: '', campaign: 'any' };
const FACTS: CampaignFacts = {
  callerId: '+390212345678',
  number: '+393331234567',
  callCode: 'V1120101507000123456',
  header: (name) => (name.toLowerCase() === 'x-lead' ? 'GAS-17' : null),
};

describe('the campaign by rules', () => {
  it.each([
    ['by the caller id', { callerId: '+3902' }, { callerId: '+3906' }],
    ['by the called number', { number: '+39333' }, { number: '+39334' }],
    ['by the call code', { callCode: 'V' }, { callCode: 'M' }],
    ['by a header', { header: 'X-Lead' }, { header: 'X-Other' }],
    ["by a header's beginning", { header: 'X-Lead', begins: 'GAS-' }, { header: 'X-Lead', begins: 'LUCE-' }],
    ['by all that it names', { callerId: '+3902', number: '+39' }, { callerId: '+3902', number: '+44' }],
  ])('is found %s', (_what, fitting, other) => {
    expect(campaignByRules([{ ...ANY, ...fitting }], FACTS)).toBe('any');
    expect(campaignByRules([{ ...ANY, ...other }], FACTS)).toBeNull();
  });

  it('is the one of the first rule that fits, or the header’s own value', () => {
    const rules = [{ ...ANY, number: '+44', campaign: 'uk' }, { ...ANY, header: 'X-Lead', campaign: null }, ANY];
    expect(campaignByRules(rules, FACTS)).toBe('GAS-17');
    expect(campaignByRules(rules, { ...FACTS, header: () => null })).toBe('any');
    expect(campaignByRules([], FACTS)).toBeNull();
  });

  it('needs a call code where a rule names one', () => {
    expect(campaignByRules([{ ...ANY, callCode: '' }], { ...FACTS, callCode: null })).toBeNull();
  });
});
