import { campaignJurisdictions } from '../config/campaign-jurisdictions.ts';
import { machineFalsePositive } from '../config/campaign-terms.ts';
import type { Settings } from '../config/settings.ts';

/**
 * Campaigns whose law has an estimate of machine detection's false positives in P, and that have none. Comment lines behind
 * the YAML; '' when there are none.
 */
export function estimateWarnings(settings: Settings): string {
  const lawOf = campaignJurisdictions(settings);
  // No campaign has the empty name: it has what all have that are not named.
  const without = [...settings.campaigns.named.map(({ name }) => name), ''].filter(
    (campaign) =>
      lawOf(campaign).machinesInRatio?.detection === 'used' && machineFalsePositive(settings, campaign) === null,
  );
  if (without.length === 0) return '';
  const { citation } = lawOf(without[0] ?? '').machinesInRatio?.falsePositives ?? { citation: '' };
  return [
    ...['', '# P is without the estimate of machine detection that the rules ask for (machineFalsePositive), or'],
    `# machineDetection is to be none. ${citation}:`,
    ...without.map((campaign) => `#   ${campaign === '' ? 'campaigns that are not named' : campaign}`),
    '',
  ].join('\n');
}
