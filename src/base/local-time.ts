/**
 * Calendar days and clock times of a place, as its time zone's rules have them: never by arithmetic with 24 hours, since a
 * day has 23 or 25 of them twice a year.
 */
import { assert } from './assert.ts';
import type { WallMs } from './clock.ts';

/** What calendar and clock show in a place. */
export type LocalTime = {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** ISO 8601 §5.2.2.3: 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
  /** Of the day, 0–1439, by the clock on the wall. */
  readonly minute: number;
};

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Zones change their offset at a quarter of an hour only, since 1972. */
const OFFSET_HOLDS_MS = 900_000;

/** The zones of one country and of its callees' are a few dozen; all of them are some 450. */
const ZONES_MAX = 512;

/** Quarters of an hour whose offset is remembered, each at its remainder: those around now, and around the next and last days. */
const QUARTERS_KEPT = 64;

type Zone = {
  readonly format: Intl.DateTimeFormat;
  readonly quarters: Float64Array;
  readonly offsetsMs: Float64Array;
  /** What was told last, and of which minute by the clock on the wall: calls come many a minute. */
  minute: number;
  shown: LocalTime;
};

const zones = new Map<string, Zone>();

/**
 * What it is where the zone's clocks are right.
 *
 * @param timeZone IANA name, such as `Europe/Rome`; throws RangeError for one that does not exist
 */
export function localTimeOf(timeZone: string, at: WallMs): LocalTime {
  const zone = zones.get(timeZone) ?? openZone(timeZone);
  const localMs = at + offsetMsIn(zone, at);
  const minute = Math.floor(localMs / MINUTE_MS);
  if (zone.minute !== minute) {
    zone.shown = shownAt(localMs);
    zone.minute = minute;
  }
  return zone.shown;
}

/**
 * When the clocks of a place show that day and minute: the first time, where they show it twice; where they skip it, as
 * long after the skip began as the minute lies behind it (RFC 5545 §3.3.5), so that a skipped midnight is the skip itself.
 */
export function wallOf(timeZone: string, day: string, minute: number): WallMs {
  const [first] = wallsOf(timeZone, day, minute);
  if (first !== undefined) return first;
  const shown = Date.parse(`${day}T00:00:00Z`) + minute * MINUTE_MS;
  return (shown - offsetMsOf(timeZone, (shown - DAY_MS) as WallMs)) as WallMs;
}

/**
 * Every moment at which the clocks of a place show that day and minute, the earlier first: two where the hour is repeated,
 * none where it is skipped.
 */
export function wallsOf(timeZone: string, day: string, minute: number): readonly WallMs[] {
  const shown = Date.parse(`${day}T00:00:00Z`) + minute * MINUTE_MS;
  assert(Number.isFinite(shown), `"${day}" is no day`);
  const before = offsetMsOf(timeZone, (shown - DAY_MS) as WallMs);
  const after = offsetMsOf(timeZone, (shown + DAY_MS) as WallMs);
  const offsets = before === after ? [before] : [Math.max(before, after), Math.min(before, after)];
  return offsets
    .map((offsetMs) => [(shown - offsetMs) as WallMs, offsetMs] as const)
    .filter(([moment, offsetMs]) => offsetMsOf(timeZone, moment) === offsetMs)
    .map(([moment]) => moment);
}

/** The day so many calendar days later (or, negative, earlier). */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** How many calendar days `to` is after `from`; negative when it is before. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS;
}

/** Of a calendar day, as {@link LocalTime.weekday}. */
export function weekdayOf(day: string): number {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday === 0 ? 7 : weekday;
}

function shownAt(localMs: number): LocalTime {
  const days = Math.floor(localMs / DAY_MS);
  return {
    day: nameOfDay(days),
    // The first of January 1970 was a Thursday.
    weekday: ((((days + 3) % 7) + 7) % 7) + 1,
    minute: Math.floor((localMs - days * DAY_MS) / MINUTE_MS),
  };
}

/** Days whose names are kept, each in its place: a call asks for the day of its INVITE and that of its answer at the latest. */
const DAYS_KEPT = 8;
const daysKept = new Float64Array(DAYS_KEPT).fill(Number.NaN);
const dayNames: string[] = [];

/** @param days since 1970 */
function nameOfDay(days: number): string {
  const place = ((days % DAYS_KEPT) + DAYS_KEPT) % DAYS_KEPT;
  const known = daysKept[place] === days ? dayNames[place] : undefined;
  if (known !== undefined) return known;
  const name = new Date(days * DAY_MS).toISOString().slice(0, 10);
  daysKept[place] = days;
  dayNames[place] = name;
  return name;
}

/** Milliseconds to add to UTC. */
function offsetMsOf(timeZone: string, at: WallMs): number {
  return offsetMsIn(zones.get(timeZone) ?? openZone(timeZone), at);
}

function offsetMsIn({ format, quarters, offsetsMs }: Zone, at: WallMs): number {
  const quarter = Math.floor(at / OFFSET_HOLDS_MS);
  const place = ((quarter % QUARTERS_KEPT) + QUARTERS_KEPT) % QUARTERS_KEPT;
  if (quarters[place] !== quarter) {
    // Whole seconds: what is shown has no more.
    const second = Math.floor((quarter * OFFSET_HOLDS_MS) / 1_000) * 1_000;
    offsetsMs[place] = shownAsUtc(format, second) - second;
    quarters[place] = quarter;
  }
  return offsetsMs[place] as number;
}

function openZone(timeZone: string): Zone {
  if (zones.size >= ZONES_MAX) zones.clear();
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const zone: Zone = {
    format,
    quarters: new Float64Array(QUARTERS_KEPT).fill(Number.NaN),
    offsetsMs: new Float64Array(QUARTERS_KEPT),
    minute: Number.NaN,
    shown: shownAt(0),
  };
  zones.set(timeZone, zone);
  return zone;
}

function shownAsUtc(format: Intl.DateTimeFormat, second: number): number {
  const shown = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of format.formatToParts(second)) {
    if (type in shown) shown[type as keyof typeof shown] = Number(value);
  }
  return Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute, shown.second);
}
