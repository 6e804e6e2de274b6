/**
 * A campaign's calls as the abandonment budget sees them, for tests: what truly happens, and beside it what is committed and
 * what the ruling thread has heard, each as late as it may be. Days are UTC's.
 */
import type { WallMs } from '../base/clock.ts';
import type { CountedAs } from '../ledger/ledger-entry.ts';
import { CORRECTION_PERIOD_MS } from '../policy/correction-period.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import { windowOf } from '../policy/ratio-window.ts';
import { abandonmentBudget } from '../policy/rules/abandonment-budget.ts';
import { answerDays, LATE_ANSWER_MS } from '../policy/rules/answer-days.ts';
import type { AgentPromise } from '../policy/rules/ruling.ts';
import { OPEN_CORRECTION_MS, type OpenRisk, standingOn } from '../policy/rules/standing-on.ts';
import { isWithin, type Tally } from '../policy/tally.ts';
import { lawfulCall } from './ruling-facts.ts';

/** What may happen next; `call` picks one of those to which it can happen. */
export type Happening =
  | { readonly what: 'time'; readonly ms: number }
  | { readonly what: 'invite'; readonly agent: AgentPromise }
  | { readonly what: (typeof TO_A_CALL)[number]; readonly call: number };

/** What may happen to a call, or to what is known of it. */
export const TO_A_CALL = [
  ...['agent-leaves', 'given-up', 'answered', 'refused', 'agent-comes', 'machine', 'person', 'callee-hangs-up'],
  ...['dialer-hangs-up', 'committed', 'heard'],
] as const;

/** How the campaign is run, and how quickly the ruling thread hears. */
export type BudgetTerms = {
  readonly promisedAgents: 'trust' | 'count';
  readonly machineAnswered: 'A' | 'B';
  readonly calleeHangUp: 'A' | 'B';
  /**
   * Agents on the line stay on it while it rings, and a call with one is not answered in the moment in which it is given up.
   */
  readonly linesKept: boolean;
  /** The thread hears of an answer before its class can be committed: one process. Else ringing calls count as handled. */
  readonly answersHeardFirst: boolean;
};

type Call = {
  readonly at: number;
  readonly promised: AgentPromise;
  agent: AgentPromise;
  /** Placed on the word of an agent, and not judged again with success. */
  unjudged: boolean;
  state: 'ringing' | 'cancelling' | 'waiting' | 'machine' | 'overdue' | 'bridged' | 'over';
  answeredAt: number | null;
  endedAt: number | null;
  counted: CountedAs | null;
  committed: CountedAs | null;
  /** Since when something of it is not committed; null: all is. */
  dirtySince: number | null;
  outcomeCommitted: boolean;
  heard: 'placed' | 'answered' | 'counted' | 'released';
};

const RING_LIMIT_MS = 60_000;
const WAIT_MS = 3_000;
/** At the latest then everything is committed: a store that stalls longer takes no new calls. */
const STALL_MS = 3_000;
const WINDOW_SPAN = italy.ratio.window.span.value;
const DAY_MS = 86_400_000;

const dayNames = new Map<number, string>();
function dayOf(at: number): string {
  const number = Math.floor(at / DAY_MS);
  const known = dayNames.get(number) ?? new Date(number * DAY_MS).toISOString().slice(0, 10);
  dayNames.set(number, known);
  return known;
}

/**
 * Plays a campaign, and tells after every happening which limit is passed.
 *
 * @param handled calls that agents took on its first day, before anything else happens
 */
export function createBudgetModel(startAt: number, handled: number, terms: BudgetTerms) {
  const firstDay = dayOf(startAt);
  let now = startAt;
  const calls: Call[] = [];
  let placed = 0;

  function isAllowed(agent: AgentPromise, except: Call | null): boolean {
    const breach = abandonmentBudget(
      lawfulCall({
        ...{ at: now as WallMs, agent, terms: { promisedAgents: terms.promisedAgents } },
        standing: standingOn(answerDays(now as WallMs, RING_LIMIT_MS, dayOf), knownCounts(except), WINDOW_SPAN),
      }),
      italy,
    );
    return breach === null;
  }

  function knownCounts(except: Call | null) {
    const others = calls.filter((call) => call !== except);
    return {
      firstDay: handled === 0 && calls.length === 0 ? null : firstDay,
      days: talliesOf((call) => call.committed),
      risks: [...others.flatMap(reservationOf), ...calls.flatMap(openCorrectionOf)],
    };
  }

  /** As the ruling thread has it. */
  function reservationOf(call: Call): OpenRisk[] {
    if (call.heard === 'released' || call.heard === 'counted' || call.agent === 'connected') return [];
    if (call.heard === 'answered' && call.answeredAt !== null) {
      return [{ as: 'handled', calls: 1, days: { from: dayOf(call.answeredAt), to: dayOf(call.answeredAt) } }];
    }
    const days = answerDays(call.at as WallMs, RING_LIMIT_MS, dayOf);
    return [{ as: terms.answersHeardFirst ? 'uncounted' : 'handled', calls: 1, days }];
  }

  /** As the database has it: a correction to A is in the counts, and no more than that. */
  function openCorrectionOf(call: Call): OpenRisk[] {
    if (!call.outcomeCommitted || call.endedAt === null || call.answeredAt === null) return [];
    if (call.committed?.class !== 'B' || call.committed.as === 'agent' || now - call.endedAt > OPEN_CORRECTION_MS)
      return [];
    return [{ as: 'handled', calls: 1, days: { from: dayOf(call.answeredAt), to: dayOf(call.answeredAt) } }];
  }

  function talliesOf(countOf: (call: Call) => CountedAs | null, of = calls): Map<string, Tally> {
    const days = new Map<string, Tally>([[firstDay, { silent: 0, handled }]]);
    for (const call of of) {
      const counted = countOf(call);
      if (counted === null || call.answeredAt === null) continue;
      const day = dayOf(call.answeredAt);
      const tally = days.get(day) ?? { silent: 0, handled: 0 };
      const isA = counted.class === 'A';
      days.set(day, { silent: tally.silent + (isA ? 1 : 0), handled: tally.handled + (isA ? 0 : 1) });
    }
    return days;
  }

  function count(call: Call, counted: CountedAs): void {
    call.counted = counted;
    touch(call);
  }
  function touch(call: Call): void {
    call.dirtySince ??= now;
  }
  function end(call: Call): void {
    call.state = 'over';
    call.endedAt = now;
    touch(call);
  }
  const asMachine = (): CountedAs => ({ class: terms.machineAnswered, as: 'machine' });
  const SILENT: CountedAs = { class: 'A', as: 'silent' };
  const BY_AGENT: CountedAs = { class: 'B', as: 'agent' };

  const happenings: Record<(typeof TO_A_CALL)[number], (call: Call) => boolean> = {
    'agent-leaves'(call) {
      if (call.state !== 'ringing' || call.agent === 'none' || (terms.linesKept && call.agent === 'connected'))
        return false;
      call.agent = 'none';
      if (isAllowed('none', call)) call.unjudged = false;
      else call.state = 'cancelling';
      return true;
    },
    'given-up'(call) {
      if (call.state !== 'ringing') return false;
      call.state = 'cancelling';
      return true;
    },
    answered(call) {
      if (call.state !== 'ringing' && call.state !== 'cancelling') return false;
      if (call.state === 'cancelling' && call.agent === 'connected' && terms.linesKept) return false;
      call.answeredAt = now;
      if (terms.answersHeardFirst) call.heard = 'answered';
      touch(call);
      if (call.state === 'cancelling') {
        // It crossed our CANCEL: an answered call, and nobody there.
        count(call, SILENT);
        end(call);
      } else if (call.agent === 'connected') {
        call.state = 'bridged';
        count(call, BY_AGENT);
      } else {
        call.state = 'waiting';
      }
      return true;
    },
    refused(call) {
      if (call.state !== 'ringing' && call.state !== 'cancelling') return false;
      end(call);
      return true;
    },
    'agent-comes'(call) {
      if (call.state !== 'waiting' && call.state !== 'machine' && call.state !== 'overdue') return false;
      if (call.state !== 'overdue' && now - (call.answeredAt ?? 0) <= WAIT_MS) count(call, BY_AGENT);
      call.state = 'bridged';
      return true;
    },
    machine(call) {
      if (call.state === 'over') return corrected(call, asMachine());
      const isTooLate = call.state === 'bridged' && call.counted?.as === 'silent';
      if (call.state !== 'waiting' && call.state !== 'overdue' && !isTooLate) return false;
      // It may be taken back: its room is taken again, and heard of, before the change can be committed.
      if (call.heard === 'counted') call.heard = 'answered';
      if (!isTooLate) call.state = 'machine';
      count(call, asMachine());
      return true;
    },
    person(call) {
      if (call.state === 'over') return corrected(call, SILENT);
      if (call.state === 'bridged' && call.counted?.as === 'machine') {
        count(call, SILENT);
        return true;
      }
      if (call.state !== 'machine') return false;
      const isOverdue = now - (call.answeredAt ?? 0) > WAIT_MS;
      call.state = isOverdue ? 'overdue' : 'waiting';
      call.counted = isOverdue ? SILENT : null;
      touch(call);
      return true;
    },
    'callee-hangs-up'(call) {
      if (call.state === 'waiting') count(call, { class: terms.calleeHangUp, as: 'callee-hung-up' });
      else if (call.state !== 'machine' && call.state !== 'overdue' && call.state !== 'bridged') return false;
      end(call);
      return true;
    },
    'dialer-hangs-up'(call) {
      if (call.state === 'waiting') count(call, SILENT);
      else if (call.state !== 'machine' && call.state !== 'overdue' && call.state !== 'bridged') return false;
      end(call);
      return true;
    },
    committed(call) {
      if (call.dirtySince === null) return false;
      commit(call);
      return true;
    },
    heard(call) {
      if (call.heard === 'placed' && call.answeredAt !== null) call.heard = 'answered';
      else if (call.heard === 'answered' && isClassFinal(call)) call.heard = 'counted';
      else if (call.heard !== 'released' && call.outcomeCommitted) call.heard = 'released';
      else return false;
      return true;
    },
  };

  /** The guard tells so once an agent's B or the end of the wait is committed, and has not changed since. */
  function isClassFinal({ counted, committed, state }: Call): boolean {
    if (counted !== committed) return false;
    return committed?.as === 'agent' || (committed?.as === 'silent' && (state === 'overdue' || state === 'bridged'));
  }

  function commit(call: Call): void {
    call.committed = call.counted;
    call.outcomeCommitted = call.endedAt !== null;
    call.dirtySince = null;
  }

  function corrected(call: Call, to: CountedAs): boolean {
    if (call.counted === null || call.counted.as === 'agent' || call.endedAt === null) return false;
    if (now - call.endedAt > CORRECTION_PERIOD_MS) return false;
    // A correction is written after its outcome.
    if (!call.outcomeCommitted) commit(call);
    count(call, to);
    return true;
  }

  /** What the clock alone does: waits end, calls are given up, the store commits. */
  function timePasses(ms: number): void {
    now += ms;
    for (const call of calls) {
      if (call.state === 'waiting' && now - (call.answeredAt ?? 0) > WAIT_MS) {
        call.state = 'overdue';
        count(call, SILENT);
      }
      if (call.state === 'ringing' && now - call.at > RING_LIMIT_MS) call.state = 'cancelling';
      if (call.state === 'cancelling' && now - call.at > RING_LIMIT_MS + LATE_ANSWER_MS) end(call);
      if (call.dirtySince !== null && now - call.dirtySince > STALL_MS) commit(call);
    }
  }

  function happen(happening: Happening): void {
    if (happening.what === 'time') timePasses(happening.ms);
    else if (happening.what === 'invite') {
      if (!isAllowed(happening.agent, null)) return;
      placed++;
      const { agent } = happening;
      calls.push({
        ...{ at: now, promised: agent, agent, unjudged: agent !== 'none', state: 'ringing', heard: 'placed' },
        ...{ answeredAt: null, endedAt: null, counted: null, committed: null },
        ...{ dirtySince: null, outcomeCommitted: false },
      });
    } else {
      happenTo(happening.what, happening.call);
    }
  }

  /** To whoever comes after the one that was picked and can: so that few happenings come to nothing. */
  function happenTo(what: (typeof TO_A_CALL)[number], picked: number): void {
    for (let tried = 0; tried < calls.length; tried++) {
      const call = calls[(picked + tried) % calls.length];
      if (call !== undefined && happenings[what](call)) return;
    }
  }

  /** The first limit that is passed, or null; `judged`: calls placed on an agent's word that was not kept are left out. */
  function passedLimit(which: 'all' | 'judged'): string | null {
    const kept = which === 'all' ? calls : calls.filter((call) => !(call.unjudged && call.counted?.class === 'A'));
    const days = talliesOf((call) => call.counted, kept);
    const windows = new Map<string, Tally>();
    for (const [day, tally] of days) {
      if (!isWithin(tally, italy.ratio.day.value)) return `${day}: ${tally.silent} silent, ${tally.handled} handled`;
      const { from } = windowOf(firstDay, day, WINDOW_SPAN);
      const sum = windows.get(from) ?? { silent: 0, handled: 0 };
      windows.set(from, { silent: sum.silent + tally.silent, handled: sum.handled + tally.handled });
    }
    for (const [from, tally] of windows) {
      if (!isWithin(tally, italy.ratio.window.value))
        return `from ${from}: ${tally.silent} of ${tally.handled} handled`;
    }
    return null;
  }

  return {
    happen,
    passedLimit,
    /** What became of it, so that a test can see that it was no empty world. */
    seen: () => ({
      placed,
      withoutAgent: calls.filter((call) => call.promised === 'none').length,
      silent: calls.filter((call) => call.counted?.class === 'A').length,
    }),
  };
}
