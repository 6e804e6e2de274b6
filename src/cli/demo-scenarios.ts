import type { CallPlan } from '../peers/call-plan.ts';
import { ANSWERS, type CalleeBehaviour } from '../peers/callee-behaviour.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';

/** One call of the demo: what the two ends do, and what must come of it. */
export type DemoScenario = {
  /** File name of the recording. */
  readonly name: string;
  /** What happens, for a person. */
  readonly title: string;
  readonly number: string;
  readonly callee: CalleeBehaviour;
  /** What the dialer does beside calling; `reportAgent` is the HTTP request that says an agent is on the line. */
  readonly plan: (reportAgent: (dialerCallId: string) => Promise<void>) => Omit<CallPlan, 'number' | 'callerId'>;
  readonly expected: ExpectedOutcome;
  /** What must be heard, by the called person unless it says otherwise. */
  readonly hears: ExpectedSound;
};

/** The part of an outcome that a scenario decides. */
export type ExpectedOutcome = Pick<OutcomeRecord, 'network' | 'answeredBy' | 'handling' | 'class' | 'endedBy'>;

/** `ambience` until the call ends or an agent comes; `agent` from the bridge on; `ringingTone` is for the dialer. */
export type ExpectedSound = {
  readonly ambience: boolean;
  readonly agent: boolean;
  readonly ringingTone?: boolean;
  /** Answer to the guard's hanging up in ms; null when somebody else ends the call. */
  readonly droppedAfterMs: number | null;
};

const NO_SOUND: ExpectedSound = { ambience: false, agent: false, droppedAfterMs: null };
const AMBIENCE: ExpectedSound = { ambience: true, agent: false, droppedAfterMs: null };
const DROPPED: ExpectedSound = { ambience: true, agent: false, droppedAfterMs: 3_000 };

const connected = (agent: string) => ({ 'X-Brusio-Agent': `${agent};state=connected` });

/** Every outcome once, the longest calls first, so that all of them together take the shortest time. */
export const DEMO_SCENARIOS: readonly DemoScenario[] = [
  {
    name: 'answered-no-agent',
    title: 'answered, no agent comes',
    number: '+393330000101',
    callee: ANSWERS,
    plan: () => ({}),
    expected: answered('silent', 'A', 'guard'),
    hears: DROPPED,
  },
  {
    name: 'agent-by-info',
    title: 'agent after 1 s, told by SIP INFO',
    number: '+393330000102',
    callee: ANSWERS,
    plan: () => ({ agent: { by: 'info', afterMs: 1_000, headers: connected('1001') }, hangUp: { afterMs: 3_500 } }),
    expected: answered('agent', 'B', 'dialer'),
    hears: { ...AMBIENCE, agent: true },
  },
  {
    name: 'agent-by-http',
    title: 'agent after 1 s, told by HTTP',
    number: '+393330000103',
    callee: { ...ANSWERS, hangUpAfterMs: 3_500 },
    plan: (report) => ({ agent: { by: 'callback', afterMs: 1_000, report } }),
    expected: answered('agent', 'B', 'callee'),
    hears: { ...AMBIENCE, agent: true },
  },
  {
    name: 'early-media',
    title: 'ringing tone before the answer, no agent',
    number: '+393330000104',
    callee: { kind: 'answers', ringMs: 800, earlyMediaMs: 100 },
    plan: () => ({}),
    expected: answered('silent', 'A', 'guard'),
    hears: { ...DROPPED, ringingTone: true },
  },
  {
    name: 'agent-first',
    title: 'the agent is there before the callee',
    number: '+393330000105',
    callee: ANSWERS,
    plan: () => ({ headers: connected('1005'), agent: { by: 'invite' }, hangUp: { afterMs: 2_500 } }),
    expected: answered('agent', 'B', 'dialer'),
    hears: { ...NO_SOUND, agent: true },
  },
  {
    name: 'no-answer',
    title: 'nobody answers, the dialer gives up',
    number: '+393330000106',
    callee: { kind: 'never-answers' },
    plan: () => ({ cancelAfterMs: 2_500 }),
    expected: unanswered('no-answer', 'dialer'),
    hears: NO_SOUND,
  },
  {
    name: 'callee-hangs-up',
    title: 'the callee hangs up after 1.2 s',
    number: '+393330000107',
    callee: { ...ANSWERS, hangUpAfterMs: 1_200 },
    plan: () => ({}),
    expected: answered('silent', 'A', 'callee'),
    hears: AMBIENCE,
  },
  {
    name: 'dialer-hangs-up',
    title: 'the dialer hangs up while the callee waits',
    number: '+393330000108',
    callee: ANSWERS,
    plan: () => ({ hangUp: { afterMs: 1_500 } }),
    expected: answered('silent', 'A', 'dialer'),
    hears: AMBIENCE,
  },
  {
    name: 'answering-machine',
    title: 'the dialer finds a machine and hangs up',
    number: '+393330000109',
    callee: ANSWERS,
    plan: () => ({ hangUp: { afterMs: 1_200, headers: { 'X-Brusio-Disposition': 'machine;method=amd' } } }),
    expected: { ...answered('machine-dropped', 'B', 'dialer'), answeredBy: 'machine' },
    hears: AMBIENCE,
  },
  {
    name: 'answer-crosses-cancel',
    title: 'the callee answers as the dialer gives up',
    number: '+393330000110',
    callee: { kind: 'answers-upon-cancel' },
    plan: () => ({ cancelAfterMs: 800 }),
    expected: answered('silent', 'A', 'dialer'),
    hears: NO_SOUND,
  },
  {
    name: 'busy',
    title: 'busy (486)',
    number: '+393330000111',
    callee: { kind: 'refuses', afterMs: 300, status: 486, q850: 17 },
    plan: () => ({}),
    expected: unanswered('busy', 'network'),
    hears: NO_SOUND,
  },
  {
    name: 'rejected',
    title: 'rejected (603)',
    number: '+393330000112',
    callee: { kind: 'refuses', afterMs: 300, status: 603, q850: 21 },
    plan: () => ({}),
    expected: unanswered('rejected', 'network'),
    hears: NO_SOUND,
  },
  {
    name: 'congestion',
    title: 'no line free (503)',
    number: '+393330000113',
    callee: { kind: 'refuses', afterMs: 300, status: 503, q850: 34 },
    plan: () => ({}),
    expected: unanswered('congestion', 'network'),
    hears: NO_SOUND,
  },
  {
    name: 'same-number-again',
    title: 'the first number once more at the same time',
    number: '+393330000101',
    callee: ANSWERS,
    plan: () => ({}),
    expected: unanswered('blocked', 'guard'),
    hears: NO_SOUND,
  },
];

/** What the telephone with this number does; a number outside the demo answers and stays. */
export function behaviourOf(number: string): CalleeBehaviour {
  return DEMO_SCENARIOS.find((scenario) => scenario.number === number)?.callee ?? ANSWERS;
}

function answered(
  handling: OutcomeRecord['handling'],
  outcomeClass: 'A' | 'B',
  endedBy: OutcomeRecord['endedBy'],
): ExpectedOutcome {
  return { network: 'answered', answeredBy: 'not-classified', handling, class: outcomeClass, endedBy };
}

function unanswered(network: OutcomeRecord['network'], endedBy: OutcomeRecord['endedBy']): ExpectedOutcome {
  return { network, answeredBy: 'not-classified', handling: 'none', class: null, endedBy };
}
