import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../base/errors.ts';
import type { CallEvent } from '../call/call-event.ts';
import type { Disposition, TeardownMode } from '../call/call-facts.ts';
import type { CallState, ConnectRules } from '../call/call-state.ts';
import { dialing, transition } from '../call/transition.ts';
import { CORRECTION_PERIOD_MS } from '../policy/correction-period.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import { type CorrectedOutcome, correctedOutcome } from '../policy/outcome-correction.ts';
import { eventOf, instantAt, invitedFacts, MACHINE, WAIT_THEN_DROP } from '../testing/call-samples.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { type FakeStore, fakeStore, SILENT_LOG, type Trace } from '../testing/fake-ports.ts';
import { outcomeEntry, sampleCallId, sampleDossier } from '../testing/stored-calls.ts';
import type { WatchedCall } from './agent-source.ts';
import { createLateDispositions, LATE_DISPOSITIONS_MAX, type LateDispositions } from './late-dispositions.ts';
import { outcomeRecord } from './recorder.ts';

const FIRST: WatchedCall = { by: 'call-id', value: sampleCallId(1) };
const HUMAN: Disposition = { answeredBy: 'human', method: null, source: 'http' };

let trace: Trace;
let clock: FakeClock;
let store: FakeStore;
let told: CorrectedOutcome[];
/** What a call that is just ending waits for. */
let recorded: Promise<void>;
let late: LateDispositions;

beforeEach(async () => {
  trace = [];
  clock = fakeClock();
  store = fakeStore(trace);
  told = [];
  recorded = Promise.resolve();
  late = createLateDispositions({
    ...{ clock, log: SILENT_LOG, store },
    ledger: { ownerOf: () => ({ controller: 'acme', lockScope: 'acme' }) },
    webhooks: ({ sequence }, callId) => [
      { id: `msg_${sequence}`, callId, type: 'call.outcome_corrected', endpoint: 'crm', body: '{}' },
    ],
    recorded: () => recorded,
    onCorrected: (outcome) => void told.push(outcome),
  });
  await store.recordOutcome(outcomeEntry(1));
});

/** A moment so long after the first call's end. */
function msAfter(ms: number) {
  const ended = Date.parse(outcomeEntry(1).record.times.ended);
  return { ...clock.now(), wallMs: (ended + ms) as ReturnType<FakeClock['now']>['wallMs'] };
}
const report = (disposition = MACHINE as Disposition, ms = 1000) => late.report(FIRST, [], disposition, msAfter(ms));

/** Lets what was awaited go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a disposition of a call that is over', () => {
  it('is written as an entry of its own with its webhooks, and told after its commit', async () => {
    const settled = await report();
    expect(settled).toMatchObject({ result: 'corrected', outcome: { sequence: 2, class: 'B' } });
    expect(store.outcomes).toEqual([outcomeEntry(1)]);
    expect(store.corrections).toMatchObject([
      { callId: sampleCallId(1), correction: { sequence: 2, source: 'bye-header' }, webhooks: [{ id: 'msg_2' }] },
    ]);
    expect(told).toMatchObject([{ class: 'B', corrections: [{ sequence: 2 }] }]);
    expect(late.counts()).toEqual({ corrected: 1 });
  });

  it('makes nothing new when it is repeated, also at the same time', async () => {
    const both = await Promise.all([report(), report()]);
    expect(both.map(({ result }) => result)).toEqual(['corrected', 'unchanged']);
    expect(await report()).toMatchObject({ result: 'unchanged', outcome: { sequence: 2 } });
    expect(store.corrections).toHaveLength(1);
  });

  it('is judged by the one that came before it, which is committed first', async () => {
    const commits: (() => void)[] = [];
    const write = store.recordCorrection;
    store.recordCorrection = async (entry) => {
      await new Promise<void>((resolve) => void commits.push(resolve));
      return write(entry);
    };
    const all = Promise.all([report(MACHINE), report(HUMAN), report({ ...MACHINE, answeredBy: 'fax' })]);
    for (const committed of [1, 2, 3]) {
      await settle();
      expect(commits).toHaveLength(1);
      commits.shift()?.();
      await settle();
      expect(store.corrections).toHaveLength(committed);
    }
    expect((await all).map((one) => 'outcome' in one && one.outcome.answeredBy)).toEqual(['machine', 'human', 'fax']);
    expect(store.corrections.map(({ correction }) => [correction.sequence, correction.to.class])).toEqual([
      [2, 'B'],
      [3, 'A'],
      [4, 'B'],
    ]);
  });

  it('waits for the outcome of a call that is just ending', async () => {
    const ending = Promise.withResolvers<void>();
    recorded = ending.promise;
    const second: WatchedCall = { by: 'reference', value: 'V2' };
    const settled = late.report(second, [], MACHINE, msAfter(0));
    await settle();
    expect(trace).toEqual(['store outcome']);
    await store.recordOutcome(outcomeEntry(2));
    ending.resolve();
    expect(await settled).toMatchObject({ result: 'corrected', outcome: { callId: sampleCallId(2) } });
  });

  it('is refused in words that say why, and is nothing to a dialer whose call it is not', async () => {
    expect(await report(MACHINE, CORRECTION_PERIOD_MS + 1)).toMatchObject({
      result: 'too-late',
      outcome: { class: 'A' },
    });
    expect(await late.report(FIRST, ['other'], MACHINE, msAfter(0))).toEqual({ result: 'unknown-call' });
    expect(await late.report({ by: 'reference', value: 'V9' }, [], MACHINE, msAfter(0))).toEqual({
      result: 'unknown-call',
    });
    expect(store.corrections).toEqual([]);
    expect(late.counts()).toEqual({ 'too-late': 1, 'unknown-call': 2 });
    expect(await late.report(FIRST, ['default'], MACHINE, msAfter(0))).toMatchObject({ result: 'corrected' });
  });

  it('is not taken while the store fails, and leaves the way free for the next', async () => {
    const write = store.recordCorrection;
    store.recordCorrection = async () => {
      throw new AppError('store.stopped', 'the store is stopped');
    };
    expect(await report()).toEqual({ result: 'unavailable', problem: expect.stringContaining('stopped') });
    store.recordCorrection = write;
    expect(await report()).toMatchObject({ result: 'corrected', outcome: { sequence: 2 } });
  });
});

describe('who answered', () => {
  const RULES: ConnectRules = WAIT_THEN_DROP;
  const types = ['agent-bridged', 'agent-left', 'disposition-reported', 'callee-ringing'] as const;
  const anyEvents = fc.array(
    fc.record({ type: fc.constantFrom(...types), stepMs: fc.integer({ max: 2500, min: 0 }) }),
    {
      maxLength: 8,
    },
  );

  /** A call that was answered and lives `nowMs` after its INVITE; null when the wait's end has ended it. */
  function live(teardown: TeardownMode, events: readonly { type: (typeof types)[number]; stepMs: number }[]) {
    let state: CallState = transition(
      dialing({ ...invitedFacts(), teardown }),
      eventOf('callee-answered', 0),
      RULES,
    ).state;
    let nowMs = 0;
    for (const { type, stepMs } of [...events, { type: 'callee-ringing' as const, stepMs: 1 }]) {
      nowMs += stepMs;
      if (state.deadlineAt !== null && state.deadlineAt <= nowMs)
        state = transition(state, eventOf('deadline', state.deadlineAt), RULES).state;
      state = transition(state, eventOf(type, nowMs), RULES).state;
    }
    return state.name === 'ended' ? null : { state, nowMs };
  }

  it('comes to the same when it is reported just before the end of a call and after it', () => {
    const mode = fc.constantFrom<TeardownMode>('enforce', 'observe');
    fc.assert(
      fc.property(mode, anyEvents, fc.constantFrom<Disposition>(MACHINE, HUMAN), (teardown, events, disposition) => {
        const call = live(teardown, events);
        fc.pre(call !== null);
        const at = instantAt(call.nowMs);
        const recordOf = (...last: CallEvent[]) => {
          const ended = last.reduce<CallState>((state, event) => transition(state, event, RULES).state, call.state);
          if (ended.name !== 'ended') throw new Error(`still ${ended.name}`);
          return outcomeRecord(sampleDossier(1), ended, null, italy);
        };
        const hungUp = eventOf('callee-hung-up', call.nowMs);
        const before = recordOf({ type: 'disposition-reported', at, disposition }, hungUp);
        const { answeredBy, handling, class: outcomeClass } = correctedOutcome(recordOf(hungUp), disposition, italy);
        expect([answeredBy, handling, outcomeClass]).toEqual([before.answeredBy, before.handling, before.class]);
      }),
    );
  });
});

describe('dispositions in hand', () => {
  it('are no more than a limit, and can be waited for', async () => {
    const ending = Promise.withResolvers<void>();
    recorded = ending.promise;
    const all = Array.from({ length: LATE_DISPOSITIONS_MAX }, () => report());
    expect(await report()).toMatchObject({ result: 'unavailable' });
    let idle = false;
    const waiting = late.idle().then(() => {
      idle = true;
    });
    await settle();
    expect(idle).toBe(false);
    ending.resolve();
    await Promise.all([...all, waiting]);
    expect(late.counts()).toEqual({ corrected: 1, unchanged: LATE_DISPOSITIONS_MAX - 1, unavailable: 1 });
    await late.idle();
  });
});
