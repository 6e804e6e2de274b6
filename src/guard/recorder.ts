/** From a finished call to the record that is stored and told: pure. */
import { elapsedMs, type Instant, type MonotonicMs, toIso, type WallMs } from '../base/clock.ts';
import { maskNumber } from '../base/redact.ts';
import type { Agent, CallFacts } from '../call/call-facts.ts';
import type { EndedCall } from '../call/call-state.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { q850CauseOf } from '../policy/network-axis.ts';
import { outcomeOf } from '../policy/outcome.ts';
import type { OutcomeRecord, SipExchange } from '../policy/outcome-record.ts';
import type { ClockState } from './clock-watch.ts';
import type { CallDossier } from './journal.ts';
import type { MediaReport } from './media-port.ts';
import { announcementRecord, waitRecord } from './wait-record.ts';

/** What the process that had the call saw of it, besides its facts. */
export type CallEvidence = {
  /** Null when media was never opened. */
  readonly report: MediaReport | null;
  readonly exchange: SipExchange;
  readonly clock: ClockState | null;
};

/**
 * The public record of an ended call.
 *
 * @param evidence null when it was lost with the process that had the call
 */
export function outcomeRecord(
  dossier: CallDossier,
  call: EndedCall,
  evidence: CallEvidence | null,
  jurisdiction: Jurisdiction,
): OutcomeRecord {
  const report = evidence?.report ?? null;
  const { facts } = call;
  const outcome = outcomeOf(call, jurisdiction);
  const endedAt = facts.endedAt ?? facts.invitedAt;
  const reason = call.reason ?? facts.carrierFinal?.reason ?? null;
  return {
    callId: dossier.callId,
    sequence: 1,
    kind: facts.kind ?? 'guarded',
    kindSource: dossier.kindSource ?? 'default',
    dialer: dossier.dialer ?? null,
    campaign: dossier.campaign,
    dialerReference: dossier.dialerReference,
    number: maskNumber(dossier.number),
    callerId: dossier.callerId,
    network: outcome.network,
    answeredBy: outcome.answeredBy,
    answeredByMethod: facts.disposition?.method ?? null,
    handling: outcome.handling,
    class: outcome.class,
    endedBy: outcome.endedBy,
    endCause: call.cause,
    teardown: teardownOf(facts),
    agent: agentOf(facts.agent),
    sip: {
      dialerCallId: dossier.dialerCallId,
      carrierCallId: dossier.carrierCallId,
      carrier: dossier.carrier,
      attempts: (dossier.attempts ?? []).map(({ carrier, status }) => ({ carrier, status })),
      status: facts.carrierFinal?.status ?? null,
      reason,
      q850: q850CauseOf(reason),
      exchange: evidence?.exchange ?? null,
    },
    times: {
      invited: toIso(facts.invitedAt.wallMs),
      ringing: isoOrNull(facts.ringingAt),
      answered: isoOrNull(facts.answeredAt),
      bridged: isoOrNull(facts.bridgedAt),
      ended: toIso(endedAt.wallMs),
    },
    ringMs: between(facts.ringingAt, facts.answeredAt ?? endedAt),
    waitMs: between(facts.answeredAt, facts.bridgedAt ?? endedAt),
    talkMs: between(facts.bridgedAt, endedAt),
    // After a restart the clock that never steps has begun anew.
    sinceInviteMs: evidence === null ? null : sinceInvite(facts, endedAt, report),
    comfortNoise: comfortNoiseOf(report, facts.invitedAt),
    ...waitRecord(facts, report, jurisdiction),
    announcement: announcementRecord(dossier, facts, report),
    media: mediaOf(report, facts.invitedAt),
    recallLock: null,
    policy: dossier.policy,
    clock: clockOf(evidence?.clock ?? null),
    ledger: null,
  };
}

function teardownOf({ teardownDueAt = null, teardown = 'enforce' }: CallFacts): OutcomeRecord['teardown'] {
  return teardownDueAt === null ? null : { mode: teardown, dueAt: toIso(teardownDueAt.wallMs) };
}

function agentOf(agent: Agent | null): OutcomeRecord['agent'] {
  if (agent === null) return null;
  const { id, source, name = null, extension = null, server = null, bridgedAtMs = null } = agent;
  return { id, source, name, extension, server, bridgedAt: bridgedAtMs === null ? null : toIso(bridgedAtMs as WallMs) };
}

function sinceInvite(
  { invitedAt, ringingAt, answeredAt, bridgedAt }: CallFacts,
  endedAt: Instant,
  report: MediaReport | null,
): OutcomeRecord['sinceInviteMs'] {
  const since = (at: MonotonicMs | null | undefined) =>
    at === null || at === undefined ? null : roundMs(Math.max(0, elapsedMs(invitedAt.monotonicMs, at)));
  return {
    ringing: since(ringingAt?.monotonicMs),
    answered: since(answeredAt?.monotonicMs),
    ambience: since(report?.ambience?.startedAt),
    bridged: since(bridgedAt?.monotonicMs),
    agentMedia: since(report?.firstToCalleeAt),
    ended: between(invitedAt, endedAt),
  };
}

function clockOf(state: ClockState | null): OutcomeRecord['clock'] {
  if (state === null) return null;
  const { synchronised, source, offsetMs, checkedAt } = state;
  return { synchronised, source, offsetMs, checkedAt: toIso(checkedAt) };
}

function comfortNoiseOf(report: MediaReport | null, known: Instant): OutcomeRecord['comfortNoise'] {
  if (report === null || report.ambience === null) return null;
  const { startedAfterMs, startedAt, stream, packets, codec, clip, clipSha256, levelDbm0 } = report.ambience;
  return {
    ...{ startedAfterMs: roundMs(startedAfterMs), startedAt: isoOf(startedAt, known), stream: { ...stream } },
    ...{ packets, codec, clip, clipSha256, levelDbm0, calleeReport: calleeReportOf(report) },
  };
}

function calleeReportOf({ calleeReport }: MediaReport): NonNullable<OutcomeRecord['comfortNoise']>['calleeReport'] {
  if (calleeReport === null) return null;
  const { lost, jitterMs, roundTripMs } = calleeReport;
  return { lost, jitterMs: roundMs(jitterMs), roundTripMs: roundTripMs === null ? null : roundMs(roundTripMs) };
}

function mediaOf(report: MediaReport | null, known: Instant): OutcomeRecord['media'] {
  if (report === null) return null;
  const { packetsToCallee, packetsFromCallee, packetsToDialer, packetsFromDialer, packetsRejected } = report;
  const iso = (at: MonotonicMs | null) => (at === null ? null : isoOf(at, known));
  return {
    ...{ packetsToCallee, packetsFromCallee, packetsToDialer, packetsFromDialer, packetsRejected },
    firstFromCallee: iso(report.firstFromCalleeAt),
    firstFromDialer: iso(report.firstFromDialerAt),
    firstToCallee: iso(report.firstToCalleeAt),
  };
}

/** The media plane counts monotonic time alone; the INVITE's moment is known by both clocks. */
function isoOf(at: MonotonicMs, known: Instant): string {
  return toIso((known.wallMs + elapsedMs(known.monotonicMs, at)) as WallMs);
}

function isoOrNull(instant: Instant | null): string | null {
  return instant === null ? null : toIso(instant.wallMs);
}

/** Milliseconds between two moments, 0 when the first never came; never negative, one decimal. */
function between(from: Instant | null, to: Instant): number {
  return from === null ? 0 : roundMs(Math.max(0, elapsedMs(from.monotonicMs, to.monotonicMs)));
}

function roundMs(durationMs: number): number {
  return Math.round(durationMs * 10) / 10;
}

/** What the log says of an outcome. */
export function summaryOf(record: OutcomeRecord): Record<string, unknown> {
  return {
    kind: record.kind,
    campaign: record.campaign,
    number: record.number,
    network: record.network,
    handling: record.handling,
    class: record.class,
    endCause: record.endCause,
    teardown: record.teardown?.mode ?? null,
    waitMs: record.waitMs,
    ambienceAfterMs: record.comfortNoise?.startedAfterMs ?? null,
  };
}
