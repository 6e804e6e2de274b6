import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../call/call-event.ts';
import { newCallFacts } from '../call/call-facts.ts';
import type { EndedCall } from '../call/call-state.ts';
import { dialing, refusedAtOnce, transition } from '../call/transition.ts';
import {
  AGENT,
  eventOf,
  instantAt,
  invitedFacts,
  MACHINE,
  TERMINATED_FINAL,
  WAIT_THEN_DROP,
} from '../testing/call-samples.ts';
import { chosenJurisdiction } from './jurisdictions/chosen-jurisdiction.ts';
import { italy } from './jurisdictions/italy.ts';
import { networkAxisOf, q850CauseOf } from './network-axis.ts';
import { outcomeOf } from './outcome.ts';

const MACHINES_AS_A = chosenJurisdiction({ jurisdiction: 'it', machineAnswered: 'A', calleeHangUp: null });

const RULES = WAIT_THEN_DROP;

/** The ended call that these events make. */
function ended(...events: CallEvent[]): EndedCall {
  const state = events.reduce((before, event) => transition(before, event, RULES).state, dialing(invitedFacts()));
  if (state.name !== 'ended') throw new Error(`still ${state.name}`);
  return state;
}

const verdict = (...events: CallEvent[]) => outcomeOf(ended(...events), italy);
const answered = eventOf('callee-answered', 1000);
const cancelled = eventOf('dialer-cancelled', 1500);
const terminated: CallEvent = { type: 'carrier-refused', at: instantAt(1600), final: TERMINATED_FINAL };

describe('decision 83/2014 point 1: the class of an answered call', () => {
  it('is A when no agent came within the wait', () => {
    expect(verdict(answered, eventOf('deadline', 4000))).toEqual({
      network: 'answered',
      answeredBy: 'not-classified',
      handling: 'silent',
      class: 'A',
      endedBy: 'guard',
    });
  });

  it('is A when the callee hung up before an agent came', () => {
    expect(verdict(answered, eventOf('callee-hung-up', 2000))).toMatchObject({ class: 'A', endedBy: 'callee' });
  });

  it('is A when the dialer hung up on a waiting callee without saying why', () => {
    expect(verdict(answered, eventOf('dialer-hung-up', 2000))).toMatchObject({ class: 'A', endedBy: 'dialer' });
  });

  it('is A when the waiting callee, or the dialer, no longer answered in its dialog: the network ended the call', () => {
    expect(verdict(answered, eventOf('leg-lost', 2000))).toMatchObject({ class: 'A', endedBy: 'network' });
  });

  it('is B when the dialer reports a machine, at the BYE or before', () => {
    const bye: CallEvent = { type: 'dialer-hung-up', at: instantAt(2000), reason: null, disposition: MACHINE };
    expect(verdict(answered, bye)).toMatchObject({ answeredBy: 'machine', handling: 'machine-dropped', class: 'B' });
    expect(verdict(answered, eventOf('disposition-reported', 1200), eventOf('dialer-hung-up', 9000))).toMatchObject({
      handling: 'machine-dropped',
      class: 'B',
    });
  });

  it('is A for a reported machine where the jurisdiction says so', () => {
    const bye: CallEvent = { type: 'dialer-hung-up', at: instantAt(2000), reason: null, disposition: MACHINE };
    expect(outcomeOf(ended(answered, bye), MACHINES_AS_A).class).toBe('A');
  });

  it('is A for a person whose agent came after the wait, and that of a machine where a machine was found', () => {
    const late = eventOf('agent-bridged', 9000);
    const human: CallEvent = {
      type: 'disposition-reported',
      at: instantAt(9500),
      disposition: { answeredBy: 'human', method: null, source: 'http' },
    };
    const call = [answered, eventOf('disposition-reported', 2000), late] as const;
    expect(verdict(...call, eventOf('callee-hung-up', 12_000))).toMatchObject({ handling: 'agent', class: 'B' });
    expect(verdict(...call, human, eventOf('callee-hung-up', 12_000))).toMatchObject({ handling: 'agent', class: 'A' });
  });

  it('is B once an agent was connected, however the call ends', () => {
    for (const type of ['callee-hung-up', 'dialer-hung-up', 'media-failed', 'guard-restarted'] as const) {
      expect(verdict(answered, eventOf('agent-bridged', 2000), eventOf(type, 3500))).toMatchObject({
        handling: 'agent',
        class: 'B',
      });
    }
  });

  it('is A when a 2xx crossed our CANCEL', () => {
    expect(verdict(cancelled, eventOf('callee-answered', 1510))).toMatchObject({
      network: 'answered',
      handling: 'silent',
      class: 'A',
      endedBy: 'dialer',
    });
  });

  it('does not excuse technical causes (point 6)', () => {
    expect(verdict(answered, eventOf('media-failed', 1200))).toMatchObject({ class: 'A', endedBy: 'guard' });
    expect(verdict(answered, eventOf('guard-restarted', 2200))).toMatchObject({ class: 'A', endedBy: 'guard' });
  });
});

describe('the network axis', () => {
  it('tells a call that rang and was given up from one that never rang', () => {
    expect(verdict(eventOf('callee-ringing', 500), cancelled, terminated).network).toBe('no-answer');
    expect(verdict(cancelled, terminated).network).toBe('cancelled');
  });

  it("keeps the carrier's verdict when it crossed our CANCEL", () => {
    expect(verdict(cancelled, eventOf('carrier-refused', 1600)).network).toBe('busy');
  });

  it('is blocked for a call that a rule refused', () => {
    const refused = refusedAtOnce(newCallFacts(instantAt(0), AGENT, null), { status: 488, phrase: '', reason: null });
    expect(outcomeOf(refused, italy)).toMatchObject({ network: 'blocked', handling: 'none', class: null });
  });

  it.each([
    [486, null, 'busy'],
    [600, null, 'busy'],
    [603, null, 'rejected'],
    [608, null, 'rejected'],
    [404, null, 'invalid-number'],
    [503, null, 'congestion'],
    [500, null, 'network-failure'],
    [408, null, 'no-answer'],
    [302, null, 'unreachable'],
    [699, null, 'rejected'],
    [407, null, 'network-failure'],
    [433, null, 'rejected'],
    [480, null, 'unreachable'],
    // RFC 3398: 480 stands for three causes; the Reason header says which (RFC 6432).
    [480, 'Q.850;cause=19;text="no answer"', 'no-answer'],
    [480, 'Q.850;cause=20', 'unreachable'],
    [480, 'Q.850;cause=31;text="normal, unspecified"', 'unreachable'],
    [480, 'Q.850;cause=16', 'unreachable'],
    [480, 'Q.850;cause=1', 'invalid-number'],
    [480, 'SIP;cause=480, Q.850 ;cause=18', 'no-answer'],
    [404, 'Q.850;cause=3', 'unreachable'],
    [404, 'Q.850;cause=127', 'invalid-number'],
    [403, 'Q.850;cause=34', 'congestion'],
    [408, 'Q.850;cause=102', 'network-failure'],
    [486, 'Q.850;cause=21', 'rejected'],
    [603, 'Q.850;cause=17', 'busy'],
    [500, 'SIP;cause=486', 'network-failure'],
    [503, 'Q.850;cause=41, SIP;cause=503', 'network-failure'],
    [503, 'Q.850;cause=17', 'busy'],
    [499, null, 'unknown'],
  ])('%i with Reason %s is %s', (status, reason, network) => {
    expect(networkAxisOf({ status, phrase: '', reason })).toBe(network);
  });

  it('reads no cause where there is none', () => {
    expect(q850CauseOf('SIP;cause=200;text="Q.850;cause=16"')).toBeNull();
    expect(q850CauseOf('Q.850;cause=0')).toBeNull();
    expect(q850CauseOf('Q.850;cause=16;text="x"')).toBe(16);
  });
});
