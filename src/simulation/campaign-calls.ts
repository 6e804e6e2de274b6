/**
 * The calls of one campaign, from the ruling on their INVITE to their end. What the law says of them is asked where the guard
 * asks it, here and in `call-count.ts`; nothing of it is known here.
 */
import { assert } from '../base/assert.ts';
import type { Random } from '../base/random.ts';
import type { CountedAs } from '../ledger/ledger-entry.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { answerDays } from '../policy/rules/answer-days.ts';
import type { CampaignTerms } from '../policy/rules/campaign-terms.ts';
import { ruleOn } from '../policy/rules/rule-on.ts';
import type { AgentPromise, Breach, RulingFacts } from '../policy/rules/ruling.ts';
import type { NumberHistory } from '../policy/rules/standing.ts';
import { OPEN_CORRECTION_MS, standingOn } from '../policy/rules/standing-on.ts';
import type { Agents } from './agents.ts';
import { createCallChance } from './call-chance.ts';
import { createCallCount } from './call-count.ts';
import type { Happening } from './call-observer.ts';
import { CALL, FATE } from './call-pool.ts';
import { type CampaignBook, NO_RISK } from './campaign-book.ts';
import { countRuling, type DayFigures, type Waits } from './day-figures.ts';
import { createDueNumbers } from './due-numbers.ts';
import { createGreetings } from './greetings.ts';
import type { Caller } from './number-book.ts';
import type { CampaignScenario } from './scenario.ts';
import { EVENT, type World } from './world.ts';

/** What one campaign's calls are made with. */
export type CampaignParts = {
  readonly scenario: CampaignScenario;
  readonly terms: CampaignTerms;
  readonly law: Jurisdiction;
  readonly greetingLimitMs: number;
  readonly callerId: string;
  /** A number of the list, as one that is called: all are in one country. */
  readonly sampleNumber: string;
  /** Its place among the campaigns and controllers of the world. */
  readonly caller: Caller;
  readonly random: Random;
  readonly book: CampaignBook;
  readonly agents: Agents;
  readonly waits: Waits;
  readonly figures: () => DayFigures;
  /** What the register said of a number. */
  readonly screeningOf: (number: number) => NumberHistory['screening'];
  /** After each call, for its dialer. */
  readonly onOver: (number: number, how: CallEnd, now: number) => void;
  /** Counts of a day have moved for the worse. */
  readonly onWorse: (day: string, now: number) => void;
};

/** How a call ended, as its dialer sees it. */
export type CallEnd = 'reached' | 'machine' | 'silent' | 'no-answer' | 'busy';

/** The calls of one campaign. */
export type CampaignCalls = {
  /** Asks the rules and places it. The breach that refuses it; `no-line`: there is none; null: it rings. */
  place(now: number, number: number, agent: AgentPromise): Breach | 'no-line' | null;
  /** The next thing happens that a call has planned. */
  advance(slot: number, now: number): void;
  wrappedUp(slot: number, now: number): void;
  machineFound(slot: number, now: number): void;
  /** Brings agents who are free to people who wait. */
  serve(now: number): void;
  /** Calls that have no agent yet, and may need one. */
  lines(): number;
  /** People who were reached, and calls that were placed: what a dialer paces by. */
  reached(): number;
  placed(): number;
};

const NEVER = Number.POSITIVE_INFINITY;
const PROMISES: readonly AgentPromise[] = ['none', 'reserved', 'connected'];
const SILENT: CountedAs['as'] = 'silent';

/** None yet. */
export function createCampaignCalls(world: World, parts: CampaignParts): CampaignCalls {
  const { queue, pool, numbers, calendar, observer } = world;
  const { scenario, terms, law, caller, random, book, agents, waits } = parts;
  const { detection } = scenario;
  const span = law.ratio.window?.span.value ?? null;
  const waitLimitMs = law.wait.limitMs.value;
  const draw = createCallChance(scenario, terms.ringLimitMs, random, pool);
  const greetings = createGreetings(scenario, law, parts.greetingLimitMs, random, pool);
  const count = createCallCount(world, parts, greetings);
  /** Who waits for an agent, longest first; some of them are gone. */
  const waiting = createDueNumbers();
  let lines = 0;
  let reached = 0;
  let placed = 0;

  const facts: { -readonly [K in keyof RulingFacts]: RulingFacts[K] } = {
    ...{ at: calendar.beginsAt, number: parts.sampleNumber, callerId: parts.callerId, agent: 'none', exception: null },
    ...{ terms, history: numbers.historyOf(0, caller, calendar.today), standing: { days: [] } },
  };

  function place(now: number, number: number, agent: AgentPromise): Breach | 'no-line' | null {
    const slot = pool.open();
    if (slot === -1) return 'no-line';
    book.passTo(now);
    const at = calendar.wall(now);
    const days = answerDays(at, terms.ringLimitMs, calendar.dayOf);
    const history = numbers.historyOf(number, caller, calendar.today);
    history.screening = parts.screeningOf(number);
    facts.at = at;
    facts.agent = agent;
    facts.history = history;
    facts.standing = standingOn(days, book.counts, span);
    const ruling = ruleOn(facts, law);
    const call = world.callId();
    observer?.ruled({ call, at, campaign: terms.campaign, number, agent }, ruling);
    if (ruling.breaches.length > 0) countRuling(parts.figures(), ruling);
    if (!ruling.allowed) {
      pool.close(slot);
      return ruling.breaches.find(({ mode }) => mode === 'enforce') ?? null;
    }
    placed++;
    parts.figures().placed++;
    book.begin(days.from);
    numbers.placed(number, caller, calendar.today);
    pool.campaign[slot] = caller.campaign;
    pool.id[slot] = call;
    pool.number[slot] = number;
    pool.agentPromise[slot] = PROMISES.indexOf(agent);
    pool.risk[slot] = book.take({ agent, counted: false, answeredDay: null, day: days.from, lastDay: days.to });
    pool.state[slot] = CALL.ringing;
    if (agent === 'none') lines++;
    else agents.hold(now);
    queue.put(now + draw.rings(slot), EVENT.call, slot, pool.stamp[slot] as number);
    return null;
  }

  function advance(slot: number, now: number): void {
    switch (pool.state[slot]) {
      case CALL.ringing:
        rungOut(slot, now);
        return;
      case CALL.talking:
        talkOver(slot, now);
        return;
      case CALL.over:
        // Its correction may be corrected no more.
        leaveRisk(slot);
        pool.close(slot);
        return;
      default:
        waitStep(slot, now);
    }
  }

  function rungOut(slot: number, now: number): void {
    const fate = pool.fate[slot] as number;
    if (fate === FATE.person || fate === FATE.machine) {
      answered(slot, now);
      return;
    }
    withoutLine(slot, now);
    tell(slot, now, fate === FATE.unanswered ? 'given-up' : fate === FATE.busy ? 'busy' : 'failed');
    over(slot, now, fate === FATE.unanswered ? 'no-answer' : 'busy');
    pool.close(slot);
  }

  function answered(slot: number, now: number): void {
    const figures = parts.figures();
    figures.answered++;
    if (pool.fate[slot] === FATE.machine) figures.machines++;
    tell(slot, now, 'answered');
    pool.answeredAt[slot] = now;
    pool.deadlineAt[slot] = now + waitLimitMs;
    if (pool.agentPromise[slot] === 2) {
      greetings.unheard(slot);
      agents.letGo(now);
      agents.take(now);
      bridged(slot, now);
      return;
    }
    const isPerson = pool.fate[slot] === FATE.person;
    pool.takenForMachine[slot] = random() < (isPerson ? detection.peopleMistaken : detection.machinesFound) ? 1 : 0;
    pool.hangsUpAt[slot] = isPerson ? now + draw.patience() : NEVER;
    pool.decidesAt[slot] = now + draw.decides();
    greetings.answered(slot, now);
    pool.bridgesAt[slot] = NEVER;
    const day = calendar.dayOf(calendar.wall(now));
    book.leave(pool.risk[slot] as number);
    const agent = PROMISES[pool.agentPromise[slot] as number] ?? 'none';
    pool.risk[slot] = book.take({ agent, counted: false, answeredDay: day, day, lastDay: day });
    pool.state[slot] = CALL.deciding;
    if (agent === 'reserved') {
      agents.letGo(now);
      comesTo(slot, now);
    } else plan(slot);
  }

  /** The first of what may end its wait; whatever was planned before is not any more. */
  function plan(slot: number): void {
    const stamp = (pool.stamp[slot] as number) + 1;
    pool.stamp[slot] = stamp;
    const at = Math.min(
      pool.decidesAt[slot] as number,
      pool.bridgesAt[slot] as number,
      pool.hangsUpAt[slot] as number,
      pool.deadlineAt[slot] as number,
      greetings.nextAt(slot),
    );
    queue.put(at, EVENT.call, slot, stamp);
  }

  /** An agent who comes in the last moment is in time. */
  function waitStep(slot: number, now: number): void {
    if (pool.bridgesAt[slot] === now) bridged(slot, now);
    else if (greetings.nextAt(slot) === now) greeted(slot, now);
    else if (pool.decidesAt[slot] === now) decided(slot, now);
    else if (pool.hangsUpAt[slot] === now) unserved(slot, now, 'callee-hung-up');
    else unserved(slot, now, 'wait-over');
  }

  /** The wait may end at another time from here on. */
  function greeted(slot: number, now: number): void {
    const told = greetings.tell(slot);
    if (told === 'callee-speaks') parts.figures().greetings++;
    tell(slot, now, told);
    plan(slot);
  }

  function decided(slot: number, now: number): void {
    if (pool.takenForMachine[slot] === 1) {
      unserved(slot, now, 'machine-dropped');
      return;
    }
    pool.decidesAt[slot] = NEVER;
    if (agents.free() > 0) comesTo(slot, now);
    else {
      pool.state[slot] = CALL.queued;
      waiting.add(slot, pool.id[slot] as number);
      plan(slot);
    }
  }

  function comesTo(slot: number, now: number): void {
    if (pool.agentPromise[slot] === 0) lines--;
    agents.take(now);
    pool.state[slot] = CALL.bridging;
    pool.decidesAt[slot] = NEVER;
    pool.bridgesAt[slot] = now + draw.bridging();
    plan(slot);
  }

  function bridged(slot: number, now: number): void {
    const answeredAt = pool.answeredAt[slot] as number;
    tell(slot, now, 'agent-bridged');
    parts.figures().bridged++;
    if (pool.fate[slot] === FATE.person) reached++;
    waits.record(now - answeredAt);
    count(slot, now, { agentAfterMs: now - answeredAt }, { silentAt: now, bridgedAt: now });
    leaveRisk(slot);
    pool.state[slot] = CALL.talking;
    const talkMs = pool.fate[slot] === FATE.person ? draw.talk() : draw.talkToMachine();
    const stamp = (pool.stamp[slot] as number) + 1;
    pool.stamp[slot] = stamp;
    queue.put(now + talkMs, EVENT.call, slot, stamp);
  }

  function talkOver(slot: number, now: number): void {
    tell(slot, now, 'dialer-hung-up');
    over(slot, now, pool.fate[slot] === FATE.person ? 'reached' : 'machine');
    pool.state[slot] = CALL.wrappingUp;
    queue.put(now + draw.wrapUp(), EVENT.wrappedUp, slot, pool.stamp[slot] as number);
  }

  /** It ends without an agent. */
  function unserved(slot: number, now: number, how: 'machine-dropped' | 'callee-hung-up' | 'wait-over'): void {
    const answeredAt = pool.answeredAt[slot] as number;
    const isMachine = how === 'machine-dropped';
    // Somebody was on the way who is free again.
    if (pool.state[slot] === CALL.bridging) agents.done(now);
    else withoutLine(slot, now);
    tell(slot, now, how);
    if (!isMachine) waits.record(now - answeredAt);
    const counted = count(
      slot,
      now,
      {
        answeredBy: isMachine ? 'machine' : 'not-classified',
        wasOverdue: how === 'wait-over',
        calleeHungUpAfterMs: how === 'callee-hung-up' ? now - answeredAt : null,
      },
      { silentAt: now, bridgedAt: null },
    );
    leaveRisk(slot);
    // One that is not counted, a machine's say, may still be corrected to class A.
    if (counted !== null && counted.class !== 'A') book.leftOpen(calendar.dayOf(calendar.wall(answeredAt)), now);
    over(slot, now, counted?.class === 'A' ? 'silent' : isMachine ? 'machine' : 'no-answer');
    const isFound =
      how === 'wait-over' &&
      pool.fate[slot] === FATE.machine &&
      counted?.as === SILENT &&
      random() < detection.foundAfterwards;
    if (!isFound) {
      pool.close(slot);
      return;
    }
    pool.state[slot] = CALL.over;
    pool.endedAt[slot] = now;
    queue.put(now + draw.found(), EVENT.machineFound, slot, pool.stamp[slot] as number);
  }

  function leaveRisk(slot: number): void {
    book.leave(pool.risk[slot] as number);
    pool.risk[slot] = NO_RISK;
  }

  /** Its line, or the agent who was held for it, is free. */
  function withoutLine(slot: number, now: number): void {
    if (pool.agentPromise[slot] === 0) lines--;
    else agents.letGo(now);
  }

  function over(slot: number, now: number, how: CallEnd): void {
    leaveRisk(slot);
    numbers.released(pool.number[slot] as number);
    parts.onOver(pool.number[slot] as number, how, now);
  }

  function tell(slot: number, now: number, what: Happening): void {
    observer?.happened(pool.id[slot] as number, calendar.wall(now), what);
  }

  return {
    place,
    advance,
    wrappedUp(slot, now) {
      agents.done(now);
      pool.close(slot);
    },
    machineFound(slot, now) {
      tell(slot, now, 'machine-found');
      const endedAt = pool.endedAt[slot] as number;
      const from: CountedAs = { class: 'A', as: SILENT };
      const call = { answeredBy: 'machine', wasOverdue: true } as const;
      const counted = count(slot, now, call, { silentAt: endedAt, bridgedAt: null }, from);
      const answeredAt = pool.answeredAt[slot] as number;
      if (counted === null || counted.class === 'A') {
        pool.close(slot);
        return;
      }
      const day = calendar.dayOf(calendar.wall(answeredAt));
      pool.risk[slot] = book.take({ agent: 'none', counted: false, answeredDay: day, day, lastDay: day });
      queue.put(endedAt + OPEN_CORRECTION_MS, EVENT.call, slot, pool.stamp[slot] as number);
    },
    serve(now) {
      while (waiting.size() > 0 && agents.free() > 0) {
        const id = waiting.firstAt();
        const slot = waiting.take();
        // Who hung up, or was torn down, is not waiting any more, whoever has the slot now.
        if (pool.state[slot] === CALL.queued && pool.id[slot] === id) comesTo(slot, now);
      }
    },
    lines() {
      assert(lines >= 0, 'no line ends twice');
      return lines;
    },
    reached: () => reached,
    placed: () => placed,
  };
}
