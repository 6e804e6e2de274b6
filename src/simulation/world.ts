/** What the campaigns of one register of locks have in common: time, the queue of events, live calls, numbers. */
import type { WallMs } from '../base/clock.ts';
import { addDays, daysBetween, localTimeOf, wallOf, weekdayOf } from '../base/local-time.ts';
import type { DayOf } from '../policy/rules/answer-days.ts';
import type { CallObserver } from './call-observer.ts';
import type { CallPool } from './call-pool.ts';
import type { EventQueue } from './event-queue.ts';
import type { CallingDay, NumberBook } from './number-book.ts';

/** Kinds of events. Of those up to `machineFound` the subject is a call's slot, of the others a campaign. */
export const EVENT = {
  call: 0,
  wrappedUp: 1,
  machineFound: 2,
  arrival: 3,
  tick: 4,
  hour: 5,
  duty: 6,
  adapt: 7,
  day: 8,
} as const;

/** See the top of the file. */
export type World = {
  readonly queue: EventQueue;
  readonly pool: CallPool;
  readonly numbers: NumberBook;
  readonly calendar: Calendar;
  readonly observer: CallObserver | null;
  /** A new call's number in the order of the run. */
  callId(): number;
};

/** Local days of the simulation; times in ms from its beginning. */
export type Calendar = {
  readonly timeZone: string;
  readonly beginsAt: WallMs;
  readonly today: Today;
  /** Goes on to the next day. */
  next(): void;
  wall(at: number): WallMs;
  /** Quick for today and the next. */
  readonly dayOf: DayOf;
  /** When it is that minute of today. */
  atMinute(minute: number): number;
};

/** A local day. */
export type Today = CallingDay & {
  readonly name: string;
  /** Monday is 1. */
  readonly weekday: number;
  readonly beginsAt: number;
  readonly endsAt: number;
};

/** The calendar from a local day on. */
export function createCalendar(timeZone: string, firstDay: string): Calendar {
  const beginsAt = wallOf(timeZone, firstDay, 0);
  // Weeks by the number of their Monday: any Monday will do to count from.
  const firstMonday = addDays(firstDay, 1 - weekdayOf(firstDay));
  let today = dayAt(firstDay);
  let tomorrow = dayAt(addDays(firstDay, 1));

  function dayAt(name: string): Today {
    return {
      ...{ name, weekday: weekdayOf(name), day: daysBetween(firstDay, name) },
      week: Math.floor(daysBetween(firstMonday, name) / 7),
      beginsAt: wallOf(timeZone, name, 0) - beginsAt,
      endsAt: wallOf(timeZone, addDays(name, 1), 0) - beginsAt,
    };
  }

  return {
    ...{ timeZone, beginsAt },
    get today() {
      return today;
    },
    next() {
      today = tomorrow;
      tomorrow = dayAt(addDays(today.name, 1));
    },
    wall: (at) => (beginsAt + at) as WallMs,
    dayOf(wall) {
      const at = wall - beginsAt;
      if (at >= today.beginsAt && at < today.endsAt) return today.name;
      if (at >= tomorrow.beginsAt && at < tomorrow.endsAt) return tomorrow.name;
      return localTimeOf(timeZone, wall).day;
    },
    atMinute: (minute) => wallOf(timeZone, today.name, minute) - beginsAt,
  };
}
