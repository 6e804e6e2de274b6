/**
 * What the rules of the law say of one INVITE (decision 83/2014 and what POLICY calls the rules around the call). Every rule
 * is a pure function of {@link RulingFacts} in a file of its own beside this one; `rule-on.ts` asks them all.
 */
import type { WallMs } from '../../base/clock.ts';
import type { Jurisdiction } from '../jurisdictions/jurisdiction.ts';
import type { CampaignTerms } from './campaign-terms.ts';
import type { CampaignStanding, NumberHistory } from './standing.ts';

/** The rules, in the order in which they are asked; the first enforced breach is what the dialer is told. */
export const LEGAL_RULES = [
  'campaign-dates',
  'roc',
  'declared-caller-id',
  'calling-hours',
  'opt-out',
  'screening',
  'recall-lock',
  'guaranteed-agent',
  'frequency',
  'abandonment-budget',
] as const;
/** One of them; a stable name, told in `X-Brusio-Decision`, the ledger and the metrics. */
export type LegalRule = (typeof LEGAL_RULES)[number];

/** Whether a rule is asked at all, only told, or refuses. */
export const RULE_MODES = ['off', 'observe', 'enforce'] as const;
/** One of them. */
export type RuleMode = (typeof RULE_MODES)[number];

/** What an INVITE says of an agent: nobody, promised, or on the dialer's line already. */
export type AgentPromise = 'none' | 'reserved' | 'connected';

/** Why a number may be called although the register does not clear it: what it is, and where that can be looked up. */
export type ScreeningException = {
  readonly basis: 'consent' | 'contract';
  readonly reference: string;
  /** Since when there is one, ISO 8601 with its distance from UTC; null: not said. A consent after an opt-out ends that. */
  readonly since: string | null;
};

/** Everything a ruling rests on. Plain data. */
export type RulingFacts = {
  readonly at: WallMs;
  /** Called number, E.164 where the number plan can place it. */
  readonly number: string;
  readonly callerId: string;
  readonly agent: AgentPromise;
  readonly exception: ScreeningException | null;
  readonly terms: CampaignTerms;
  readonly history: NumberHistory;
  readonly standing: CampaignStanding;
};

/** One rule that the call breaches. */
export type Breach = {
  readonly rule: LegalRule;
  /** Source with its point or article. */
  readonly citation: string;
  /** What was found, without numbers of people; figures with their unit in the name. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  /** What whoever places calls can do about it, in one sentence. */
  readonly remedy: string;
  /** When the call may come again, in whole seconds; null: not by waiting, or nobody knows. */
  readonly retryAfterS: number | null;
};

/** One rule: null when the call keeps it. Pure. `law` has its figures and citation. */
export type Rule = (facts: RulingFacts, law: Jurisdiction) => Breach | null;

/** What became of one INVITE. */
export type Ruling = {
  /** No enforced rule is breached. */
  readonly allowed: boolean;
  /** In the order of {@link LEGAL_RULES}; those that are only observed too. */
  readonly breaches: readonly (Breach & { readonly mode: 'observe' | 'enforce' })[];
};
