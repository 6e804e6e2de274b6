/** What a report's manifest says of it: what is needed to place it without opening its files. Pure. */
import type { Json } from '../ledger-entry.ts';
import type { Report } from './report.ts';

/** Campaign, period, counts, rules and where in the ledger it ends. */
export function reportSubject(report: Report, language: string): { readonly [key: string]: Json } {
  const { campaign, period, total, policies, ledger } = report;
  return {
    campaign: campaign.name,
    controller: campaign.controller,
    period: period.kind,
    number: period.number,
    from: period.from,
    to: period.to,
    language,
    silent: total.silent,
    handled: total.handled,
    percent: total.percent,
    verdict: total.verdict,
    policies: policies.map(({ policy }) => policy),
    ledger: ledger.ranges.map(({ chain, first, last, lastHash, entries }) => ({
      chain,
      first,
      last,
      lastHash,
      entries,
    })),
    heads: ledger.heads.map(({ chain, seq, hash }) => ({ chain, seq, hash })),
  };
}
