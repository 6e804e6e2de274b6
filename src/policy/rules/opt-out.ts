import { toIso } from '../../base/clock.ts';
import { type CampaignTerms, WHOLE_INSTALLATION } from './campaign-terms.ts';
import type { Rule } from './ruling.ts';

/**
 * The number's person did not say to this controller: never again. It holds without end. A contract is no answer to it, since
 * who objects to advertising objects within a contract too; a consent is, if it was given after the latest opt-out, and is no
 * promise of one.
 */
export const optOut: Rule = ({ at, exception, history, terms }, { admission }) => {
  const { optOut: said } = history;
  if (said === null) return null;
  const since = exception?.basis === 'consent' ? exception.since : null;
  if (since !== null && Date.parse(since) > said.at && Date.parse(since) <= at) return null;
  return {
    rule: 'opt-out',
    citation: admission.optOut.citation,
    facts: { controller: terms.controller, optedOutAt: toIso(said.at), by: said.source, consentSince: since },
    remedy:
      'take the number out for good; if its person asked for calls since, send that consent with its time in the INVITE',
    retryAfterS: null,
  };
};

/**
 * Whether an opt-out holds for a call. Who says never again to the whole installation says it to each controller, and where
 * one register is kept for all, to one is to all: whatever the settings were when it was said.
 */
export function bindsCall(
  scope: string,
  { lockScope, controller }: Pick<CampaignTerms, 'lockScope' | 'controller'>,
): boolean {
  return lockScope === WHOLE_INSTALLATION || scope === WHOLE_INSTALLATION || scope === controller;
}
