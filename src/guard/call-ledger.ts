/**
 * What a call tells the ledger: the ruling on it, its answer, its class as soon as that is known while it goes on, its
 * outcome. Class B counts at the bridge or the reported machine, class A at the end of the wait (decision 83/2014 point 2).
 */
import { assert } from '../base/assert.ts';
import type { Instant, WallMs } from '../base/clock.ts';
import { localTimeOf } from '../base/local-time.ts';
import type { CallState, EndedCall } from '../call/call-state.ts';
import { answerDraft, type ClassCause, classDraft, decisionDraft } from '../ledger/call-drafts.ts';
import type { CountedAs, LedgerDraft, Moves } from '../ledger/ledger-entry.ts';
import {
  type CountedCall,
  isSameCount,
  lockMomentsIn,
  lockMomentsOf,
  movesOf,
  recallLockOf,
} from '../policy/count-move.ts';
import { countOf } from '../policy/counted-as.ts';
import { jurisdictionOfStamp } from '../policy/jurisdictions/chosen-jurisdiction.ts';
import { type CorrectedOutcome, countIn } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import type { AgentPromise, Ruling, ScreeningException } from '../policy/rules/ruling.ts';
import type { CallDossier } from './journal.ts';
import type { CallOwner, OutcomeEntry } from './store-port.ts';

/** For whom a campaign's calls are made, and where its numbers' locks are. */
export type CampaignOwner = { readonly controller: string; readonly lockScope: string };

/** What every call's entries are made with. */
export type LedgerContext = {
  readonly ownerOf: (campaign: string) => CampaignOwner;
  /** A number's digests under every key that is still looked up by, newest first; at least one. */
  readonly digestsOf: (number: string) => readonly string[];
};

/** The entries of one call, in their order. */
export type CallLedger = {
  decision(invite: RuledInvite, ruling: Ruling): LedgerDraft;
  /** Those of a step between two states. */
  step(before: CallState, after: CallState, at: Instant): readonly LedgerDraft[];
  /** How it counts so far; null: not yet. */
  counted(): CountedAs | null;
  /** Of its record; what the record tells of the number's lock is in it. */
  outcome(record: OutcomeRecord, call: EndedCall): Omit<OutcomeEntry, 'webhooks'>;
};

/** What an INVITE says that a decision's entry keeps. */
export type RuledInvite = {
  readonly at: WallMs;
  readonly agent: AgentPromise;
  readonly exception: ScreeningException | null;
};

/** The entries of one call, by the rules it was placed under; how it was counted by an earlier process the store knows. */
export function createCallLedger(
  { callId, dialerCallId, campaign, callerId, number, policy }: CallDossier,
  { ownerOf, digestsOf }: LedgerContext,
): CallLedger {
  const jurisdiction = jurisdictionOfStamp(policy);
  const digests = digestsOf(number);
  const digest = digests[0] ?? '';
  const { controller, lockScope } = ownerOf(campaign);
  let soFar: CountedAs | null = null;

  return {
    decision: (invite, ruling) =>
      decisionDraft(
        {
          ...{ callId, dialerCallId, campaign, controller, digest, callerId, policy },
          ...{ invitedAt: invite.at, day: dayOf(invite.at), agent: invite.agent, exception: invite.exception },
        },
        ruling,
      ),
    step(before, after, at) {
      const { answeredAt } = after.facts;
      if (answeredAt === null) return [];
      const drafts: LedgerDraft[] = [];
      if (before.facts.answeredAt === null)
        drafts.push(answerDraft(callId, campaign, answeredAt.wallMs, dayOf(answeredAt.wallMs)));
      // The outcome's own entry counts a call that is over.
      const now = after.name === 'ended' ? null : countOf(after, jurisdiction);
      // A machine that is taken back stays counted until it is known what it is: at the end of the wait, or of the call.
      if (now !== null && !isSameCount(soFar, now)) {
        const moves = movesOf(call(answeredAt.wallMs), soFar, now, lockMomentsOf(after.facts, at), jurisdiction);
        drafts.push(classDraft(callId, at.wallMs, causeOf(after), moves));
        soFar = now;
      }
      return drafts;
    },
    counted: () => soFar,
    outcome(plain, ended) {
      const { answeredAt, endedAt, invitedAt } = ended.facts;
      const moments = lockMomentsOf(ended.facts, endedAt ?? invitedAt);
      const counts = countOf(ended, jurisdiction);
      const record = { ...plain, recallLock: recallLockOf(counts, moments, jurisdiction) };
      const moves =
        answeredAt === null ? NO_MOVES : movesOf(call(answeredAt.wallMs), soFar, counts, moments, jurisdiction);
      const day = answeredAt === null ? null : dayOf(answeredAt.wallMs);
      const optedOut = ended.facts.announcement?.optOut ?? null;
      const optOut = optedOut === null ? null : { scope: lockScope, at: optedOut.at.wallMs };
      return { record, number, digest, controller, day, optOut, ...moves };
    },
  };

  function call(answeredAt: WallMs): CountedCall {
    return { campaign, controller, lockScope, digests, answeredAt };
  }

  function dayOf(at: WallMs): string {
    return localTimeOf(jurisdiction.timeZone, at).day;
  }
}

/** What a correction moves, in the day of its call's 2xx, by the rules it was placed under. */
export function correctionMoves(
  before: CorrectedOutcome,
  after: CorrectedOutcome,
  owner: CallOwner | null,
  { ownerOf }: Pick<LedgerContext, 'ownerOf'>,
): Moves {
  const { campaign, times, policy } = after;
  const jurisdiction = jurisdictionOfStamp(policy);
  const correction = after.corrections.at(-1);
  assert(correction !== undefined && times.answered !== null, 'only an answered call is corrected');
  const { controller, lockScope } = ownerOf(campaign);
  const digest = owner?.digest ?? null;
  const call: CountedCall = {
    ...{ campaign, lockScope, controller: owner?.controller ?? controller },
    digests: digest === null ? [] : [digest],
    answeredAt: Date.parse(times.answered) as WallMs,
  };
  const moments = lockMomentsIn(after, Date.parse(correction.at) as WallMs);
  const moves = movesOf(call, countIn(before, jurisdiction), countIn(after, jurisdiction), moments, jurisdiction);
  // Calls of version 0.1 have no digest: their numbers have no lock either.
  return digest === null ? { ...moves, lock: null } : moves;
}

const NO_MOVES = { count: null, lock: null };

/** Why a call that goes on has its class. */
function causeOf({ name, facts }: CallState): ClassCause {
  if (name === 'overdue' || name === 'announcing') return { cause: 'wait-over', source: null };
  if (name === 'bridged') return { cause: 'agent-bridged', source: facts.agent?.source ?? null };
  return { cause: 'machine-reported', source: facts.disposition?.source ?? null };
}
