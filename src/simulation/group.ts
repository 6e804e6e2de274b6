/** Campaigns that share a register of locks, run together from the first day to the last. Deterministic. */
import { assert } from '../base/assert.ts';
import type { WallMs } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { windowDaysMax } from '../policy/ratio-window.ts';
import { holidayCalendar } from '../policy/rules/public-holidays.ts';
import { createAgents, dutyOn } from './agents.ts';
import type { CallObserver } from './call-observer.ts';
import { createCallPool } from './call-pool.ts';
import { createCampaignBook } from './campaign-book.ts';
import { type CampaignCalls, createCampaignCalls } from './campaign-calls.ts';
import { type CampaignDialer, createCampaignDialer } from './campaign-dialer.ts';
import { type CampaignResult, createCampaignRecord } from './campaign-record.ts';
import { createEventQueue } from './event-queue.ts';
import { createNumberBook } from './number-book.ts';
import type { GroupPlan, PlannedCampaign } from './plan.ts';
import { createScreening } from './screening-list.ts';
import { createCalendar, EVENT, type World } from './world.ts';

/** A run that goes on day by day. */
export type GroupRun = {
  /** Runs one more local day; false: that was the last. */
  day(): boolean;
  /** Ends what still lives, without new calls: what was done so far is whole. */
  finish(): void;
  /** Calls that were placed or refused, and events, so far. */
  invites(): number;
  events(): number;
  /** The local day that is next, and when the simulation begins and has come to. */
  today(): string;
  beginsAt(): WallMs;
  now(): WallMs;
  results(): readonly CampaignResult[];
};

type Running = {
  readonly plan: PlannedCampaign;
  readonly calls: CampaignCalls;
  readonly dialer: CampaignDialer;
  readonly agents: ReturnType<typeof createAgents>;
  readonly book: ReturnType<typeof createCampaignBook>;
  readonly record: ReturnType<typeof createCampaignRecord>;
  readonly screening: ReturnType<typeof createScreening>;
  /** How much of a full working day today is. */
  shareOfDay: number;
};

/** A run before its first day. */
export function createGroupRun(plan: GroupPlan, observer: CallObserver | null = null): GroupRun {
  const queue = createEventQueue();
  const linesMax = plan.campaigns.reduce((sum, { scenario }) => {
    const agents = scenario.shifts.reduce((count, shift) => count + shift.agents, 0);
    return sum + scenario.dialer.linesMax + 2 * agents;
  }, 0);
  const calendar = createCalendar(plan.timeZone, plan.from);
  let invites = 0;
  let events = 0;
  let daysLeft = plan.days;
  const world: World = {
    ...{ queue, calendar, observer, pool: createCallPool(linesMax) },
    numbers: createNumberBook(plan.lockScope, plan.numbers, plan.callers),
    callId: () => ++invites,
  };
  const holidays = holidayCalendar(plan.country, null);
  const campaigns = plan.campaigns.map((campaign, index) => createCampaign(world, campaign, index));

  function beginDay(): void {
    const { today } = calendar;
    const isHoliday = holidays.holidayOn(today.name) !== null;
    for (const [index, running] of campaigns.entries()) {
      const { plan: campaign, book, record, agents, screening } = running;
      const { ratio } = campaign.law;
      book.dayBegins(today.name, ratio.window === null ? 1 : windowDaysMax(ratio.window.span.value));
      agents.account(today.beginsAt);
      agents.figures = record.dayBegins(today.name);
      screening.dayBegins(today.day, calendar.wall(today.beginsAt));
      const isRunning = campaign.startsOn <= today.name && (campaign.endsOn === null || today.name <= campaign.endsOn);
      const duty =
        isRunning && !isHoliday ? dutyOn(campaign.scenario.shifts, today.weekday) : [{ minute: 0, agents: 0 }];
      for (const { minute, agents: count } of duty) queue.put(calendar.atMinute(minute), EVENT.duty, index, count);
      const { weekdays, holidays: onHoliday } = campaign.scenario.arrival;
      const share = !isRunning ? 0 : isHoliday ? onHoliday : (weekdays[today.weekday - 1] ?? 0);
      running.shareOfDay = share;
      // An hour that the clock skips is over when it begins; one that it shows twice is one of two hours.
      for (let hour = 0; hour < 24; hour++) queue.put(calendar.atMinute(hour * 60), EVENT.hour, index, hour);
    }
  }

  function runUntil(limit: number): void {
    while (queue.nextAt() < limit) {
      queue.take();
      events++;
      handle(queue.at, queue.kind, queue.subject, queue.stamp);
    }
  }

  function handle(now: number, kind: number, subject: number, stamp: number): void {
    if (kind <= EVENT.machineFound) {
      if (world.pool.stamp[subject] !== stamp) return;
      const campaign = campaignAt(world.pool.campaign[subject] as number);
      if (kind === EVENT.call) campaign.calls.advance(subject, now);
      else if (kind === EVENT.wrappedUp) campaign.calls.wrappedUp(subject, now);
      else campaign.calls.machineFound(subject, now);
      campaign.dialer.fill(now);
      return;
    }
    const { dialer, agents, shareOfDay } = campaignAt(subject);
    if (kind === EVENT.arrival) dialer.arrival(now);
    else if (kind === EVENT.tick) dialer.tick(now);
    else if (kind === EVENT.hour) dialer.hour(now, stamp, shareOfDay);
    else if (kind === EVENT.adapt) dialer.adapt(now);
    else {
      agents.dutyIs(now, stamp);
      dialer.fill(now);
    }
  }

  function campaignAt(index: number): Running {
    const campaign = campaigns[index];
    assert(campaign !== undefined, 'an event is of a campaign that there is');
    return campaign;
  }

  for (const [index, { plan: campaign }] of campaigns.entries()) {
    if (campaign.scenario.dialer.adaptive !== null) queue.put(0, EVENT.adapt, index, 0);
  }

  return {
    day() {
      beginDay();
      runUntil(calendar.today.endsAt);
      calendar.next();
      daysLeft--;
      return daysLeft > 0;
    },
    finish() {
      for (const { dialer } of campaigns) dialer.close();
      const { today } = calendar;
      for (const { agents } of campaigns) {
        agents.account(today.beginsAt);
        // The ends of the last calls are the last day's, and its agents' time is over.
        agents.figures = { dutyMs: 0, busyMs: 0, heldMs: 0 };
      }
      runUntil(Number.POSITIVE_INFINITY);
    },
    invites: () => invites,
    events: () => events,
    today: () => calendar.today.name,
    beginsAt: () => calendar.beginsAt,
    now: () => calendar.wall(calendar.today.beginsAt),
    results: () => campaigns.map(({ record, book }) => record.result(book.firstDay())),
  };
}

function createCampaign(world: World, plan: PlannedCampaign, index: number): Running {
  const random = seededRandom(plan.seed);
  const book = createCampaignBook();
  const record = createCampaignRecord(plan, book);
  const agents = createAgents({ dutyMs: 0, busyMs: 0, heldMs: 0 });
  const screening = createScreening(plan.scenario.list);
  const { calendar } = world;
  const caller = { controller: plan.controller, campaign: index };
  const parts = {
    ...{
      scenario: plan.scenario,
      terms: plan.terms,
      law: plan.law,
      greetingLimitMs: plan.greetingLimitMs,
      callerId: plan.callerId,
      random,
      book,
      agents,
      caller,
    },
    ...{ sampleNumber: plan.sampleNumber, waits: record.waits, figures: record.figures, screeningOf: screening.of },
  };
  const calls: CampaignCalls = createCampaignCalls(world, {
    ...parts,
    onOver: (number, how, now) => dialer.callOver(number, how, now),
    onWorse: (day, now) => record.onWorse(day, calendar.wall(now)),
  });
  const dialer = createCampaignDialer(world, parts, calls);
  return { plan, calls, dialer, agents, book, record, screening, shareOfDay: 0 };
}
