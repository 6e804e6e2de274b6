/** Takes INVITEs: from the gate's judgement to a call that runs, or to one that was refused and is recorded as such. */
import type { Logger } from '../base/log.ts';
import { maskNumber } from '../base/redact.ts';
import { uuidV7 } from '../base/uuid.ts';
import { type CallId, newCallFacts } from '../call/call-facts.ts';
import { dialing, refusedAtOnce } from '../call/transition.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { type NumberPlan, toE164 } from '../policy/telephone-number.ts';
import type { AdmissionGate } from './admission-gate.ts';
import type { CallRegistry } from './call-registry.ts';
import { createCallRunner, finalOf, type RunnerContext } from './call-runner.ts';
import { refusedCall } from './event-port.ts';
import type { CallDossier } from './journal.ts';
import type { Announcement } from './media-port.ts';
import type { CallRuling, RulingDesk } from './ruling-desk.ts';
import type { CallLegs, CallSink, IncomingInvite } from './signaling-port.ts';

/** What INVITEs are taken with. */
export type CallIntakeParts = {
  readonly log: Logger;
  readonly gate: AdmissionGate;
  readonly registry: CallRegistry;
  readonly rulings: RulingDesk | null;
  /** How caller ids are read that rules compare. */
  readonly numberPlan: NumberPlan;
  /** The rules of law of a campaign, as the settings have them now. */
  readonly jurisdictionOf: (campaign: string) => Jurisdiction;
  readonly context: RunnerContext;
};

/** One INVITE in: its call, or null when it was refused at once. */
export type CallIntake = (invite: IncomingInvite, legs: CallLegs, draining: boolean) => CallSink | null;

/** A refusal's reason for counting only: no row is written for what may come a thousand times a second. */
const UNRECORDED_RULES: ReadonlySet<string> = new Set([
  'source',
  'draining',
  'store',
  'media',
  'capacity',
  'dialer-rate',
  'dialer-calls',
  'carriers',
]);

/** The intake of one guard. */
export function createCallIntake({
  log,
  gate,
  registry,
  rulings,
  numberPlan,
  jurisdictionOf,
  context,
}: CallIntakeParts): CallIntake {
  return (invite, legs, draining) => {
    const { campaign, kind, kindSource, teardown, announcement, way } = gate.judge(invite, draining);
    const dossier: CallDossier = {
      callId: uuidV7(invite.at.wallMs) as CallId,
      dialer: invite.caller?.type === 'dialer' ? invite.caller.name : null,
      kindSource,
      campaign,
      number: invite.number,
      callerId: invite.callerId,
      dialerReference: invite.reference,
      dialerCallId: invite.dialerCallId,
      carrierCallId: null,
      carrier: null,
      ...(announcement === null ? {} : { announcement: said(announcement) }),
      policy: jurisdictionOf(campaign).policy,
    };
    const facts = newCallFacts(invite.at, invite.agent, invite.disposition, kind, teardown);
    if ('refusal' in way) {
      const { refusal } = way;
      context.onRefused(refusal);
      log.info(
        { callId: dossier.callId, rule: refusal.rule, status: refusal.sipStatus, why: refusal.explanation },
        'call refused',
      );
      legs.refuse(refusal);
      if (UNRECORDED_RULES.has(refusal.rule)) return null;
      context.onEvent({ type: 'call.refused', at: invite.at.wallMs, data: refusedCall(dossier, refusal) });
      const runner = createCallRunner(dossier, refusedAtOnce(facts, finalOf(refusal)), legs, null, context);
      registry.add(runner);
      runner.finishAtOnce();
      return null;
    }
    const ruling = kind === 'guarded' ? rulingOf(dossier, invite) : null;
    const runner = createCallRunner(dossier, dialing(facts, ruling?.ringLimitMs), legs, { ...way, ruling }, context);
    registry.add(runner);
    log.info({ callId: dossier.callId, kind, campaign, number: maskNumber(invite.number) }, 'call taken');
    runner.start();
    if (invite.offer.kind === 'sdp') runner.dialerMedia(invite.offer.media);
    return runner;
  };

  function rulingOf({ callId, campaign, number, policy }: CallDossier, invite: IncomingInvite): CallRuling | null {
    const { at, agentPromise: agent, exception } = invite;
    const callerId = toE164(invite.callerId, numberPlan);
    return rulings?.of({ callId, campaign, policy, number, at: at.wallMs, callerId, agent, exception }) ?? null;
  }
}

function said({ name, text, sha256 }: Announcement): NonNullable<CallDossier['announcement']> {
  return { name, text, sha256 };
}
