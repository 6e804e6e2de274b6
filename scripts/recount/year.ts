/**
 * A year of made-up calls, told to a store as the guard tells them: answered around midnights and changes of the clock, some
 * outcomes days late, some corrected afterwards. For the recount's tests.
 */
import type { MonotonicMs, WallMs } from '../../src/base/clock.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import type { CallEvent } from '../../src/call/call-event.ts';
import { type CallFacts, type CallId, type Disposition, newCallFacts } from '../../src/call/call-facts.ts';
import type { CallState, EndedCall } from '../../src/call/call-state.ts';
import { dialing, refusedAtOnce, transition } from '../../src/call/transition.ts';
import { type CallLedger, correctionMoves, createCallLedger, type LedgerContext } from '../../src/guard/call-ledger.ts';
import type { CallDossier } from '../../src/guard/journal.ts';
import { type CallEvidence, outcomeRecord } from '../../src/guard/recorder.ts';
import type { Store } from '../../src/guard/store-port.ts';
import type { Jurisdiction } from '../../src/policy/jurisdictions/jurisdiction.ts';
import { type CorrectedOutcome, decideCorrection, withCorrections } from '../../src/policy/outcome-correction.ts';
import type { Ruling } from '../../src/policy/rules/ruling.ts';
import {
  AGENT,
  CALLEE_MEDIA,
  MACHINE,
  OK_FINAL,
  TERMINATED_FINAL,
  WAIT_THEN_DROP,
} from '../../src/testing/call-samples.ts';
import { AMBIENCE_REPORT } from '../../src/testing/fake-ports.ts';

/** What becomes of a call after its answer, in ms from there. */
type Plot = { readonly name: string; readonly observed?: boolean; readonly steps: readonly Step[] };
type Step = readonly [afterMs: number, type: CallEvent['type'], disposition?: 'machine' | 'human'];

const PLOTS: readonly Plot[] = [
  {
    name: 'agent',
    steps: [
      [900, 'agent-bridged'],
      [61_000, 'callee-hung-up'],
    ],
  },
  {
    name: 'agent in the last moment',
    steps: [
      [3000, 'agent-bridged'],
      [9_000, 'dialer-hung-up'],
    ],
  },
  { name: 'silent', steps: [[3000, 'deadline']] },
  { name: 'callee left', steps: [[1200, 'callee-hung-up']] },
  { name: 'callee left at the end of the wait', steps: [[3000, 'callee-hung-up']] },
  { name: 'dialer gave up', steps: [[2500, 'dialer-hung-up']] },
  { name: 'line lost', steps: [[1500, 'leg-lost']] },
  {
    name: 'machine',
    steps: [
      [1800, 'disposition-reported', 'machine'],
      [21_000, 'dialer-hung-up'],
    ],
  },
  {
    name: 'machine that was none',
    steps: [
      [1000, 'disposition-reported', 'machine'],
      [2000, 'disposition-reported', 'human'],
      [3000, 'deadline'],
    ],
  },
  {
    name: 'machine that an agent heard late',
    steps: [
      [1000, 'disposition-reported', 'machine'],
      [8000, 'agent-bridged'],
      [9000, 'disposition-reported', 'human'],
      [30_000, 'callee-hung-up'],
    ],
  },
  {
    name: 'observed',
    observed: true,
    steps: [
      [3000, 'deadline'],
      [5000, 'agent-bridged'],
      [50_000, 'callee-hung-up'],
    ],
  },
  {
    name: 'observed machine',
    observed: true,
    steps: [
      [3000, 'deadline'],
      [5000, 'disposition-reported', 'machine'],
      [50_000, 'callee-hung-up'],
    ],
  },
];

/** Where the wait counts from what the callee says first. */
const GREETED: readonly Plot[] = [
  {
    name: 'agent within the wait after a greeting',
    steps: [
      [300, 'callee-speaks'],
      [1_500, 'callee-quiet'],
      [2_250, 'agent-bridged'],
      [40_000, 'callee-hung-up'],
    ],
  },
  {
    name: 'agent while the callee speaks',
    steps: [
      [900, 'callee-speaks'],
      [2_800, 'agent-bridged'],
      [40_000, 'dialer-hung-up'],
    ],
  },
  {
    name: 'callee left after a greeting',
    steps: [
      [700, 'callee-speaks'],
      [1_400, 'callee-quiet'],
      [2_600, 'callee-hung-up'],
    ],
  },
  {
    name: 'nobody after a greeting',
    steps: [
      [200, 'callee-speaks'],
      [1_000, 'callee-quiet'],
      [3_000, 'deadline'],
    ],
  },
];

const CAMPAIGNS = ['luce-autunno', 'gas', 'acqua'] as const;
const NUMBERS = 1_500;
const RING_MS_MAX = 60_000;
/** September to September: both changes of the clock, the end of a year, a leap day. */
const FROM = Date.UTC(2027, 8, 1);
const TO = Date.UTC(2028, 8, 5);
const DAY_MS = 86_400_000;

type Job = { readonly at: number; readonly run: () => Promise<unknown> };

/** Tells the store everything of so many calls, in the order of time. */
export async function liveThroughAYear(
  store: Pick<Store, 'ledger' | 'recordOutcome' | 'recordCorrection'>,
  jurisdiction: Jurisdiction,
  calls: number,
  seed: number,
): Promise<void> {
  const random = seededRandom(seed);
  const plots = jurisdiction.wait.from.value === 'answer' ? PLOTS : [...PLOTS, ...GREETED];
  const context: LedgerContext = {
    ownerOf: (campaign) => {
      const controller = campaign === 'acqua' ? 'volt' : 'acme';
      return { controller, lockScope: controller };
    },
    digestsOf: (number) => [`digest of ${number}`],
  };
  const invitedAt = Array.from({ length: calls }, () => momentOf(random, jurisdiction)).sort((a, b) => a - b);
  const busyUntil = new Map<string, number>();
  const jobs: Job[] = [];
  for (const [n, at] of invitedAt.entries()) {
    const number = `+39333${String(Math.floor(random() * NUMBERS)).padStart(7, '0')}`;
    // A second call to a number is not placed before the first one's outcome is committed.
    if ((busyUntil.get(number) ?? 0) > at) continue;
    const campaign = CAMPAIGNS[Math.floor(random() * CAMPAIGNS.length)] ?? CAMPAIGNS[0];
    busyUntil.set(number, planCall(n, at, number, campaign, jobs));
  }
  let waiting: Promise<unknown>[] = [];
  for (const { run } of jobs.sort((a, b) => a.at - b.at)) {
    waiting.push(run());
    if (waiting.length < 1_000) continue;
    await Promise.all(waiting);
    waiting = [];
  }
  await Promise.all(waiting);

  /** Plans what the store is told of one call; when the last of it is. */
  function planCall(n: number, at: number, number: string, campaign: string, plans: Job[]): number {
    const callId = `0192f0c1-7c1e-7c3a-9f44-${n.toString(16).padStart(12, '0')}` as CallId;
    const dossier: CallDossier = {
      ...{ callId, campaign, number, callerId: '+390212345678', dialerReference: null, dialerCallId: `d${n}` },
      ...{ carrierCallId: `c${n}`, carrier: 'primary', policy: jurisdiction.policy },
    };
    const ledger = createCallLedger(dossier, context);
    const isManual = random() < 0.04;
    const plot = plots[Math.floor(random() * plots.length)] ?? plots[0];
    const facts = newCallFacts(
      instant(at),
      null,
      null,
      isManual ? 'manual' : 'guarded',
      plot?.observed ? 'observe' : 'enforce',
    );
    if (!isManual) {
      const decision = ledger.decision({ at: at as WallMs, agent: 'none', exception: null }, rulingOn(n));
      plans.push({ at, run: () => store.ledger([decision]) });
    }
    if (!isManual && !rulingOn(n).allowed) {
      const refused = refusedAtOnce(facts, FORBIDDEN_FINAL);
      const entry = ledger.outcome(outcomeRecord(dossier, refused, null, jurisdiction), refused);
      plans.push({ at: at + 1, run: () => store.recordOutcome({ ...entry, webhooks: [] }) });
      return at + 1;
    }
    const { ended, endedAt } = live(at, facts, plot?.steps ?? [], ledger, plans);
    const entry = ledger.outcome(outcomeRecord(dossier, ended, noiseOf(n), jurisdiction), ended);
    // The disk was full, or the database away: told up to three days later.
    const committedAt = endedAt + (random() < 0.05 ? Math.floor(random() * 3 * DAY_MS) : 1);
    plans.push({ at: committedAt, run: () => store.recordOutcome({ ...entry, webhooks: [] }) });
    if (entry.record.times.answered === null || random() > 0.15) return committedAt;
    return planCorrections(withCorrections(entry.record, []), entry.digest, endedAt, committedAt, plans);
  }

  /** A call from its INVITE to its end. */
  function live(at: number, facts: CallFacts, steps: readonly Step[], ledger: CallLedger, plans: Job[]) {
    const rules = {
      ...WAIT_THEN_DROP,
      waitLimitMs: jurisdiction.wait.limitMs.value,
      waitFrom: jurisdiction.wait.from.value,
      machineReleases: jurisdiction.options.machineAnswered.value !== 'A',
    };
    let state: CallState = dialing(facts);
    let now = at + Math.floor(random() * RING_MS_MAX);
    const take = (event: CallEvent): void => {
      const before = state;
      if (before.name === 'ended') return;
      // A deadline that the call no longer has is no event.
      if (event.type === 'deadline' && before.deadlineAt === null) return;
      state = transition(before, event, rules).state;
      const drafts = ledger.step(before, state, event.at);
      const writtenAt = event.at.wallMs;
      if (drafts.length > 0) plans.push({ at: writtenAt, run: () => store.ledger(drafts) });
    };
    const fate = random();
    if (fate < 0.2) {
      take({ type: 'dialer-cancelled', at: instant(now), reason: null });
      // Half of them are answered in the same moment.
      if (fate < 0.1) take({ type: 'carrier-refused', at: instant(now + 40), final: TERMINATED_FINAL });
      else take({ type: 'callee-answered', at: instant(now + 40), final: OK_FINAL, media: CALLEE_MEDIA });
      now += 40;
    } else {
      take({ type: 'callee-answered', at: instant(now), final: OK_FINAL, media: CALLEE_MEDIA });
      const answeredAt = now;
      for (const [afterMs, type, disposition] of steps) {
        now = answeredAt + afterMs;
        take(eventOf(type, now, disposition));
      }
      // Who is torn down later than the plot thought.
      now += 60_000;
      take({ type: 'callee-hung-up', at: instant(now), reason: null });
    }
    const ended = state as EndedCall;
    return { ended, endedAt: ended.facts.endedAt?.wallMs ?? now };
  }

  function planCorrections(
    recorded: CorrectedOutcome,
    digest: string | null,
    endedAt: number,
    committedAt: number,
    plans: Job[],
  ): number {
    let outcome = recorded;
    let writtenAt = committedAt;
    let reportedAt = endedAt;
    for (let more = 1 + Math.floor(random() * 3); more > 0; more--) {
      reportedAt += 1_000 + Math.floor(random() * 150_000);
      const answeredBy = random() < 0.6 ? 'machine' : 'human';
      const disposition: Disposition = { answeredBy, method: null, source: 'http' };
      const decided = decideCorrection(outcome, disposition, reportedAt as WallMs, jurisdiction);
      if (decided.decision !== 'correct') continue;
      const { correction } = decided;
      const before = outcome;
      outcome = withCorrections(outcome, [...outcome.corrections, correction]);
      const owner = { controller: context.ownerOf(outcome.campaign).controller, digest };
      const moves = correctionMoves(before, outcome, owner, context);
      writtenAt = Math.max(writtenAt + 1, reportedAt);
      const callId = outcome.callId as CallId;
      plans.push({ at: writtenAt, run: () => store.recordCorrection({ callId, correction, ...moves, webhooks: [] }) });
    }
    // The number may be called again as soon as the outcome is there, whatever is corrected after that.
    return committedAt;
  }
}

const FORBIDDEN_FINAL = { status: 403, phrase: 'Forbidden', reason: null };

const BREACH = { citation: 'law', facts: {}, remedy: 'wait', retryAfterS: null };

/** A few are refused, some breach what is only observed. */
function rulingOn(n: number): Ruling {
  const roc = { ...BREACH, rule: 'roc', mode: 'observe' } as const;
  const lock = { ...BREACH, rule: 'recall-lock', mode: 'enforce' } as const;
  const breaches = [...(n % 11 === 3 ? [roc] : []), ...(n % 23 === 7 ? [lock] : [])];
  return { allowed: !breaches.includes(lock), breaches };
}

/** Most had ambience, sooner or later after the answer. */
function noiseOf(n: number): CallEvidence | null {
  if (n % 13 === 0) return null;
  const { ambience } = AMBIENCE_REPORT;
  if (ambience === null) return null;
  const report = { ...AMBIENCE_REPORT, ambience: { ...ambience, startedAfterMs: 0.4 + (n % 97) / 10 } };
  return { report, exchange: { messages: [], leftOut: 0 }, clock: null };
}

function eventOf(type: CallEvent['type'], ms: number, answeredBy: 'machine' | 'human' = 'machine'): CallEvent {
  const at = instant(ms);
  switch (type) {
    case 'agent-bridged':
      return { type, at, agent: AGENT };
    case 'disposition-reported':
      return { type, at, disposition: { ...MACHINE, answeredBy } };
    case 'dialer-hung-up':
      return { type, at, reason: null, disposition: null };
    case 'callee-speaks':
    case 'callee-quiet':
      return { type, at, since: at };
    case 'leg-lost':
      return { type, at, leg: 'carrier', reason: null };
    case 'deadline':
      return { type, at };
    default:
      return { type: 'callee-hung-up', at, reason: null };
  }
}

const instant = (ms: number) => ({ monotonicMs: ms as MonotonicMs, wallMs: ms as WallMs });

/** Hours by which clocks are ahead of UTC, in winter and in summer. */
const HOURS_AHEAD = { it: [1, 2], de: [1, 2], gb: [0, 1], us: [-5, -4], ca: [-5, -4] } as const;

/** Any moment of the year; every third one in the last minute before or the first after a midnight of the law's. */
function momentOf(random: Random, { name }: Jurisdiction): number {
  const [winter, summer] = HOURS_AHEAD[name];
  const any = FROM + Math.floor(random() * (TO - FROM));
  if (random() > 0.35) return any;
  const midnight = Math.floor(any / DAY_MS) * DAY_MS - (random() < 0.5 ? winter : summer) * 3_600_000;
  return midnight + Math.floor((random() - 0.7) * 100_000);
}
