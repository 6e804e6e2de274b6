import { beforeEach, describe, expect, it } from 'vitest';
import { italy } from '../policy/jurisdictions/italy.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { unitedKingdom } from '../policy/jurisdictions/united-kingdom.ts';
import { unitedStates } from '../policy/jurisdictions/united-states.ts';
import { eventOf, MACHINE, WAIT_THEN_DROP } from '../testing/call-samples.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import {
  type FakeSignaling,
  type FakeStore,
  fakeMedia,
  fakeSignaling,
  fakeStore,
  type Trace,
} from '../testing/fake-ports.ts';
import { sampleGuardParts } from '../testing/guard-parts.ts';
import { createGuardCore, type Guard } from './guard.ts';
import type { JournalledCall } from './journal.ts';

let clock: FakeClock;
let store: FakeStore;
let signaling: FakeSignaling;
let guard: Guard;
let trace: Trace;
let laws: Record<string, Jurisdiction>;

const settle = () => new Promise((resolve) => setImmediate(resolve));

async function start(left: readonly JournalledCall[] = []): Promise<void> {
  trace = [];
  clock = fakeClock();
  store = fakeStore(trace, left);
  signaling = fakeSignaling(trace);
  laws = { luce: italy, boilers: unitedKingdom };
  const parts = sampleGuardParts({ ...{ trace, clock, store, signaling }, media: fakeMedia(trace), agentSources: [] });
  guard = createGuardCore({
    ...parts,
    jurisdictionOf: (campaign) => laws[campaign] ?? italy,
    // The wait counts from the answer: nothing is heard of the callee here.
    rules: { ...parts.rules, connectOf: (law) => ({ ...WAIT_THEN_DROP, waitLimitMs: law.wait.limitMs.value }) },
  });
  await guard.start();
}

/** A call of the campaign, answered now. */
async function answered(campaign: string, reference: string) {
  const { sink } = signaling.invite({ campaign, reference, dialerCallId: reference, at: clock.now() });
  await settle();
  if (sink === null) throw new Error('refused');
  sink.event({ ...eventOf('callee-answered', 0), at: clock.now() });
  return sink;
}

const recordOf = (campaign: string) => store.outcomes.find(({ record }) => record.campaign === campaign)?.record;

beforeEach(() => start());

describe('calls of two campaigns under two laws', () => {
  it('wait as long as each law lets them, and say by which they were judged', async () => {
    await answered('luce', 'a');
    await answered('boilers', 'b');
    clock.advance(2000);
    await settle();
    expect(recordOf('boilers')).toMatchObject({ policy: 'gb-ofcom-2010@1', class: 'A', waitMs: 2000 });
    expect(Object.values(recordOf('boilers')?.recallLock ?? {})).toContain('free');
    expect(recordOf('luce')).toBeUndefined();
    clock.advance(1000);
    await settle();
    expect(recordOf('luce')).toMatchObject({ policy: italy.policy, class: 'A', waitMs: 3000 });
  });
});

describe('a campaign that goes from one law to another', () => {
  it('leaves the calls that were placed under the one before, corrections long after it included', async () => {
    const call = await answered('luce', 'a');
    laws.luce = unitedStates;
    clock.advance(3000);
    await settle();
    expect(recordOf('luce')).toMatchObject({ policy: italy.policy, class: 'A', waitMs: 3000 });
    const reported = guard.dispositionReported(call.callId, MACHINE);
    if (reported.result !== 'late') throw new Error('still alive');
    // In the United States a machine would be in neither class.
    expect(await reported.settled).toMatchObject({
      result: 'corrected',
      outcome: { class: 'B', policy: italy.policy },
    });
  });

  it('has its new law for the next call', async () => {
    laws.luce = unitedStates;
    const call = await answered('luce', 'a');
    call.event({ type: 'disposition-reported', at: clock.now(), disposition: MACHINE });
    call.event({ ...eventOf('dialer-hung-up', 0), at: clock.now() });
    await settle();
    expect(recordOf('luce')).toMatchObject({ policy: unitedStates.policy, class: null, answeredBy: 'machine' });
    expect(store.outcomes[0]).toMatchObject({ count: null, lock: null });
  });
});
