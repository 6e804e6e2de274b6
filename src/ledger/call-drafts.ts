/** What the ledger is told of one call, from the decision on its INVITE to the corrections after its end. Pure. */
import { toIso, type WallMs } from '../base/clock.ts';
import type { OutcomeCorrection } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import type { AgentPromise, Ruling, ScreeningException } from '../policy/rules/ruling.ts';
import type { LedgerBody } from './ledger-body.ts';
import type { LedgerDraft, LedgerKind, Moves } from './ledger-entry.ts';

/** What an INVITE was, as far as the ledger keeps it: the called number's digest, never the number. */
export type DecidedInvite = {
  readonly callId: string;
  readonly dialerCallId: string;
  readonly invitedAt: WallMs;
  /** Local day of the INVITE, `YYYY-MM-DD`. */
  readonly day: string;
  readonly campaign: string;
  readonly controller: string;
  readonly digest: string;
  readonly callerId: string;
  readonly agent: AgentPromise;
  readonly exception: ScreeningException | null;
  /** Name and version of the rules. */
  readonly policy: string;
};

/** `decision`: what the rules said of one INVITE, allowed or refused, those included that are only observed. */
export function decisionDraft(invite: DecidedInvite, ruling: Ruling): LedgerDraft {
  const { callId, exception } = invite;
  return draft('decision', callId, {
    v: 2,
    callId,
    dialerCallId: invite.dialerCallId,
    invitedAt: toIso(invite.invitedAt),
    day: invite.day,
    campaign: invite.campaign,
    controller: invite.controller,
    digest: invite.digest,
    callerId: invite.callerId,
    agent: invite.agent,
    exception: exception === null ? null : { ...exception },
    policy: invite.policy,
    allowed: ruling.allowed,
    breaches: ruling.breaches.map(({ rule, mode, citation, facts, remedy, retryAfterS }) => ({
      ...{ rule, mode, citation, facts: { ...facts }, remedy, retryAfterS },
    })),
  });
}

/** `answer`: the 2xx, and the local day it makes the call belong to. */
export function answerDraft(callId: string, campaign: string, answeredAt: WallMs, day: string): LedgerDraft {
  return draft('answer', callId, { v: 1, callId, campaign, answeredAt: toIso(answeredAt), day });
}

/** Why a call that goes on has its class, and how that became known. */
export type ClassCause = Pick<LedgerBody<'class'>, 'cause' | 'source'>;

/** `class`: of a call that goes on: bridged, a reported machine, an observed wait that is over. */
export function classDraft(callId: string, at: WallMs, { cause, source }: ClassCause, moves: Moves): LedgerDraft {
  return draft('class', callId, { v: 2, callId, at: toIso(at), cause, source, ...bodyOf(moves) });
}

/** What an outcome's entry says besides the record. */
export type OutcomeContext = Pick<LedgerBody<'outcome'>, 'controller' | 'digest' | 'day' | 'counted'>;

/** `outcome`: the whole record but for the number, and its digest where there is one. */
export function outcomeDraft(record: OutcomeRecord, context: OutcomeContext, moves: Moves): LedgerDraft {
  const { callId } = record;
  const { controller, digest, day, counted } = context;
  const { number: _, ...rest } = record;
  const body = { v: 2, callId, controller, digest, day, counted, ...bodyOf(moves), record: { ...rest, ledger: null } };
  return draft('outcome', callId, body as LedgerBody<'outcome'>);
}

/** `correction`: what a later disposition changes. */
export function correctionDraft(callId: string, correction: OutcomeCorrection, moves: Moves): LedgerDraft {
  return draft('correction', callId, { v: 2, callId, ...bodyOf(moves), correction });
}

function draft<K extends LedgerKind>(kind: K, callId: string, body: LedgerBody<K> & LedgerDraft['body']): LedgerDraft {
  return { kind, callId, body };
}

function bodyOf({ count, lock }: Moves): Pick<LedgerBody<'class'>, 'count' | 'lock'> {
  return { count, lock: lock === null ? null : { ...lock, digests: [...lock.digests] } };
}
