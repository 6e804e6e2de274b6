import { elapsedMs, toIso, type WallMs } from '../base/clock.ts';
import { maskNumber } from '../base/redact.ts';
import type { CallState } from '../call/call-state.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { outcomeOf } from '../policy/outcome.ts';
import type { CallView } from './guard-view.ts';
import type { CallDossier } from './journal.ts';

/** A call as it is shown outside, its number masked. */
export function viewOf(dossier: CallDossier, state: CallState, jurisdiction: Jurisdiction): CallView {
  const { facts } = state;
  return {
    callId: dossier.callId,
    state: state.name,
    kind: facts.kind ?? 'guarded',
    campaign: dossier.campaign,
    number: maskNumber(dossier.number),
    dialerReference: dossier.dialerReference,
    dialerCallId: dossier.dialerCallId,
    agent: facts.agent,
    class: state.name === 'ended' ? outcomeOf(state, jurisdiction).class : null,
    answeredAt: facts.answeredAt === null ? null : toIso(facts.answeredAt.wallMs),
    waitEndsAt: waitEndsAt(state),
  };
}

function waitEndsAt({ name, facts: { answeredAt }, deadlineAt }: CallState): string | null {
  if (name !== 'waiting' || answeredAt === null) return null;
  return toIso((answeredAt.wallMs + elapsedMs(answeredAt.monotonicMs, deadlineAt)) as WallMs);
}
