/** The calls of a chaos run: what each does is known by its number, and what must have come of it follows. */
import type { CallPlan } from '../../src/peers/call-plan.ts';
import type { CalleeBehaviour } from '../../src/peers/callee-behaviour.ts';

/** One kind of call. */
export type CallKind = {
  readonly name: string;
  readonly callee: CalleeBehaviour;
  readonly plan: Omit<CallPlan, 'number' | 'callerId'>;
};

const ANSWERS: CalleeBehaviour = { kind: 'answers', ringMs: 200 };
const AGENT = { 'X-Brusio-Agent': '1001;state=connected' };

/** Of ten calls that follow each other: half wait for nobody, three have an agent, two are not answered. */
const KINDS: readonly CallKind[] = [
  { name: 'no agent', callee: ANSWERS, plan: {} },
  {
    name: 'agent after a second',
    callee: ANSWERS,
    plan: { agent: { by: 'info', afterMs: 1_000, headers: AGENT }, hangUp: { afterMs: 2_500 } },
  },
  { name: 'no agent', callee: ANSWERS, plan: {} },
  { name: 'callee hangs up', callee: { ...ANSWERS, hangUpAfterMs: 900 }, plan: {} },
  {
    name: 'agent from the beginning',
    callee: { ...ANSWERS, hangUpAfterMs: 1_500 },
    plan: { agent: { by: 'invite' }, headers: AGENT },
  },
  { name: 'busy', callee: { kind: 'refuses', afterMs: 150, status: 486, q850: 17 }, plan: {} },
  { name: 'no agent', callee: ANSWERS, plan: {} },
  {
    name: 'agent at once',
    callee: ANSWERS,
    plan: { agent: { by: 'info', afterMs: 50, headers: AGENT }, hangUp: { afterMs: 1_200 } },
  },
  { name: 'dialer cancels', callee: { kind: 'never-answers' }, plan: { cancelAfterMs: 600 } },
  { name: 'no agent', callee: ANSWERS, plan: {} },
];

/** The called number of the n-th call; nobody's. */
export function numberOf(n: number): string {
  return `+393335${String(n).padStart(6, '0')}`;
}

/** What the call to a number does. */
export function kindOf(number: string): CallKind {
  const kind = KINDS[Number(number.slice(-6)) % KINDS.length];
  if (kind === undefined) throw new Error('a number of no call');
  return kind;
}
