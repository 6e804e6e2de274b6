/** Why a call has its class, in plain words, with the source. Pure. */

import type { Cited, Jurisdiction } from '../../policy/jurisdictions/jurisdiction.ts';
import type { CorrectedOutcome } from '../../policy/outcome-correction.ts';
import { countIn } from '../../policy/outcome-correction.ts';
import type { ReportLanguage } from '../report/report-language.ts';
import type { CallStory } from './call-story.ts';
import { STORY_WORDS } from './story-words.ts';

/** `law`: null where this Brusio does not know the rules that were counted by. */
export function verdictOf(
  outcome: CorrectedOutcome,
  decision: CallStory['decision'],
  law: Jurisdiction | null,
  language: ReportLanguage,
): CallStory['verdict'] {
  const words = STORY_WORDS[language].why;
  const said = (why: string, cited: Pick<Cited<unknown>, 'citation' | 'reading' | 'fromMemory'> | null = null) => ({
    ...{ class: outcome.class, why, citation: cited?.citation ?? null, reading: cited?.reading ?? null },
    fromMemory: cited?.fromMemory ?? false,
  });
  const { kind, network, sip, times, waitMs, answeredBy, answeredByMethod, agent } = outcome;
  if (network === 'blocked') {
    const rules = decision?.rules.filter(({ result, mode }) => result === 'breached' && mode === 'enforce') ?? [];
    const first = rules[0];
    const by = rules.map(({ rule }) => rule).join(', ') || `SIP ${sip.status ?? '-'}`;
    return said(words.blocked(by), first === undefined ? null : { citation: first.citation ?? '', reading: null });
  }
  if (times.answered === null) return said(words.notAnswered(network, sip.status, sip.q850));
  if (kind !== 'guarded') return said(words.relayed(kind));
  if (law === null) return said(words.unknownRules(outcome.policy));
  const { limitMs, from } = law.wait;
  const limit = limitMs.value / 1_000;
  const wait = Math.round(waitMs) / 1_000;
  const { waitFrom } = outcome;
  const counted = countIn(outcome, law);
  switch (counted?.as) {
    case 'agent':
      return said(words.agent(agent?.id ?? '?', agent?.source ?? '?', wait, limit, waitFrom), limitMs);
    case 'machine':
      return said(words.machine(answeredBy, answeredByMethod), law.options.machineAnswered);
    case 'callee-hung-up':
      return said(words.calleeHungUp(wait, limit), law.options.calleeHangUp);
    case 'silent':
      return said(words.silent(outcome, wait, limit), limitMs);
    default:
      return said(words.notCounted(law.policy), from);
  }
}
