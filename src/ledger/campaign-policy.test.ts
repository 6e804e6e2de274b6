import { describe, expect, it } from 'vitest';
import { campaignPolicyContent } from './campaign-policy.ts';
import { ledgerBodies } from './ledger-body.ts';
import { settingsDraft } from './system-drafts.ts';

const IT = 'it-garante-83-2014@1';
const GB = 'gb-ofcom-2010@1';
const US = 'us-ftc-tsr@1';
const before = { campaigns: { boilers: GB }, others: IT };

describe('the rules of campaigns in the ledger', () => {
  it('are told once, and then when a campaign goes from one to another', () => {
    expect(campaignPolicyContent(null, before, [])).toEqual({ ...before, changes: [] });
    expect(campaignPolicyContent(before, before, ['boilers', 'luce'])).toBeNull();
    expect(campaignPolicyContent(before, { campaigns: { boilers: US }, others: IT }, ['luce'])?.changes).toEqual([
      { campaign: 'boilers', from: GB, to: US },
    ]);
  });

  it('tell of every campaign that had calls when those of all others change', () => {
    const now = { campaigns: { boilers: GB }, others: US };
    expect(campaignPolicyContent(before, now, ['luce', 'boilers'])?.changes).toEqual([
      { campaign: 'luce', from: IT, to: US },
      { campaign: null, from: IT, to: US },
    ]);
  });

  it('tell of a campaign that is named now, or no more, by the rules it had', () => {
    expect(campaignPolicyContent(before, { campaigns: {}, others: IT }, [])?.changes).toEqual([
      { campaign: 'boilers', from: GB, to: IT },
    ]);
    // Named now, under the rules it had: nothing to tell.
    expect(campaignPolicyContent(before, { campaigns: { boilers: GB, luce: IT }, others: IT }, [])).toBeNull();
    const odd = { campaigns: {}, others: IT };
    expect(campaignPolicyContent(odd, { campaigns: { toString: US }, others: IT }, [])?.changes).toEqual([
      { campaign: 'toString', from: IT, to: US },
    ]);
  });

  it('fit an entry of the settings', () => {
    const content = campaignPolicyContent(before, { campaigns: {}, others: IT }, []);
    const { body } = settingsDraft('campaign-policy', content);
    expect(ledgerBodies.settings.safeParse(body)).toMatchObject({ success: true });
  });
});
