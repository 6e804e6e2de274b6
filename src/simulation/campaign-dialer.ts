/** A dialer as they are: lines ring for agents who are free or soon will be, by its pacing; and what it makes of refusals. */
import type { CountedAs } from '../ledger/ledger-entry.ts';
import { recallLockOf } from '../policy/count-move.ts';
import { windowOf } from '../policy/ratio-window.ts';
import type { Breach } from '../policy/rules/ruling.ts';
import type { CallEnd, CampaignCalls, CampaignParts } from './campaign-calls.ts';
import { quantileOf } from './distribution.ts';
import { AGAIN, createRedialList } from './redial-list.ts';
import { EVENT, type World } from './world.ts';

/** One campaign's dialer. */
export type CampaignDialer = {
  /** Places what there is room for; after everything that happens. */
  fill(now: number): void;
  /** A call comes by the rate of the hour. */
  arrival(now: number): void;
  /** The tick that it asked for. */
  tick(now: number): void;
  /** A new hour begins. @param shareOfDay how much of a full working day today is */
  hour(now: number, hour: number, shareOfDay: number): void;
  adapt(now: number): void;
  callOver(number: number, how: CallEnd, now: number): void;
  /** No more calls: the simulation is at its end. */
  close(): void;
  overdial(): number;
};

const SILENT: CountedAs = { class: 'A', as: 'silent' };
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

/** A dialer that has no calls yet. */
export function createCampaignDialer(
  world: World,
  parts: Pick<CampaignParts, 'scenario' | 'law' | 'random' | 'book' | 'agents' | 'caller'>,
  calls: CampaignCalls,
): CampaignDialer {
  const { queue, calendar } = world;
  const { random, book, agents, caller } = parts;
  const { dialer, redial, list: numbers, arrival: rate, answering, detection, handling } = parts.scenario;
  const list = createRedialList(numbers, redial);
  const weightSum = rate.hourly.reduce((sum, weight) => sum + weight, 0);
  const span = parts.law.ratio.window?.span.value ?? null;
  /** Seconds from dialling to an answer, and those an agent is busy: for whom will be free. */
  const answerS = quantileOf(answering.personAfter, 0.5);
  const busyS = quantileOf(handling.talk, 0.6) + quantileOf(handling.wrapUp, 0.6);

  let overdial = dialer.overdial;
  let isOpen = false;
  let isClosed = false;
  let pausedUntil = 0;
  let agentsOnlyUntil = 0;
  let dither = random();
  let tickAt = Number.POSITIVE_INFINITY;
  let hourBegan = 0;
  let hourWeight = 0;
  let shareOfDay = 0;
  let weightBefore = 0;
  let placedBefore = 0;

  function fill(now: number): void {
    calls.serve(now);
    if (!isOpen || dialer.pacing === 'arrivals' || now < pausedUntil) return;
    for (let tries = 0; tries < dialer.linesMax; tries++) {
      const free = agents.free();
      const withAgentsOnly = now < agentsOnlyUntil;
      const hasSpareAgent = isSpare(free);
      if (withAgentsOnly ? !hasSpareAgent : free <= 0 && calls.lines() >= wanted(free)) return;
      if (isCapped(now)) {
        wake(now + SECOND_MS);
        return;
      }
      if (hasSpareAgent && dialer.agentFirst !== 'never') {
        const number = list.next(now, true);
        if (number !== -1) {
          if (!placeWithAgent(number, now)) return;
          continue;
        }
      }
      if (!withAgentsOnly && calls.lines() >= wanted(free)) return;
      if (withAgentsOnly && dialer.agentFirst === 'never') {
        wake(agentsOnlyUntil);
        return;
      }
      const number = list.next(now, false);
      if (number === -1) {
        wake(Math.max(now + SECOND_MS, Math.min(list.nextAt(), now + MINUTE_MS)));
        return;
      }
      if (!(withAgentsOnly ? placeWithAgent(number, now) : placeAlone(number, now))) return;
      dither = random();
    }
  }

  /** Lines that may ring for so many free agents. */
  function wanted(free: number): number {
    if (dialer.pacing !== 'predictive') return Math.floor(overdial * free + dither);
    const soon = agents.busy() * (1 - Math.exp(-answerS / Math.max(busyS, 0.001)));
    return Math.min(Math.floor((overdial * (free + soon)) / reach() + dither), dialer.linesMax);
  }

  /** Whether one of the free agents could be given away: nobody who may answer a line that rings already counts on them. */
  function isSpare(free: number): boolean {
    if (free < 1) return false;
    const counted = dialer.pacing === 'lines-per-agent' ? calls.lines() / overdial : calls.lines() * reach();
    return free - counted >= 1;
  }

  /** Of calls, how many reach a person: what it has seen, begun with what a dialer is told of a list before. */
  function reach(): number {
    const prior = answering.person * (1 - detection.peopleMistaken);
    return Math.max((calls.reached() + 50 * prior) / (calls.placed() + 50), 0.01);
  }

  /** False: no more calls for now. */
  function placeAlone(number: number, now: number): boolean {
    const answer = calls.place(now, number, 'none');
    if (answer === null) list.tried(number);
    else if (answer === 'no-line') noLine(number, now);
    else return refused(number, answer, now);
    return answer === null;
  }

  function placeWithAgent(number: number, now: number): boolean {
    if (dialer.agentFirst === 'never') {
      list.again(number, AGAIN.refused, now + MINUTE_MS);
      return true;
    }
    const answer = calls.place(now, number, dialer.agentFirst);
    if (answer === null) list.tried(number);
    else if (answer === 'no-line') noLine(number, now);
    else return refused(number, answer, now);
    return answer === null;
  }

  function noLine(number: number, now: number): void {
    list.again(number, AGAIN.refused, now);
    wake(now + SECOND_MS);
  }

  /** What a dialer does that reads its refusals. True: it goes on with other numbers. */
  function refused(number: number, { rule, facts, retryAfterS }: Breach, now: number): boolean {
    const retryAt = retryAfterS === null ? null : now + retryAfterS * SECOND_MS;
    switch (rule) {
      case 'abandonment-budget':
        agentsOnlyUntil = now + dialer.budgetPauseS * SECOND_MS;
        if (isSpare(agents.free()) && dialer.agentFirst !== 'never') return placeWithAgent(number, now);
        list.again(number, AGAIN.refused, agentsOnlyUntil);
        wake(agentsOnlyUntil);
        return dialer.agentFirst !== 'never';
      case 'guaranteed-agent':
        list.setNeedsAgent(number, true);
        list.again(number, AGAIN.refused, now);
        return true;
      case 'recall-lock':
        if (retryAt !== null) list.setNeedsAgent(number, true);
        list.again(number, AGAIN.locked, retryAt ?? now + MINUTE_MS);
        return true;
      case 'frequency':
        if (retryAt !== null) list.again(number, AGAIN.refused, retryAt);
        return true;
      case 'screening':
        // Not cleared: it is taken out. No list, or an old one: nothing can be called until there is a new one.
        if (facts.cleared === false) return true;
        break;
      default:
    }
    list.again(number, AGAIN.refused, retryAt ?? calendar.today.endsAt);
    pausedUntil = retryAt ?? calendar.today.endsAt;
    wake(pausedUntil);
    return false;
  }

  /** As many calls were placed today as are to come by now. */
  function isCapped(now: number): boolean {
    const weight = weightBefore + hourWeight * Math.min(1, (now - hourBegan) / HOUR_MS);
    const due = weightSum === 0 ? 0 : (rate.callsPerDay * shareOfDay * weight) / weightSum;
    return calls.placed() - placedBefore >= due;
  }

  function wake(at: number): void {
    if (at >= tickAt && tickAt !== Number.POSITIVE_INFINITY) return;
    tickAt = at;
    queue.put(at, EVENT.tick, caller.campaign, 0);
  }

  function nextArrival(now: number): void {
    const perMs = (rate.callsPerDay * shareOfDay * hourWeight) / weightSum / HOUR_MS;
    const at = now + Math.ceil(-Math.log(1 - random()) / perMs);
    if (at < hourBegan + HOUR_MS) queue.put(at, EVENT.arrival, caller.campaign, 0);
  }

  return {
    fill,
    arrival(now) {
      nextArrival(now);
      if (!isOpen || now < pausedUntil) return;
      const withAgent = isSpare(agents.free()) && dialer.agentFirst !== 'never';
      const special = withAgent ? list.next(now, true) : -1;
      const number = special === -1 ? list.next(now, false) : special;
      if (number === -1) return;
      if (special !== -1 || (withAgent && now < agentsOnlyUntil)) placeWithAgent(number, now);
      else placeAlone(number, now);
    },
    tick(now) {
      // Others were put for an earlier moment meanwhile.
      if (now !== tickAt) return;
      tickAt = Number.POSITIVE_INFINITY;
      fill(now);
    },
    hour(now, hour, share) {
      if (hour === 0) {
        placedBefore = calls.placed();
        weightBefore = 0;
      } else weightBefore += hourWeight;
      hourBegan = now;
      hourWeight = rate.hourly[hour] ?? 0;
      shareOfDay = share;
      isOpen = !isClosed && hourWeight > 0 && share > 0;
      if (isOpen && dialer.pacing === 'arrivals') nextArrival(now);
      fill(now);
    },
    adapt(now) {
      const { adaptive } = dialer;
      if (adaptive === null || isClosed) return;
      queue.put(now + adaptive.everyS * SECOND_MS, EVENT.adapt, caller.campaign, 0);
      if (!isOpen) return;
      const today = calendar.today.name;
      const firstDay = book.firstDay();
      const from =
        adaptive.over === 'day' || span === null || firstDay === null ? today : windowOf(firstDay, today, span).from;
      let [silent, answered] = [0, 0];
      for (const [day, tally] of book.counts.days) {
        if (day < from) continue;
        silent += tally.silent;
        answered += tally.silent + tally.handled;
      }
      const step = silent * 100 > adaptive.targetPercent * answered ? -adaptive.step : adaptive.step;
      overdial = Math.min(adaptive.max, Math.max(adaptive.min, overdial + step));
    },
    callOver(number, how, now) {
      if (how === 'reached') {
        list.setNeedsAgent(number, false);
        list.done(number, now);
      } else if (how === 'silent') silent(number, now);
      else if (how === 'machine') {
        // An agent who heard the machine was there as well.
        list.again(number, AGAIN.machine, now + redial.machineMin * MINUTE_MS);
      } else if (how === 'busy') list.again(number, AGAIN.busy, now + redial.busyMin * MINUTE_MS);
      else list.again(number, AGAIN.noAnswer, now + redial.noAnswerMin * MINUTE_MS);
    },
    close() {
      isClosed = true;
      isOpen = false;
    },
    overdial: () => overdial,
  };

  function silent(number: number, now: number): void {
    const at = calendar.wall(now);
    // As the outcome tells it.
    const lock =
      redial.silent === 'after-the-lock'
        ? recallLockOf(SILENT, { silentAt: at, answeredAt: at, bridgedAt: null, now: at }, parts.law)
        : null;
    if (lock !== null) {
      list.setNeedsAgent(number, lock.then === 'guaranteed-agent');
      list.again(number, AGAIN.locked, Date.parse(lock.until) - calendar.beginsAt);
    } else {
      const minutes = redial.silent === 'after-the-lock' ? redial.noAnswerMin : redial.silent;
      list.again(number, AGAIN.silent, now + minutes * MINUTE_MS);
    }
  }
}
