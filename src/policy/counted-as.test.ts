import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../call/call-event.ts';
import { type Disposition, newCallFacts } from '../call/call-facts.ts';
import type { CallState } from '../call/call-state.ts';
import { dialing, transition } from '../call/transition.ts';
import { eventOf, instantAt, invitedFacts, MACHINE, WAIT_THEN_DROP } from '../testing/call-samples.ts';
import { countOf, judged } from './counted-as.ts';
import { chosenJurisdiction } from './jurisdictions/chosen-jurisdiction.ts';
import { italy } from './jurisdictions/italy.ts';
import type { Jurisdiction } from './jurisdictions/jurisdiction.ts';
import { outcomeOf } from './outcome.ts';

const machinesAsA = chosenJurisdiction({ jurisdiction: 'it', machineAnswered: 'A', calleeHangUp: null });
const hangUpsAsB = chosenJurisdiction({ jurisdiction: 'it', machineAnswered: null, calleeHangUp: 'B' });
const observed = newCallFacts(instantAt(0), null, null, 'guarded', 'observe');
const HUMAN: Disposition = { answeredBy: 'human', method: null, source: 'http' };

const answered = eventOf('callee-answered', 1000);
const reported = (ms: number, disposition = MACHINE): CallEvent => ({
  ...{ type: 'disposition-reported', at: instantAt(ms), disposition },
});

/** How the call counts after each event. */
function counts(events: readonly CallEvent[], jurisdiction: Jurisdiction = italy, facts = invitedFacts()) {
  const rules = { ...WAIT_THEN_DROP, machineReleases: jurisdiction.options.machineAnswered.value === 'B' };
  let state: CallState = dialing(facts);
  return events.map((event) => {
    state = transition(state, event, rules).state;
    const counted = countOf(state, jurisdiction);
    return counted === null ? null : `${counted.class} ${counted.as}`;
  });
}

describe('decision 83/2014 point 1: when a call counts', () => {
  it('is at the bridge for class B', () => {
    const events = [answered, eventOf('agent-bridged', 2000), eventOf('callee-hung-up', 9000)];
    expect(counts(events)).toEqual([null, 'B agent', 'B agent']);
  });

  it('is at the end of the wait for class A, whoever ends it', () => {
    expect(counts([answered, eventOf('deadline', 4000)])).toEqual([null, 'A silent']);
    expect(counts([answered, eventOf('dialer-hung-up', 2000)])).toEqual([null, 'A silent']);
    expect(counts([answered, eventOf('leg-lost', 2000)])).toEqual([null, 'A silent']);
    expect(counts([answered, eventOf('media-failed', 2000)])).toEqual([null, 'A silent']);
  });

  it('is at the report for a machine, and taken back with it', () => {
    const events = [answered, reported(1500), reported(2000, HUMAN), eventOf('deadline', 4000)];
    expect(counts(events)).toEqual([null, 'B machine', null, 'A silent']);
  });

  it('is at the end of an observed wait, however the call goes on', () => {
    const events = [
      answered,
      eventOf('deadline', 4000),
      eventOf('agent-bridged', 5000),
      eventOf('callee-hung-up', 9000),
    ];
    expect(counts(events, italy, observed)).toEqual([null, 'A silent', 'A silent', 'A silent']);
    expect(counts([answered, eventOf('deadline', 4000), reported(5000)], italy, observed)).toEqual([
      ...[null, 'A silent', 'B machine'],
    ]);
  });

  it('is at the 2xx that crosses a CANCEL', () => {
    expect(counts([eventOf('dialer-cancelled', 900), answered])).toEqual([null, 'A silent']);
  });

  it('is never for a call that nobody answered, or that is not guarded', () => {
    expect(counts([eventOf('carrier-refused', 900)])).toEqual([null]);
    const manual = newCallFacts(instantAt(0), null, null, 'manual');
    expect(counts([answered, eventOf('callee-hung-up', 9000)], italy, manual)).toEqual([null, null]);
  });
});

describe('the readings that are options', () => {
  it('count a reported machine in class A, at the end of its wait', () => {
    expect(counts([answered, reported(1500), eventOf('deadline', 4000)], machinesAsA)).toEqual([
      null,
      null,
      'A machine',
    ]);
    expect(counts([answered, reported(1500), eventOf('agent-bridged', 2000)], machinesAsA).at(-1)).toBe('B agent');
  });

  it('count a callee who hangs up before the end of the wait in class A, or in B', () => {
    const early = [answered, eventOf('callee-hung-up', 3999.9)];
    expect(counts(early).at(-1)).toBe('A callee-hung-up');
    expect(counts(early, hangUpsAsB).at(-1)).toBe('B callee-hung-up');
  });

  it('count a callee who hangs up at the end of the wait or after it as silent, even when our timer was late', () => {
    expect(counts([answered, eventOf('callee-hung-up', 4000)], hangUpsAsB).at(-1)).toBe('A silent');
    // A record keeps tenths: what it rounds up to the limit is at the limit.
    expect(counts([answered, eventOf('callee-hung-up', 3999.96)], hangUpsAsB).at(-1)).toBe('A silent');
    const overdue = [answered, eventOf('deadline', 4000), eventOf('callee-hung-up', 4100)];
    expect(counts(overdue, hangUpsAsB, observed).at(-1)).toBe('A silent');
  });

  it('count a machine that hangs up as a machine', () => {
    expect(counts([answered, reported(1500), eventOf('callee-hung-up', 2000)], hangUpsAsB).at(-1)).toBe('B machine');
  });
});

describe('a count', () => {
  const axis = {
    relayed: fc.boolean(),
    answeredBy: fc.constantFrom('human' as const, 'machine' as const, 'fax' as const, 'not-classified' as const),
    greeting: fc.option(
      fc.record({
        startedMs: fc.integer({ min: 0, max: 3000 }),
        endedMs: fc.option(fc.integer({ min: 0, max: 9000 })),
      }),
    ),
    announced: fc.boolean(),
    agentAfterMs: fc.option(fc.integer({ min: 0, max: 9000 })),
    wasOverdue: fc.boolean(),
    calleeHungUpAfterMs: fc.option(fc.integer({ min: 0, max: 9000 })),
  };

  it('differs between the options in its class alone, and only for what the option names', () => {
    fc.assert(
      fc.property(fc.record(axis), (call) => {
        const [usual, machines, hangUps] = [italy, machinesAsA, hangUpsAsB].map((one) => judged(call, one).counted);
        expect(machines?.as).toBe(usual?.as);
        expect(hangUps?.as).toBe(usual?.as);
        if (usual?.as !== 'machine') expect(machines).toEqual(usual);
        if (usual?.as !== 'callee-hung-up') expect(hangUps).toEqual(usual);
      }),
    );
  });

  it('of an ended call is its outcome’s class', () => {
    const types = ['callee-hung-up', 'dialer-hung-up', 'dialer-cancelled', 'deadline', 'leg-lost'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.constantFrom(italy, machinesAsA, hangUpsAsB), (type, jurisdiction) => {
        const rules = { ...WAIT_THEN_DROP, machineReleases: false };
        const waiting = transition(dialing(invitedFacts()), answered, rules).state;
        const { state } = transition(waiting, eventOf(type, 4000), rules);
        if (state.name !== 'ended') return;
        expect(countOf(state, jurisdiction)?.class ?? null).toBe(outcomeOf(state, jurisdiction).class);
      }),
    );
  });
});
