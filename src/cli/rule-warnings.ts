import { refusedCampaigns } from '../config/rule-problems.ts';
import type { Settings } from '../config/settings.ts';

/** Campaigns that lack what a rule needs. Comment lines behind the YAML; '' when there are none. */
export function ruleWarnings(settings: Settings): string {
  const refused = refusedCampaigns(settings);
  if (refused.length === 0) return '';
  const lines = refused.map(({ path, message }) => `#   ${path}: ${message}`);
  return ['', '# Campaigns of which every call is refused:', ...lines, ''].join('\n');
}
