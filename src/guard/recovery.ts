/**
 * After a crash: every placed call without an outcome gets one, through the same table as a living call, and each of
 * its answered legs a BYE built from the journal, so that nobody is left on a dead line (DESIGN §1.6).
 */
import type { Clock, Instant, MonotonicMs } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { CallFacts, CallId } from '../call/call-facts.ts';
import type { CallState } from '../call/call-state.ts';
import { transition } from '../call/transition.ts';
import { jurisdictionOfStamp } from '../policy/jurisdictions/chosen-jurisdiction.ts';
import { createCallLedger, type LedgerContext } from './call-ledger.ts';
import type { ConnectRulesOf } from './call-runner.ts';
import type { DialogRecord, JournalledCall } from './journal.ts';
import { outcomeRecord } from './recorder.ts';
import type { Signaling } from './signaling-port.ts';
import type { OutcomeWebhooks, Store } from './store-port.ts';

/** What recovery needs. */
export type RecoveryContext = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signaling: Pick<Signaling, 'endDialog'>;
  readonly store: Pick<Store, 'recordOutcome'>;
  readonly connectOf: ConnectRulesOf;
  readonly ledger: LedgerContext;
  readonly outcomeWebhooks: OutcomeWebhooks;
  /** Called for each call whose outcome was committed. */
  readonly onRecovered: (callId: CallId) => void;
};

/** Told in the BYEs of a recovered call. */
const RESTART_REASON = 'Q.850;cause=41;text="restarted"';

/** BYEs under way at once: a thousand calls must not be one burst. */
const RECOVERIES_AT_ONCE = 100;

/** Ends and records every journalled call. Never rejects. */
export async function recoverCalls(calls: readonly JournalledCall[], context: RecoveryContext): Promise<void> {
  const waiting = [...calls];
  const worker = async (): Promise<void> => {
    for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) await recoverCall(call, context);
  };
  await Promise.all(Array.from({ length: Math.min(RECOVERIES_AT_ONCE, calls.length) }, worker));
}

async function recoverCall(call: JournalledCall, context: RecoveryContext): Promise<void> {
  const { clock, store } = context;
  const log = context.log.child({ callId: call.dossier.callId });
  try {
    const now = clock.now();
    const { policy, campaign } = call.dossier;
    const jurisdiction = jurisdictionOfStamp(policy);
    const rules = context.connectOf(jurisdiction, campaign);
    const { state } = transition(reanchored(call.state, now), { type: 'guard-restarted', at: now }, rules);
    if (state.name !== 'ended') throw new Error(`a journalled call was ${call.state.name}`);
    // The BYEs first: while they are not out, the journal must still know the dialogs.
    const { dialer, carrier } = call.dialogs;
    await Promise.all([
      dialer === undefined ? null : endDialog(dialer, null, context, log),
      carrier === undefined ? null : endDialog(carrier, call.dossier.carrier, context, log),
    ]);
    const { callId } = call.dossier;
    const ledger = createCallLedger(call.dossier, context.ledger);
    const entry = ledger.outcome(outcomeRecord(call.dossier, state, null, jurisdiction), state);
    const { record } = entry;
    const webhooks = context.outcomeWebhooks(record, callId, clock.now().wallMs);
    await store.recordOutcome({ ...entry, webhooks });
    context.onRecovered(callId);
    log.info({ handling: record.handling, class: record.class }, 'call recovered after a restart');
  } catch (thrown) {
    log.error({ problem: describeError(thrown) }, 'call could not be recovered: it stays in the journal');
  }
}

async function endDialog(
  dialog: DialogRecord,
  carrier: string | null,
  context: RecoveryContext,
  log: Logger,
): Promise<void> {
  try {
    const status = await context.signaling.endDialog(dialog, RESTART_REASON, carrier);
    log.info({ status }, 'leg ended after a restart');
  } catch (thrown) {
    log.warn({ problem: describeError(thrown) }, 'leg did not confirm its BYE');
  }
}

/**
 * The state with its monotonic times moved to this process's clock: the old ones count from another origin. What was
 * so many ms ago by the wall clock is so many ms ago now.
 */
export function reanchored(state: CallState, now: Instant): CallState {
  const facts = state.facts;
  const move = <T extends Instant | null>(instant: T): T =>
    instant === null ? instant : { ...instant, monotonicMs: monotonicOf(instant.wallMs, now) };
  const moved: CallFacts = {
    ...facts,
    invitedAt: move(facts.invitedAt),
    ringingAt: move(facts.ringingAt),
    answeredAt: move(facts.answeredAt),
    bridgedAt: move(facts.bridgedAt),
    agentLeftAt: move(facts.agentLeftAt),
    teardownDueAt: move(facts.teardownDueAt ?? null),
    greeting: greetingOf(facts, move),
    announcement: announcementOf(facts, move),
    cancelledAt: move(facts.cancelledAt),
    endedAt: move(facts.endedAt),
  };
  return { ...state, facts: moved };
}

type Move = <T extends Instant | null>(instant: T) => T;

function greetingOf({ greeting = null }: CallFacts, move: Move): NonNullable<CallFacts['greeting']> | null {
  return greeting === null ? null : { startedAt: move(greeting.startedAt), endedAt: move(greeting.endedAt) };
}

function announcementOf({ announcement = null }: CallFacts, move: Move): NonNullable<CallFacts['announcement']> | null {
  if (announcement === null) return null;
  const { startedAt, endedAt, optOut } = announcement;
  return {
    startedAt: move(startedAt),
    endedAt: move(endedAt),
    optOut: optOut === null ? null : { ...optOut, at: move(optOut.at) },
  };
}

function monotonicOf(wallMs: number, now: Instant): MonotonicMs {
  return (now.monotonicMs - (now.wallMs - wallMs)) as MonotonicMs;
}
