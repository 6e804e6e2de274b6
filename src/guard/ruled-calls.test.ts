import { beforeEach, describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import type { LedgerPosition } from '../ledger/ledger-entry.ts';
import type { CampaignTerms } from '../policy/rules/campaign-terms.ts';
import { LEGAL_RULES, type LegalRule, type RuleMode, type Ruling } from '../policy/rules/ruling.ts';
import { eventOf } from '../testing/call-samples.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import {
  type FakeSignaling,
  type FakeStore,
  fakeMedia,
  fakeSignaling,
  fakeStore,
  SILENT_LOG,
  type Trace,
} from '../testing/fake-ports.ts';
import { sampleGuardParts } from '../testing/guard-parts.ts';
import { createGuardCore, type Guard } from './guard.ts';
import { createRulingDesk, type RulingDesk } from './ruling-desk.ts';
import type { RulingRequest, Rulings } from './ruling-port.ts';

const RING_LIMIT_MS = 60_000;
const ALLOWED: Ruling = { allowed: true, breaches: [] };

let trace: Trace;
let clock: FakeClock;
let store: FakeStore;
let signaling: FakeSignaling;
let guard: Guard;
let desk: RulingDesk;
let asked: RulingRequest[];
/** What the rules say next, and of a call whose agent has left. */
let verdict: () => Promise<Ruling>;
let withoutAgent: () => Promise<Ruling>;
/** When it is known that a call takes room again. */
let roomTaken: () => Promise<void>;

const settle = () => new Promise((resolve) => setImmediate(resolve));

function breach(rule: LegalRule, mode: 'observe' | 'enforce'): Ruling {
  const found = { rule, mode, citation: 'a law', facts: { silent: 3 }, remedy: 'wait', retryAfterS: null };
  return { allowed: mode === 'observe', breaches: [found] };
}

function terms(campaign: string): CampaignTerms {
  return {
    ...{ campaign, controller: 'acme', lockScope: 'acme', roc: null, callerIds: [], startsOn: null, endsOn: null },
    modes: Object.fromEntries(LEGAL_RULES.map((rule) => [rule, 'enforce' as RuleMode])) as CampaignTerms['modes'],
    frequency: { perDay: null, perWeek: null, perCampaign: null },
    hours: { region: null, extraHolidays: [] },
    ...{ ringLimitMs: RING_LIMIT_MS, promisedAgents: 'trust', machineFalsePositive: null },
  };
}

beforeEach(async () => {
  trace = [];
  asked = [];
  clock = fakeClock();
  store = fakeStore(trace);
  signaling = fakeSignaling(trace);
  verdict = async () => ALLOWED;
  withoutAgent = async () => ALLOWED;
  roomTaken = async () => {};
  const rulings: Rulings = {
    start: async (left) => void trace.push(`rulings start ${left.length}`),
    rule: (request) => {
      asked.push(request);
      return verdict();
    },
    withoutAgent: () => withoutAgent(),
    answered: (_callId, at) => void trace.push(`rulings answered ${at}`),
    counted: () => void trace.push('rulings counted'),
    uncounted: () => {
      trace.push('rulings uncounted');
      return roomTaken();
    },
    released: () => void trace.push('rulings released'),
    stop: async () => void trace.push('rulings stop'),
  };
  desk = createRulingDesk({
    ...{ rulings, log: SILENT_LOG, termsOf: terms },
    digestsOf: (number) => [`new ${number}`, `old ${number}`],
  });
  const parts = sampleGuardParts({ ...{ trace, clock, store, signaling }, media: fakeMedia(trace), agentSources: [] });
  guard = createGuardCore({ ...parts, rulings: desk });
  await guard.start();
});

async function place(invite: Parameters<FakeSignaling['invite']>[0] = {}) {
  const { sink } = signaling.invite({ ...invite, at: clock.now() });
  await settle();
  if (sink === null) throw new Error('refused at once');
  return sink;
}

describe('a guarded call before the rules of law', () => {
  it('is asked about before anything is opened or dialled, with both digests and the agent it was promised', async () => {
    const ruled = Promise.withResolvers<Ruling>();
    verdict = () => ruled.promise;
    await place({ agentPromise: 'reserved', exception: { basis: 'consent', reference: 'CRM-17', since: null } });
    expect(trace.filter((line) => /^(media|legs)/.test(line))).toEqual([]);
    expect(asked).toMatchObject([
      {
        ...{ number: '+393331234567', callerId: '+390212345678', agent: 'reserved' },
        digests: ['new +393331234567', 'old +393331234567'],
        exception: { basis: 'consent', reference: 'CRM-17' },
        terms: { campaign: 'default', controller: 'acme' },
      },
    ]);
    ruled.resolve(ALLOWED);
    await settle();
    expect(trace).toContainEqual(expect.stringMatching(/^legs dial primary/));
  });

  it('is plain data, so that it can cross to another thread', async () => {
    await place();
    expect(structuredClone(asked[0])).toEqual(asked[0]);
  });

  it('is refused with what the rule says, and recorded as blocked', async () => {
    verdict = async () => breach('recall-lock', 'enforce');
    await place();
    expect(trace).toContain('legs refuse 480 recall-lock');
    expect(trace.filter((line) => /^(media open|legs dial)/.test(line))).toEqual([]);
    expect(store.outcomes[0]?.record).toMatchObject({
      ...{ network: 'blocked', class: null, endedBy: 'guard', endCause: 'refused-by-guard' },
      sip: { status: 480, q850: 21 },
    });
    expect(guard.liveCalls()).toEqual([]);
    expect(trace.at(-1)).toBe('rulings released');
    expect(desk.counts()).toEqual({ 'recall-lock|enforce': 1 });
    expect(guard.counts().refused).toEqual({ 'recall-lock': 1 });
  });

  it('goes on where a rule is only observed, which is counted', async () => {
    verdict = async () => breach('roc', 'observe');
    await place();
    expect(trace).toContainEqual(expect.stringMatching(/^legs dial/));
    expect(desk.counts()).toEqual({ 'roc|observe': 1 });
  });

  it('is refused with 503 when the rules cannot be asked', async () => {
    verdict = () => Promise.reject(new Error('no database'));
    await place();
    expect(trace).toContain('legs refuse 503 store');
  });

  it('is not placed when the dialer gives up first', async () => {
    const ruled = Promise.withResolvers<Ruling>();
    verdict = () => ruled.promise;
    const sink = await place();
    sink.event({ type: 'dialer-cancelled', at: clock.now(), reason: null });
    ruled.resolve(ALLOWED);
    await settle();
    expect(trace.filter((line) => /^(media open|legs dial)/.test(line))).toEqual([]);
    expect(store.outcomes[0]?.record).toMatchObject({ network: 'cancelled', endCause: 'dialer-cancelled' });
    expect(trace).toContain('rulings released');
  });

  it('holds its room until its outcome is committed', async () => {
    const sink = await place();
    clock.advance(500);
    sink.event({ ...eventOf('callee-answered', 0), at: clock.now() });
    expect(trace).toContain(`rulings answered ${clock.now().wallMs satisfies WallMs}`);
    const committed = Promise.withResolvers<LedgerPosition>();
    store.recordOutcome = () => committed.promise;
    sink.event({ ...eventOf('callee-hung-up', 0), at: clock.now() });
    await settle();
    expect(trace).not.toContain('rulings released');
    committed.resolve({ chain: 'test', seq: 1, hash: '' });
    await settle();
    expect(trace).toContain('rulings released');
  });
});

describe('a call whose wait is over where the teardown is only observed', () => {
  /** Its silent call is counted, and its room given back. */
  async function overdue() {
    const sink = await place({ caller: { type: 'dialer', name: 'watched', kind: 'guarded', mayDeclare: [] } });
    sink.event({ ...eventOf('callee-answered', 0), at: clock.now() });
    clock.advance(3_000);
    await settle();
    expect(trace.at(-1)).toBe('rulings counted');
    trace.length = 0;
    return sink;
  }
  const found = { answeredBy: 'machine', method: null, source: 'http' } as const;
  const machine = () => ({ type: 'disposition-reported', at: clock.now(), disposition: found }) as const;
  const person = { answeredBy: 'human', method: null, source: 'http' } as const;

  it('has room again before it is counted as a machine, which may be taken back, and until it is not', async () => {
    const sink = await overdue();
    const taken = Promise.withResolvers<void>();
    roomTaken = () => taken.promise;
    sink.event(machine());
    sink.event({ type: 'disposition-reported', at: clock.now(), disposition: person });
    await settle();
    expect(trace.filter((line) => /rulings|ledger/.test(line))).toEqual(['rulings uncounted']);
    taken.resolve();
    await settle();
    expect(trace.filter((line) => /rulings|ledger/.test(line))).toEqual([
      ...['rulings uncounted', 'store ledger class', 'store ledger class', 'rulings counted'],
    ]);
    expect(store.drafts.slice(-2).map(({ body }) => body)).toMatchObject([
      { count: { to: { class: 'B', as: 'machine' } } },
      { count: { to: { class: 'A', as: 'silent' } } },
    ]);
  });

  it('gives none back for a class that was committed when it had changed again', async () => {
    const committed = Promise.withResolvers<void>();
    const { ledger } = store;
    const sink = await place({ caller: { type: 'dialer', name: 'watched', kind: 'guarded', mayDeclare: [] } });
    sink.event({ ...eventOf('callee-answered', 0), at: clock.now() });
    store.ledger = (drafts) => committed.promise.then(() => ledger(drafts));
    clock.advance(3_000);
    sink.event(machine());
    committed.resolve();
    await settle();
    expect(trace.filter((line) => /rulings (un)?counted/.test(line))).toEqual(['rulings uncounted']);
  });

  it('has room again before an outcome that counts it as a machine, and its entries stay in order', async () => {
    const sink = await overdue();
    const taken = Promise.withResolvers<void>();
    roomTaken = () => taken.promise;
    sink.event({ type: 'dialer-hung-up', at: clock.now(), reason: null, disposition: found });
    await settle();
    expect(trace).not.toContain('store outcome');
    taken.resolve();
    await settle();
    const order = ['rulings uncounted', 'store outcome', 'rulings released'];
    expect(trace.filter((line) => order.includes(line))).toEqual(order);
  });
});

describe('a call that rings', () => {
  it('is given up after the ring limit, as not answered (Q.850 cause 19)', async () => {
    const sink = await place();
    sink.event({ ...eventOf('callee-ringing', 0), at: clock.now() });
    clock.advance(RING_LIMIT_MS - 1);
    expect(trace).not.toContainEqual(expect.stringMatching(/^legs hang-up/));
    clock.advance(1);
    expect(trace).toContain('legs hang-up ring-limit class=null');
    sink.event({ type: 'carrier-refused', at: clock.now(), final: { status: 487, phrase: 'x', reason: null } });
    await settle();
    expect(store.outcomes[0]?.record).toMatchObject({ network: 'no-answer', endedBy: 'guard', endCause: 'ring-limit' });
  });

  it('is taken back when its promised agent leaves and there is no room for a silent call', async () => {
    withoutAgent = async () => breach('abandonment-budget', 'enforce');
    const sink = await place({ agentPromise: 'reserved' });
    sink.event({ type: 'agent-left', at: clock.now() });
    await settle();
    expect(trace).toContain('legs hang-up agent-lost class=null');
  });

  it('rings on when there is room', async () => {
    const sink = await place({ agentPromise: 'reserved' });
    sink.event({ type: 'agent-left', at: clock.now() });
    await settle();
    expect(trace).not.toContainEqual(expect.stringMatching(/^legs hang-up/));
  });

  it('rings on when an agent leaves whom nobody had promised', async () => {
    withoutAgent = async () => breach('abandonment-budget', 'enforce');
    const sink = await place();
    sink.event({ type: 'agent-left', at: clock.now() });
    await settle();
    expect(trace).not.toContainEqual(expect.stringMatching(/^legs hang-up/));
  });

  it('is class A when it is answered in the moment in which it is taken back', async () => {
    withoutAgent = async () => breach('abandonment-budget', 'enforce');
    const sink = await place({ agentPromise: 'reserved' });
    sink.event({ type: 'agent-left', at: clock.now() });
    await settle();
    sink.event({ ...eventOf('callee-answered', 0), at: clock.now() });
    await settle();
    expect(store.outcomes[0]?.record).toMatchObject({ network: 'answered', class: 'A', endCause: 'agent-lost' });
  });
});

describe('a call that is not guarded', () => {
  it('is not before these rules, and rings as long as its dialer likes', async () => {
    await place({ declaredKind: 'manual' });
    expect(asked).toEqual([]);
    clock.advance(10 * RING_LIMIT_MS);
    expect(trace).not.toContainEqual(expect.stringMatching(/^legs hang-up/));
  });
});
