/** What happens, told as it happens to who watches: nobody is waited for, and nothing depends on it. */
import type { WallMs } from '../base/clock.ts';
import { maskNumber } from '../base/redact.ts';
import type { CallFacts, CallId } from '../call/call-facts.ts';
import type { CampaignAlertData } from '../policy/campaign-threshold.ts';
import type { Refusal } from '../policy/decision.ts';
import type { CorrectedOutcome } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import type { CallView } from './guard-view.ts';
import type { CallDossier } from './journal.ts';

/** A call that the rules did not let through. */
export type RefusedCall = Pick<Refusal, 'rule' | 'sipStatus' | 'explanation'> & {
  readonly callId: CallId;
  readonly campaign: string;
  readonly dialer: string | null;
  /** Masked. */
  readonly number: string;
};

/** The first packet of ambience went to the callee. */
export type StartedComfortNoise = {
  readonly callId: CallId;
  readonly campaign: string;
  /** 2xx received → packet handed to the kernel, ms. */
  readonly startedAfterMs: number;
};

/** One thing that happened. Types that the webhooks have too carry the same data. */
export type GuardEvent = { readonly at: WallMs } & (
  | { readonly type: 'call.answered' | 'call.agent_bridged'; readonly data: CallView }
  | { readonly type: 'call.comfort_noise_started'; readonly data: StartedComfortNoise }
  | { readonly type: 'call.refused'; readonly data: RefusedCall }
  /** After its commit. */
  | { readonly type: 'call.outcome'; readonly data: OutcomeRecord }
  | { readonly type: 'call.outcome_corrected'; readonly data: CorrectedOutcome }
  | { readonly type: 'campaign.threshold' | 'campaign.breached'; readonly data: CampaignAlertData }
);

/** Takes events; must be quick, and never throws. */
export type OnGuardEvent = (event: GuardEvent) => void;

/** Which moments of its life a call has come to with a step. */
export function momentsOf(before: CallFacts, after: CallFacts): readonly ('call.answered' | 'call.agent_bridged')[] {
  if (before === after) return NONE;
  const answered = before.answeredAt === null && after.answeredAt !== null;
  const bridged = before.bridgedAt === null && after.bridgedAt !== null;
  return answered || bridged ? [...(answered ? ANSWERED : NONE), ...(bridged ? BRIDGED : NONE)] : NONE;
}

const NONE = [] as const;
const ANSWERED = ['call.answered'] as const;
const BRIDGED = ['call.agent_bridged'] as const;

/** What is told of a refusal. */
export function refusedCall(
  { callId, campaign, dialer, number }: CallDossier,
  { rule, sipStatus, explanation }: Refusal,
): RefusedCall {
  return { callId, campaign, dialer: dialer ?? null, number: maskNumber(number), rule, sipStatus, explanation };
}

/** What is told of a campaign's alert. */
export function alertEvent(data: CampaignAlertData, at: WallMs): GuardEvent {
  return { type: data.threshold === null ? 'campaign.breached' : 'campaign.threshold', at, data };
}
