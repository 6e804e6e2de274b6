/**
 * The rules of law, asked once for each guarded call before it is placed, and once more when the agent it was promised
 * leaves while it rings. What they cannot be asked is refused: nobody is called on a rule that nobody looked at.
 */
import type { WallMs } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { CallId } from '../call/call-facts.ts';
import { rulesUnavailable } from '../policy/admission.ts';
import type { Refusal } from '../policy/decision.ts';
import type { CampaignTerms } from '../policy/rules/campaign-terms.ts';
import { refusalOf } from '../policy/rules/refusal-of.ts';
import type { Ruling } from '../policy/rules/ruling.ts';
import type { JournalledCall } from './journal.ts';
import type { CallAtRisk, RulingRequest, Rulings } from './ruling-port.ts';

/** What the desk works with. */
export type RulingDeskParts = {
  readonly rulings: Rulings;
  readonly log: Logger;
  /** The terms of a campaign. */
  readonly termsOf: (campaign: string) => CampaignTerms;
  /** A number's digests under every key that is still looked up by, newest first. */
  readonly digestsOf: (number: string) => readonly string[];
};

/** One guarded call before the rules. */
export type CallRuling = {
  /** How long it may ring, ms. */
  readonly ringLimitMs: number;
  /** It was admitted with an agent, on the line or promised. */
  readonly withAgent: boolean;
  /** What the INVITE said. */
  readonly invite: RuledInvite;
  /** Never rejects. */
  ask(): Promise<Verdict>;
  /** The same, once its promised agent has left. */
  askWithoutAgent(): Promise<Verdict>;
  /** Told as it happens, so that its room is held on the right day and no longer than needed. */
  answered(at: WallMs): void;
  counted(): void;
  /** Resolves when its class may be committed that may change once more; never rejects. */
  uncounted(): Promise<void>;
  released(): void;
};

/** What the rules say, and what the dialer is told of it; no ruling where they could not be asked. */
export type Verdict = { readonly ruling: Ruling | null; readonly refusal: Refusal | null };

/** What an INVITE says that rules look at. */
export type RuledInvite = Omit<RulingRequest, 'digests' | 'terms'> & { readonly campaign: string };

/** Asks the rules for one guard. */
export type RulingDesk = {
  start(left: readonly JournalledCall[]): Promise<void>;
  of(invite: RuledInvite): CallRuling;
  /** The outcome of a call of an earlier process is committed. */
  released(callId: CallId): void;
  /** Breaches since the start, as `rule|mode`. */
  counts(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
};

/** A desk that has not been started. */
export function createRulingDesk({ rulings, log, termsOf, digestsOf }: RulingDeskParts): RulingDesk {
  const counts: Record<string, number> = {};

  return {
    start: (left) => rulings.start(left.filter(isGuarded).map(atRisk)),
    of({ campaign, ...invite }) {
      const terms = termsOf(campaign);
      const request: RulingRequest = { ...invite, digests: digestsOf(invite.number), terms };
      const { callId } = invite;
      return {
        ringLimitMs: terms.ringLimitMs,
        invite: { campaign, ...invite },
        withAgent: invite.agent !== 'none',
        ask: () => judged(request, () => rulings.rule(request)),
        askWithoutAgent: () => judged({ ...request, agent: 'none' }, () => rulings.withoutAgent(callId)),
        answered: (at) => rulings.answered(callId, at),
        counted: () => rulings.counted(callId),
        uncounted: () => rulings.uncounted(callId),
        released: () => rulings.released(callId),
      };
    },
    released: (callId) => rulings.released(callId),
    counts: () => ({ ...counts }),
    stop: () => rulings.stop(),
  };

  async function judged(request: RulingRequest, ask: () => Promise<Ruling>): Promise<Verdict> {
    const { callId, terms } = request;
    let ruling: Ruling;
    try {
      ruling = await ask();
    } catch (thrown) {
      const problem = describeError(thrown);
      log.error({ callId, problem }, 'the rules cannot be asked: the call is refused');
      return { ruling: null, refusal: rulesUnavailable(problem) };
    }
    for (const { rule, mode, facts } of ruling.breaches) {
      counts[`${rule}|${mode}`] = (counts[`${rule}|${mode}`] ?? 0) + 1;
      const said = { callId, campaign: terms.campaign, rule, mode, facts };
      // What is only observed may be every call: the ledger and the metrics have it.
      if (mode === 'enforce') log.info(said, 'a rule is breached');
      else log.debug(said, 'a rule is breached');
    }
    return { ruling, refusal: refusalOf(ruling) };
  }

  function atRisk({ dossier, state }: JournalledCall): CallAtRisk {
    const { callId, campaign, number, policy } = dossier;
    const { facts } = state;
    const { lockScope } = termsOf(campaign);
    return {
      ...{ callId, campaign, lockScope, policy },
      at: facts.invitedAt.wallMs,
      digests: digestsOf(number),
      agent: facts.agent === null ? 'none' : 'connected',
      answeredAt: facts.answeredAt?.wallMs ?? null,
    };
  }
}

function isGuarded({ state }: JournalledCall): boolean {
  return (state.facts.kind ?? 'guarded') === 'guarded';
}
