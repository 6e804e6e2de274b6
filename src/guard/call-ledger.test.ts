import { describe, expect, it } from 'vitest';
import type { CallEventType } from '../call/call-event.ts';
import type { CallId } from '../call/call-facts.ts';
import type { CallState, ConnectRules, EndedCall } from '../call/call-state.ts';
import { dialing, transition } from '../call/transition.ts';
import { correctionDraft, outcomeDraft } from '../ledger/call-drafts.ts';
import { ledgerBodies } from '../ledger/ledger-body.ts';
import type { CountedAs, LedgerDraft } from '../ledger/ledger-entry.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import { decideCorrection, withCorrections } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { eventOf, instantAt, invitedFacts, MACHINE, WAIT_THEN_DROP, WAIT_THEN_TELL } from '../testing/call-samples.ts';
import { type CallLedger, correctionMoves, createCallLedger, type LedgerContext } from './call-ledger.ts';
import type { CallDossier } from './journal.ts';
import { outcomeRecord } from './recorder.ts';

const RULES: ConnectRules = WAIT_THEN_DROP;
const CONTEXT: LedgerContext = {
  ownerOf: () => ({ controller: 'acme', lockScope: 'all' }),
  digestsOf: () => ['new', 'old'],
};
const DOSSIER: CallDossier = {
  ...{ callId: '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10' as CallId, dialer: 'default', kindSource: 'default' },
  ...{ campaign: 'luce', number: '+393331234567', callerId: '+390212345678', dialerReference: null },
  ...{ dialerCallId: 'd', carrierCallId: 'c', carrier: 'primary', policy: italy.policy },
};
const AGENT: CountedAs = { class: 'B', as: 'agent' };
const MACHINE_COUNT: CountedAs = { class: 'B', as: 'machine' };
const SILENT: CountedAs = { class: 'A', as: 'silent' };

/** Plays a call; every draft on its way, and its outcome's at the end. */
function play(events: readonly (readonly [CallEventType, number])[], first = invitedFacts(), rules = RULES) {
  const ledger = createCallLedger(DOSSIER, CONTEXT);
  let state: CallState = dialing(first);
  const drafts: LedgerDraft[] = [];
  for (const [type, ms] of events) {
    const after = transition(state, eventOf(type, ms), rules).state;
    drafts.push(...ledger.step(state, after, instantAt(ms)));
    state = after;
  }
  const entry = state.name === 'ended' ? outcome(ledger, state) : null;
  if (entry !== null) drafts.push(entry.draft);
  for (const { kind, body } of drafts) ledgerBodies[kind].parse(body);
  return { ledger, state, drafts, record: entry?.record ?? null, optOut: entry?.optOut ?? null };
}

/** The outcome, and the entry that the store makes of it. */
function outcome(ledger: CallLedger, state: EndedCall) {
  const entry = ledger.outcome(outcomeRecord(DOSSIER, state, null, italy), state);
  return { ...entry, draft: outcomeDraft(entry.record, { ...entry, counted: entry.count?.to ?? null }, entry) };
}

/** How each entry that counts moves the call. */
const moves = (drafts: readonly LedgerDraft[]) =>
  drafts.flatMap(({ kind, body }) => {
    const count = body.count as { from: CountedAs | null; to: CountedAs | null } | null | undefined;
    return count ? [{ kind, from: count.from, to: count.to }] : [];
  });

describe('the entries of a call', () => {
  it('count a bridged call as B at the bridge, and not again at its end (decision 83/2014 point 2)', () => {
    const { drafts } = play([
      ['callee-answered', 1000],
      ['agent-bridged', 2000],
      ['callee-hung-up', 60_000],
    ]);
    expect(drafts.map(({ kind }) => kind)).toEqual(['answer', 'class', 'outcome']);
    expect(moves(drafts)).toEqual([{ kind: 'class', from: null, to: AGENT }]);
    expect(drafts[1]?.body).toMatchObject({
      ...{ cause: 'agent-bridged', source: 'sip-info' },
      lock: { scope: 'all', digests: ['new', 'old'], move: 'lift' },
    });
  });

  it('say of a key that is pressed in the message whose calls are not wanted any more, and since when', () => {
    const told = [
      ['callee-answered', 1000],
      ['deadline', 4000],
    ] as const;
    expect(play([...told, ['callee-key', 5000]], invitedFacts(), WAIT_THEN_TELL).optOut).toEqual({
      ...{ scope: 'all', at: instantAt(5000).wallMs },
    });
    const heard = [...told, ['announced', 8000], ['deadline', 11_000]] as const;
    expect(play(heard, invitedFacts(), WAIT_THEN_TELL)).toMatchObject({ state: { name: 'ended' }, optOut: null });
  });

  it('count a silent call as A with its outcome, which locks the number', () => {
    const { drafts, record } = play([
      ['callee-answered', 1000],
      ['deadline', 4000],
    ]);
    expect(drafts.map(({ kind }) => kind)).toEqual(['answer', 'outcome']);
    expect(moves(drafts)).toEqual([{ kind: 'outcome', from: null, to: SILENT }]);
    expect(drafts[1]?.body.lock).toMatchObject({ move: 'set', digests: ['new', 'old'] });
    expect(record?.recallLock?.until).toBe('2026-11-25T23:00:00.000Z');
  });

  it('keep a machine counted that is taken back, until it is known what it is', () => {
    const ledger = createCallLedger(DOSSIER, CONTEXT);
    const human = { ...eventOf('disposition-reported', 2500), disposition: { ...MACHINE, answeredBy: 'human' } };
    let state: CallState = dialing(invitedFacts());
    const drafts: LedgerDraft[] = [];
    for (const event of [
      eventOf('callee-answered', 1000),
      eventOf('disposition-reported', 2000),
      human as ReturnType<typeof eventOf>,
      eventOf('deadline', 4000),
    ]) {
      const after = transition(state, event, RULES).state;
      drafts.push(...ledger.step(state, after, event.at));
      state = after;
    }
    expect(moves(drafts)).toEqual([{ kind: 'class', from: null, to: MACHINE_COUNT }]);
    if (state.name !== 'ended') throw new Error('not ended');
    expect(moves([outcome(ledger, state).draft])).toEqual([{ kind: 'outcome', from: MACHINE_COUNT, to: SILENT }]);
  });

  it('count an observed overdue wait as A at its end, whoever comes later', () => {
    const { drafts } = play(
      [
        ['callee-answered', 1000],
        ['deadline', 4000],
        ['agent-bridged', 5000],
        ['callee-hung-up', 9000],
      ],
      { ...invitedFacts(), teardown: 'observe' },
    );
    expect(moves(drafts)).toEqual([{ kind: 'class', from: null, to: SILENT }]);
  });

  it('count nothing of a call that nobody answered, or that no rule concerns', () => {
    expect(moves(play([['carrier-refused', 1000]]).drafts)).toEqual([]);
    const manual = play(
      [
        ['callee-answered', 1000],
        ['callee-hung-up', 9000],
      ],
      { ...invitedFacts(), kind: 'manual' },
    );
    expect(manual.drafts.map(({ kind }) => kind)).toEqual(['answer', 'outcome']);
    expect(moves(manual.drafts)).toEqual([]);
  });

  it('are on the local day of the 2xx, also when the call ends on the next', () => {
    // 22:59:59.500 UTC is half a second before midnight in Rome.
    const { drafts } = play([
      ['callee-answered', 50_399_500],
      ['deadline', 50_402_500],
    ]);
    expect(drafts[0]?.body.day).toBe('2026-11-20');
    expect(drafts[1]?.body.count).toMatchObject({ day: '2026-11-20' });
  });

  it('have no number of a person in them', () => {
    const { drafts, ledger } = play([
      ['callee-answered', 1000],
      ['deadline', 4000],
    ]);
    const decision = ledger.decision(
      { at: instantAt(0).wallMs, agent: 'none', exception: null },
      { allowed: true, breaches: [] },
    );
    ledgerBodies.decision.parse(decision.body);
    expect(JSON.stringify([...drafts, decision])).not.toMatch(/39333|333•/);
  });
});

describe('the entry of a correction', () => {
  it('moves the call where it stands, for the controller it was placed for', () => {
    const { record } = play([
      ['callee-answered', 1000],
      ['deadline', 4000],
    ]);
    const before = withCorrections(record as OutcomeRecord, []);
    const decided = decideCorrection(before, MACHINE, instantAt(10_000).wallMs, italy);
    if (decided.decision !== 'correct') throw new Error(decided.decision);
    const after = withCorrections(before, [decided.correction]);
    const moved = correctionMoves(before, after, { controller: 'old', digest: 'd' }, CONTEXT);
    ledgerBodies.correction.parse(correctionDraft(after.callId, decided.correction, moved).body);
    expect(moved).toMatchObject({
      count: { controller: 'old', day: '2026-11-20', from: SILENT, to: MACHINE_COUNT },
      lock: { digests: ['d'], move: 'withdraw' },
    });
  });

  it('touches no lock of a call of version 0.1, which has no digest', () => {
    const { record } = play([
      ['callee-answered', 1000],
      ['deadline', 4000],
    ]);
    const before = withCorrections(record as OutcomeRecord, []);
    const decided = decideCorrection(before, MACHINE, instantAt(10_000).wallMs, italy);
    if (decided.decision !== 'correct') throw new Error(decided.decision);
    const after = withCorrections(before, [decided.correction]);
    const moved = correctionMoves(before, after, { controller: null, digest: null }, CONTEXT);
    expect(moved).toMatchObject({ count: { controller: 'acme' }, lock: null });
  });
});
