import type { Report } from '../../ledger/report/report.ts';

/** A folder's name for a report: whatever a campaign is called, nothing but letters, digits, dots and hyphens. */
export function folderName({ campaign, period, id }: Pick<Report, 'campaign' | 'period' | 'id'>): string {
  const name = campaign.name.replaceAll(/[^\p{L}\p{N}.-]+/gu, '-').replace(/^[.-]+/, '');
  const days = period.from === period.to ? period.from : `${period.from}-${period.to}`;
  // The end of the id tells two reports of one period apart.
  return `report-${name}-${days}-${id.slice(-6)}`;
}
