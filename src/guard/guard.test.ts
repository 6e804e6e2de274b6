import { beforeEach, describe, expect, it } from 'vitest';
import type { CallEvent } from '../call/call-event.ts';
import type { CallId } from '../call/call-facts.ts';
import { dialing, transition } from '../call/transition.ts';
import type { LedgerPosition } from '../ledger/ledger-entry.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import { outcomeRecordSchema } from '../policy/outcome-record.ts';
import { AGENT, CALLEE_MEDIA, eventOf, invitedFacts, MACHINE, WAIT_THEN_DROP } from '../testing/call-samples.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import {
  callIdOf,
  type FakeAgentSource,
  type FakeMedia,
  type FakeSignaling,
  type FakeStore,
  fakeAgentSource,
  fakeMedia,
  fakeSignaling,
  fakeStore,
  SAMPLE_INVITE,
  SILENT_LOG,
  type Trace,
} from '../testing/fake-ports.ts';
import { sampleGuardParts } from '../testing/guard-parts.ts';
import type { PbxSignal } from './agent-source.ts';
import { createGuardCore, type Guard } from './guard.ts';
import type { DialogRecord, JournalledCall } from './journal.ts';
import { recoverCalls } from './recovery.ts';
import type { CallSink } from './signaling-port.ts';

const LIMITED = { type: 'dialer', name: 'limited', kind: 'guarded', mayDeclare: [] } as const;
const CARRIER = { type: 'carrier', name: 'primary' } as const;

let trace: Trace;
let clock: FakeClock;
let media: FakeMedia;
let store: FakeStore;
let signaling: FakeSignaling;
let guard: Guard;
let pbx: FakeAgentSource;

async function startGuard(
  left: readonly JournalledCall[] = [],
  callsMax = 2,
  natCarriers: ReadonlySet<string> = new Set(),
  silenceEnds = false,
  refuseUninformed = false,
  endDialogResult = async () => 200,
): Promise<void> {
  trace = [];
  pbx = fakeAgentSource('pbx');
  clock = fakeClock();
  media = fakeMedia(trace);
  store = fakeStore(trace, left);
  signaling = fakeSignaling(trace);
  signaling.endDialogResult = endDialogResult;
  const parts = sampleGuardParts({ trace, clock, media, store, signaling, agentSources: [pbx] });
  const rules = { ...parts.rules, callsMax, natCarriers, silenceEnds, refuseUninformed };
  guard = createGuardCore({ ...parts, rules });
  await guard.start();
}

/** Lets what was awaited go on: everything here resolves without a timer. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

async function place(invite: Parameters<FakeSignaling['invite']>[0] = {}): Promise<CallSink> {
  const { sink } = signaling.invite({ ...invite, at: clock.now() });
  await settle();
  if (sink === null) throw new Error('refused');
  return sink;
}

/** An event now. */
const now = (event: CallEvent): CallEvent => ({ ...event, at: clock.now() });
const answer = (sink: CallSink) => sink.event(now(eventOf('callee-answered', 0)));

beforeEach(() => startGuard());

describe('a call that is answered with no agent', () => {
  it('starts ambience in the turn of the answer, journals after it, hangs up at 3.000 s and tells one outcome', async () => {
    const sink = await place();
    expect(trace).toEqual([
      'media open office',
      'media set-dialer 127.0.0.11:10000',
      'legs dial primary PCMA PCMU',
      'store journal call',
    ]);
    trace.length = 0;
    clock.advance(1000);
    answer(sink);
    expect(trace).toEqual(['media play-ambience 127.0.0.12:20104', 'store journal call', 'store ledger answer']);
    clock.advance(2999);
    expect(trace).toHaveLength(3);
    clock.advance(1);
    expect(trace[3]).toBe('legs hang-up deadline class=A');
    await settle();
    expect(trace.slice(4)).toEqual(['media close', 'store outcome']);
    expect(store.outcomes).toHaveLength(1);
    const { record, number, webhooks } = store.outcomes[0] ?? expect.fail('no outcome');
    expect(outcomeRecordSchema.parse(record)).toMatchObject({
      callId: callIdOf(sink),
      campaign: 'default',
      dialerReference: 'lead-17',
      number: '+39333•••4567',
      network: 'answered',
      handling: 'silent',
      class: 'A',
      endedBy: 'guard',
      endCause: 'deadline',
      teardown: { mode: 'enforce', dueAt: '2026-11-20T09:00:04.000Z' },
      waitMs: 3000,
      talkMs: 0,
      sip: {
        ...{ carrierCallId: 'carrier-call-id', carrier: 'primary', status: 200, q850: 16 },
        exchange: { messages: ['0 dialer < INVITE'], leftOut: 0 },
      },
      comfortNoise: { packets: 150, startedAfterMs: 0.9, startedAt: '2026-11-20T09:00:01.000Z' },
      sinceInviteMs: { ambience: 1000.9, bridged: null, agentMedia: null },
    });
    expect(number).toBe('+393331234567');
    expect(webhooks).toHaveLength(1);
    expect(clock.pendingTimers()).toBe(0);
    expect(guard.liveCalls()).toEqual([]);
    expect(guard.counts().teardowns).toEqual({ enforce: 1, observe: 0 });
  });
});

describe('a call of a dialer whose teardown is only observed', () => {
  const WATCHED = { type: 'dialer', name: 'watched', kind: 'guarded', mayDeclare: [] } as const;

  it('is connected at 3.000 s and hung up by nobody, and its outcome says that it would have been', async () => {
    const sink = await place({ caller: WATCHED });
    answer(sink);
    trace.length = 0;
    clock.advance(3000);
    expect(trace).toEqual(['media connect', 'legs couple', 'store journal call', 'store ledger class']);
    expect(store.entries.at(-1)).toMatchObject({ state: { name: 'overdue', facts: { teardown: 'observe' } } });
    expect(guard.liveCalls()).toMatchObject([{ state: 'overdue', class: null }]);
    expect(sink.coupled()).toBe(true);
    expect(guard.counts().teardowns).toEqual({ enforce: 0, observe: 1 });
    expect(clock.pendingTimers()).toBe(0);

    clock.advance(1200);
    guard.agentBridged(callIdOf(sink), AGENT);
    clock.advance(5000);
    sink.event(now(eventOf('callee-hung-up', 0)));
    await settle();
    expect(trace.filter((line) => line.startsWith('legs hang-up'))).toEqual(['legs hang-up callee-hung-up class=A']);
    expect(outcomeRecordSchema.parse(store.outcomes[0]?.record)).toMatchObject({
      dialer: 'watched',
      handling: 'agent',
      class: 'A',
      endedBy: 'callee',
      teardown: { mode: 'observe', dueAt: '2026-11-20T09:00:03.000Z' },
      agent: { ...AGENT, name: null },
      waitMs: 4200,
      talkMs: 5000,
    });
    expect(guard.counts().teardowns).toEqual({ enforce: 0, observe: 1 });
  });

  it('tells of no teardown when its agent came in time, or it ended before', async () => {
    const [bridged, short] = [await place({ caller: WATCHED }), await place({ caller: WATCHED })];
    for (const sink of [bridged, short]) answer(sink);
    clock.advance(2900);
    guard.agentBridged(callIdOf(bridged), AGENT);
    for (const sink of [bridged, short]) sink.event(now(eventOf('callee-hung-up', 0)));
    await settle();
    expect(store.outcomes.map(({ record }) => [record.class, record.teardown])).toEqual([
      ['B', null],
      ['A', null],
    ]);
    expect(guard.counts().teardowns).toEqual({ enforce: 0, observe: 0 });
  });
});

describe('a PBX that is watched', () => {
  const bridged = (by: 'call-id' | 'reference', value: string): PbxSignal => ({
    type: 'agent-bridged',
    call: { by, value },
    agent: { id: '1001', name: 'Anna', extension: '1001' },
    bridgedAt: clock.now().wallMs,
  });

  it.each([
    ['call-id', SAMPLE_INVITE.dialerCallId],
    ['reference', 'lead-17'],
  ] as const)('bridges the call that it names by %s, with its agent in the outcome', async (by, value) => {
    const sink = await place();
    answer(sink);
    clock.advance(1000);
    expect(pbx.watches({ by, value })).toBe(true);
    expect(pbx.signal(bridged(by, value), clock.now())).toBe('taken');
    expect(trace).toContain('media connect');
    sink.event(now(eventOf('callee-hung-up', 0)));
    await settle();
    expect(outcomeRecordSchema.parse(store.outcomes[0]?.record)).toMatchObject({
      class: 'B',
      waitMs: 1000,
      agent: {
        id: '1001',
        source: 'freeswitch',
        name: 'Anna',
        extension: '1001',
        server: 'pbx',
        bridgedAt: '2026-11-20T09:00:01.000Z',
      },
    });
    expect(pbx.watches({ by, value })).toBe(false);
    expect(pbx.signal(bridged(by, value), clock.now())).toBe('unknown-call');
  });

  it('that is down refuses calls that name no agent, where the settings say so, with a status that is no 5xx', async () => {
    await startGuard([], 9, new Set(), false, true);
    expect(signaling.invite({}).sink).toBeNull();
    expect(trace).toContain('legs refuse 480 agent-source');
    expect(signaling.invite({ agentPromise: 'reserved' }).sink).not.toBeNull();
    expect(signaling.invite({ declaredKind: 'manual' }).sink).not.toBeNull();
    pbx.up = true;
    expect(signaling.invite({}).sink).not.toBeNull();
  });

  it('does not watch a call that is not guarded', async () => {
    await place({ declaredKind: 'manual' });
    expect(pbx.watches({ by: 'call-id', value: SAMPLE_INVITE.dialerCallId })).toBe(false);
  });

  it('that is down changes nothing where calls are to be counted', async () => {
    expect(signaling.invite({}).sink).not.toBeNull();
  });
});

describe('a peer behind NAT', () => {
  it('is a dialer or a carrier of which the settings say so, and the media plane is told', async () => {
    answer(await place({ caller: LIMITED }));
    expect(trace).toContain('media set-dialer 127.0.0.11:10000 behind NAT');
    expect(trace).toContain('media play-ambience 127.0.0.12:20104');

    await startGuard([], 2, new Set(['primary']));
    const sink = await place();
    answer(sink);
    sink.calleeMedia(CALLEE_MEDIA);
    expect(trace.filter((line) => line.startsWith('media '))).toEqual([
      'media open office',
      'media set-dialer 127.0.0.11:10000',
      'media play-ambience 127.0.0.12:20104 behind NAT',
      'media set-callee 127.0.0.12:20104 behind NAT',
    ]);
  });

  it('is not the target of a call from a carrier that is', async () => {
    await startGuard([], 2, new Set(['primary']));
    answer(await place({ caller: CARRIER, number: '+390212345678' }));
    expect(trace).toContain('media set-dialer 127.0.0.11:10000 behind NAT');
    expect(trace).toContain('media relay 127.0.0.12:20104');
  });

  it('is the target of a call that comes in where its entry says so', async () => {
    answer(await place({ caller: CARRIER, number: '+390298765432' }));
    expect(trace).toContain('media relay 127.0.0.12:20104 behind NAT');
  });
});

describe('speech on the dialer’s side', () => {
  it('is an inferred agent while the call waits, and nothing after one was told', async () => {
    const sink = await place();
    const speaks = { type: 'dialer-speaks', callId: callIdOf(sink) } as const;
    media.emit(speaks);
    expect(guard.liveCalls()).toMatchObject([{ state: 'dialing', agent: null }]);
    answer(sink);
    media.emit(speaks);
    expect(guard.liveCalls()).toMatchObject([{ state: 'bridged', agent: { source: 'voice-activity' } }]);
    guard.agentBridged(callIdOf(sink), AGENT);
    media.emit(speaks);
    expect(guard.liveCalls()).toMatchObject([{ state: 'bridged', agent: AGENT }]);
  });
});

describe('a peer that sends no RTP', () => {
  it('is counted, and its call goes on', async () => {
    const sink = await place();
    answer(sink);
    media.emit({ type: 'silent', callId: callIdOf(sink), leg: 'carrier', forMs: 10_003 });
    expect(guard.counts().silences).toEqual({ carrier: 1 });
    expect(guard.liveCalls()).toMatchObject([{ state: 'waiting' }]);
  });

  it('ends the call where the settings say so, with the reason', async () => {
    await startGuard([], 2, new Set(), true);
    const sink = await place();
    answer(sink);
    media.emit({ type: 'silent', callId: callIdOf(sink), leg: 'carrier', forMs: 10_003 });
    await settle();
    expect(trace).toContain('legs hang-up callee-lost class=A');
    expect(store.outcomes[0]?.record).toMatchObject({
      endCause: 'callee-lost',
      sip: { reason: 'Q.850;cause=102;text="no RTP for 10 s"' },
    });
  });
});

describe('what the media plane dropped', () => {
  it('is counted by reason when its calls have ended', async () => {
    const sink = await place();
    sink.event(now({ type: 'dialer-cancelled', at: clock.now(), reason: null }));
    sink.event(now(eventOf('carrier-refused', 0)));
    await settle();
    expect(guard.counts().mediaDrops).toEqual({
      foreign: 3,
      malformed: 1,
      unauthentic: 0,
      replayed: 0,
      unroutable: 0,
      late: 0,
      sendErrors: 0,
    });
  });
});

describe('an agent', () => {
  it('is reported by Brusio id or by Call-ID, and takes the deadline away', async () => {
    const sink = await place();
    answer(sink);
    expect(guard.agentBridged('dialer-call-id', AGENT)).toMatchObject({ result: 'taken', call: { state: 'bridged' } });
    expect(guard.agentBridged(sink.callId, AGENT)).toMatchObject({ result: 'taken', call: { state: 'bridged' } });
    expect(
      trace.filter((line) => line === 'legs couple'),
      'the legs are told once',
    ).toHaveLength(1);
    clock.advance(60_000);
    expect(guard.liveCall(sink.callId)).toMatchObject({ state: 'bridged', agent: AGENT, class: null });
    sink.event(now(eventOf('callee-hung-up', 0)));
    await settle();
    expect(store.outcomes[0]?.record).toMatchObject({ class: 'B', handling: 'agent', talkMs: 60_000 });
  });

  it('comes too late for a call that has ended, and is told its class', async () => {
    const sink = await place();
    answer(sink);
    clock.advance(3000);
    expect(guard.agentBridged(sink.callId, AGENT)).toMatchObject({ result: 'already-ended', call: { class: 'A' } });
    await settle();
    expect(guard.agentBridged(sink.callId, AGENT)).toEqual({ result: 'unknown-call' });
  });
});

describe('a machine', () => {
  it('reported by the dialer takes the deadline away and counts as B', async () => {
    const sink = await place();
    answer(sink);
    guard.dispositionReported(sink.callId, MACHINE);
    clock.advance(20_000);
    sink.event(now(eventOf('dialer-hung-up', 0)));
    await settle();
    expect(store.outcomes[0]?.record).toMatchObject({
      class: 'B',
      handling: 'machine-dropped',
      answeredByMethod: 'amd',
    });
  });
});

describe('a disposition after the end of its call', () => {
  const reported = { answeredBy: 'machine', method: 'amd', source: 'http' } as const;

  /** A call that nobody took, at its end. */
  async function silentCall(): Promise<CallSink> {
    const sink = await place();
    answer(sink);
    clock.advance(3000);
    return sink;
  }

  it('corrects the outcome that is recorded, by whatever way it comes', async () => {
    const [first, second] = [await silentCall(), await silentCall()];
    await settle();
    const told = guard.dispositionReported(callIdOf(first), reported);
    expect(told.result === 'late' && (await told.settled)).toMatchObject({
      result: 'corrected',
      outcome: { class: 'B', corrections: [{ sequence: 2, source: 'http' }] },
    });
    // The latest call with the dialer's reference.
    const call = { by: 'reference', value: 'lead-17' } as const;
    expect(pbx.signal({ type: 'disposition', call, answeredBy: 'fax', method: null }, clock.now())).toBe('taken');
    await settle();
    expect(store.corrections.map(({ callId, correction }) => [callId, correction.source])).toEqual([
      [callIdOf(first), 'http'],
      [callIdOf(second), 'freeswitch'],
    ]);
    expect(store.outcomes.map(({ record }) => record.class)).toEqual(['A', 'A']);
    expect(trace.slice(-4)).toEqual(['store correction 2', 'corrected to B', 'store correction 2', 'corrected to B']);
    expect(guard.counts()).toMatchObject({ lateDispositions: { corrected: 2 }, corrections: { 'A|B': 2 } });
    expect(guard.agentBridged(callIdOf(first), AGENT)).toEqual({ result: 'unknown-call' });
  });

  it('waits for the outcome while that is being written, and is neither lost nor counted twice', async () => {
    const commit = Promise.withResolvers<void>();
    const write = store.recordOutcome;
    store.recordOutcome = async (entry) => {
      await commit.promise;
      return write(entry);
    };
    const sink = await silentCall();
    await settle();
    expect(guard.agentBridged(callIdOf(sink), AGENT)).toMatchObject({ result: 'already-ended' });
    const told = [
      guard.dispositionReported(callIdOf(sink), reported),
      guard.dispositionReported('dialer-call-id', reported),
    ];
    await settle();
    expect([store.outcomes, store.corrections]).toEqual([[], []]);
    commit.resolve();
    const settled = await Promise.all(told.map((one) => (one.result === 'late' ? one.settled : null)));
    expect(settled.map((one) => one?.result)).toEqual(['corrected', 'unchanged']);
    expect(store.outcomes.map(({ record }) => record.class)).toEqual(['A']);
    expect(store.corrections).toHaveLength(1);
  });

  it('is finished before a drain is', async () => {
    const sink = await silentCall();
    await settle();
    const commit = Promise.withResolvers<LedgerPosition>();
    store.recordCorrection = () => commit.promise;
    guard.dispositionReported(callIdOf(sink), reported);
    let drained = false;
    const draining = guard.drain(0).then(() => {
      drained = true;
    });
    await settle();
    expect(drained).toBe(false);
    commit.resolve({ chain: 'test', seq: 1, hash: '' });
    await draining;
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('admission', () => {
  it('refuses an unlisted source with 403 and writes nothing of it', async () => {
    expect(signaling.invite({ sourceAddress: '192.0.2.66', caller: null }).sink).toBeNull();
    await settle();
    expect(trace).toEqual(['legs refuse 403 source']);
    expect(guard.counts().refused).toEqual({ source: 1 });
  });

  it('refuses a dialer beyond its own limits with 503, writes nothing of it, and takes others', async () => {
    const first = await place({ dialerCallId: 'one', caller: LIMITED });
    expect(signaling.invite({ dialerCallId: 'two', caller: LIMITED }).sink).toBeNull();
    expect(trace).toContain('legs refuse 503 dialer-calls');
    await place({ dialerCallId: 'three' });
    first.event(now(eventOf('carrier-refused', 0)));
    await settle();
    const second = await place({ dialerCallId: 'four', caller: LIMITED });
    second.event(now(eventOf('carrier-refused', 0)));
    await settle();
    expect(signaling.invite({ dialerCallId: 'five', caller: LIMITED }).sink).toBeNull();
    expect(trace).toContain('legs refuse 503 dialer-rate');
    expect(guard.counts().refused).toEqual({ 'dialer-calls': 1, 'dialer-rate': 1 });
  });

  it('sends a carrier’s call to its target and to no carrier, and refuses it with 404 without one', async () => {
    const sink = await place({ caller: CARRIER, number: '+390212345678', campaign: 'unknown' });
    answer(sink);
    expect(trace.slice(-3, -1)).toEqual(['media relay 127.0.0.12:20104', 'store journal call']);
    expect(trace.find((line) => line.startsWith('media open'))).toMatch(/ for a call from a carrier$/);
    clock.advance(60_000);
    sink.event(now(eventOf('callee-hung-up', 0)));
    await settle();
    expect(outcomeRecordSchema.parse(store.outcomes[0]?.record)).toMatchObject({
      kind: 'inbound',
      dialer: null,
      handling: 'relayed',
      class: null,
      talkMs: 60_000,
    });
    expect(signaling.invite({ caller: CARRIER, number: '+390612345678' }).sink).toBeNull();
    await settle();
    expect(trace).toContain('legs refuse 404 inbound');
    expect(store.outcomes[1]?.record).toMatchObject({ kind: 'inbound', network: 'blocked' });
  });

  it('refuses a hidden number with 433, but not that of a call that comes in', async () => {
    expect(signaling.invite({ isAnonymous: true, declaredKind: 'manual' }).sink).toBeNull();
    await settle();
    expect(trace).toContain('legs refuse 433 caller-id');
    expect(store.outcomes[0]?.record).toMatchObject({ kind: 'manual', network: 'blocked', class: null });
    await place({ caller: CARRIER, number: '+390212345678', isAnonymous: true });
  });

  it('knows calls that are not guarded by their caller id', async () => {
    const sink = await place({ callerId: '+390299123456' });
    answer(sink);
    sink.event(now(eventOf('callee-hung-up', 0)));
    await settle();
    expect(store.outcomes[0]?.record).toMatchObject({ kind: 'manual', kindSource: 'caller-range', class: null });
  });

  it('refuses with 503 while no audio can be relayed, without an outcome, and says so', async () => {
    media.down = 'no rtpengine answers';
    expect(signaling.invite({}).sink).toBeNull();
    expect(trace).toEqual(['legs refuse 503 media']);
    expect(guard.health()).toMatchObject({ acceptingCalls: false, problem: 'no rtpengine answers' });
    expect(store.outcomes).toEqual([]);
    media.down = null;
    expect(guard.health().acceptingCalls).toBe(true);
  });

  it('refuses with 503 at the capacity limit, while draining and while the store cannot write', async () => {
    await place({ dialerCallId: 'one' });
    await place({ dialerCallId: 'two' });
    trace.length = 0;
    expect(signaling.invite({}).sink).toBeNull();
    expect(trace).toEqual(['legs refuse 503 capacity']);
    store.healthNow = { writable: false, pending: 3, problem: 'disk full' };
    expect(signaling.invite({}).sink).toBeNull();
    expect(trace[1]).toBe('legs refuse 503 store');
    expect(guard.health()).toMatchObject({ acceptingCalls: false, problem: 'disk full', callsLive: 2 });
  });

  it('refuses an offer that nobody can serve with 488, and tells it as a blocked call', async () => {
    expect(signaling.invite({ offer: { kind: 'no-common-codec', offered: ['opus'] } }).sink).toBeNull();
    await settle();
    expect(trace).toEqual(['legs refuse 488 media-offer', 'store outcome']);
    expect(store.outcomes[0]?.record).toMatchObject({
      network: 'blocked',
      class: null,
      sip: { status: 488, carrier: null },
      comfortNoise: null,
    });
    expect(guard.liveCalls()).toEqual([]);
  });

  it('refuses an offer of codecs that the clip of the campaign is not in, and takes it where it is', async () => {
    const { offer } = SAMPLE_INVITE;
    if (offer.kind !== 'sdp') throw new Error('bad sample');
    const wide = { ...offer, media: { ...offer.media, codecs: [{ name: 'G722', payloadType: 9 } as const] } };
    expect(signaling.invite({ offer: wide }).sink).toBeNull();
    expect(signaling.invite({ campaign: 'wideband' }).sink).toBeNull();
    await settle();
    expect(trace.filter((line) => line.startsWith('legs'))).toEqual(Array(2).fill('legs refuse 488 media-offer'));
    trace.length = 0;
    await place({ offer: wide, campaign: 'wideband' });
    expect(trace).toContain('media open wide');
    expect(trace).toContain('legs dial primary G722');
  });

  it('lets a call that is not guarded use whatever codec it likes', async () => {
    const { offer } = SAMPLE_INVITE;
    if (offer.kind !== 'sdp') throw new Error('bad sample');
    const opus = { ...offer, media: { ...offer.media, codecs: [{ name: 'opus', payloadType: 96 } as const] } };
    await place({ offer: opus, declaredKind: 'manual' });
    expect(trace).toContain('legs dial primary PCMA PCMU G722 opus G729');
  });

  it('refuses a campaign that is not known', async () => {
    expect(signaling.invite({ campaign: 'unknown' }).sink).toBeNull();
    expect(trace[0]).toBe('legs refuse 403 campaign');
  });
});

describe('when something fails', () => {
  it('a call without media is refused and told, and no INVITE goes to the carrier', async () => {
    media.openFailure = new Error('no ports');
    const { sink } = signaling.invite({ at: clock.now() });
    expect(sink).not.toBeNull();
    await settle();
    await settle();
    expect(trace).toEqual([
      'legs hang-up media-failed class=null',
      'legs hang-up media-failed class=null',
      'store outcome',
    ]);
    expect(store.outcomes[0]?.record).toMatchObject({ endCause: 'media-failed', class: null, endedBy: 'guard' });
    expect(guard.liveCalls()).toEqual([]);
  });

  it('a dialer that cancels before the INVITE went out leaves nothing behind', async () => {
    const { sink } = signaling.invite({ at: clock.now() });
    sink?.event(now(eventOf('dialer-cancelled', 0)));
    await settle();
    await settle();
    expect(trace.some((line) => line.startsWith('legs dial'))).toBe(false);
    expect(store.outcomes[0]?.record).toMatchObject({ network: 'cancelled', class: null });
    expect(clock.pendingTimers()).toBe(0);
  });

  it('a bug in one call ends that call and no other', async () => {
    const broken = await place({ dialerCallId: 'broken' });
    const sound = await place({ dialerCallId: 'sound' });
    answer(broken);
    answer(sound);
    // A second 2xx is something the engine promises never to tell.
    answer(broken);
    await settle();
    expect(store.outcomes.map((entry) => entry.record.endCause)).toEqual(['internal-error']);
    expect(guard.liveCall(sound.callId)?.state).toBe('waiting');
  });

  it('a media worker that dies ends its waiting call as class A', async () => {
    const sink = await place();
    answer(sink);
    media.emit({ type: 'failed', callId: sink.callId, detail: 'worker gone' });
    await settle();
    expect(store.outcomes[0]?.record).toMatchObject({ class: 'A', endCause: 'media-failed' });
  });
});

describe('draining', () => {
  it('lets live calls end by themselves', async () => {
    const sink = await place();
    answer(sink);
    const drained = guard.drain(10_000);
    expect(signaling.invite({}).sink).toBeNull();
    clock.advance(3000);
    await drained;
    expect(store.outcomes[0]?.record.endCause).toBe('deadline');
  });

  it('ends them at its limit', async () => {
    const sink = await place();
    answer(sink);
    guard.agentBridged(sink.callId, AGENT);
    const drained = guard.drain(10_000);
    clock.advance(10_000);
    await drained;
    expect(store.outcomes[0]?.record).toMatchObject({ endCause: 'guard-stopping', class: 'B' });
  });
});

describe('at the drain’s limit', () => {
  it('a call whose CANCEL nobody answers is recorded too', async () => {
    await place();
    const drained = guard.drain(0);
    clock.advance(0);
    await settle();
    clock.advance(2_000);
    await settle();
    await drained;
    expect(store.outcomes[0]?.record).toMatchObject({ endCause: 'guard-stopping', network: 'cancelled', class: null });
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('a media thread that dies', () => {
  it('is fatal: no later call could be heard', () => {
    media.emit({ type: 'thread-died', detail: 'out of memory' });
    expect(trace).toContain('fatal out of memory');
  });
});

describe('after a crash', () => {
  const dialog: DialogRecord = {
    drachtioDialogId: 'a;from-tag=b',
    callId: 'a',
    localUri: '<sip:1@127.0.0.1>',
    localTag: 'l',
    remoteUri: '<sip:2@127.0.0.11>',
    remoteTag: 'r',
    remoteTarget: 'sip:2@127.0.0.11:5060',
    routeSet: [],
    localCseq: 0,
    peer: '127.0.0.11:5060',
  };

  function journalled(callId: string, ...events: CallEvent[]): JournalledCall {
    const rules = WAIT_THEN_DROP;
    return {
      dossier: {
        callId: callId as CallId,
        campaign: 'default',
        number: SAMPLE_INVITE.number,
        callerId: SAMPLE_INVITE.callerId,
        dialerReference: null,
        dialerCallId: 'd',
        carrierCallId: 'c',
        carrier: 'primary',
        policy: italy.policy,
      },
      state: events.reduce((state, event) => transition(state, event, rules).state, dialing(invitedFacts())),
      dialogs: {
        dialer: { ...dialog, callId: `${callId}-dialer` },
        carrier: { ...dialog, callId: `${callId}-carrier` },
      },
    };
  }

  it('every answered call gets its BYEs and then one outcome, silent only if no bridge was journalled', async () => {
    const waiting = journalled('0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10', eventOf('callee-answered', 1000));
    const bridged = journalled(
      '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b11',
      eventOf('callee-answered', 1000),
      eventOf('agent-bridged', 2000),
    );
    await startGuard([waiting, bridged]);
    await settle();
    expect(trace.filter((line) => line.startsWith('bye'))).toHaveLength(4);
    expect(trace.indexOf('store outcome')).toBeGreaterThan(
      trace.indexOf('bye 0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10-carrier'),
    );
    expect(store.outcomes.map(({ record }) => [record.class, record.endedBy, record.endCause])).toEqual([
      ['A', 'guard', 'guard-restarted'],
      ['B', 'guard', 'guard-restarted'],
    ]);
    for (const { record } of store.outcomes) outcomeRecordSchema.parse(record);
    expect(guard.counts().recovered).toBe(2);
  });

  it('a disposition waits for the outcome of a call that is still to be recovered', async () => {
    const call = journalled('0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b14', eventOf('callee-answered', 5));
    const ended = Promise.withResolvers<number>();
    await startGuard([call], 2, new Set(), false, false, () => ended.promise);
    const told = guard.dispositionReported(call.dossier.callId, MACHINE);
    await settle();
    expect(store.outcomes).toEqual([]);
    ended.resolve(200);
    expect(told.result === 'late' && (await told.settled)).toMatchObject({
      result: 'corrected',
      outcome: { class: 'B' },
    });
  });

  it('a teardown that was only observed is known from the journal', async () => {
    const rules = WAIT_THEN_DROP;
    const state = [eventOf('callee-answered', 1000), eventOf('deadline', 4000)].reduce(
      (before, event) => transition(before, event, rules).state,
      dialing({ ...invitedFacts(), teardown: 'observe' }),
    );
    const found = { ...journalled('0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b13'), state: JSON.parse(JSON.stringify(state)) };
    await startGuard([found]);
    await settle();
    expect(store.outcomes[0]?.record).toMatchObject({
      class: 'A',
      endCause: 'guard-restarted',
      teardown: { mode: 'observe', dueAt: '2026-11-20T09:00:04.000Z' },
    });
  });

  it('a leg that confirms nothing does not keep the outcome away', async () => {
    const call = journalled('0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b12', eventOf('callee-answered', 5));
    signaling.endDialogResult = async () => {
      throw new Error('no final response');
    };
    await recoverCalls([call], {
      clock,
      log: SILENT_LOG,
      signaling,
      store,
      connectOf: () => WAIT_THEN_DROP,
      ledger: {
        ownerOf: () => ({ controller: 'acme', lockScope: 'acme' }),
        digestsOf: () => ['d'],
      },
      outcomeWebhooks: () => [],
      onRecovered: () => undefined,
    });
    expect(store.outcomes).toHaveLength(1);
  });
});
