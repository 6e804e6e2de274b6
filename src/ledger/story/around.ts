/** A time as a person says it, and the calls that come nearest to it. Pure. */
import type { WallMs } from '../../base/clock.ts';
import { localTimeOf, wallOf } from '../../base/local-time.ts';

/** The moments that it may mean, none where it is no time. */
export type SpokenTime = {
  readonly moments: readonly WallMs[];
  /** Said without an offset in an hour that the clocks show twice, or skip. */
  readonly note: 'twice' | 'skipped' | null;
};

/** Zones put their clocks back by an hour; Lord Howe Island by half of one. */
const SET_BACK_MS = [3_600_000, 1_800_000];

const LOCAL = /^(\d{4}-\d\d-\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?$/;
const ABSOLUTE = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** `2026-11-22 10:15`, by the clocks of the zone, or ISO 8601 with an offset; null: it is no time. */
export function spokenTime(text: string, timeZone: string): SpokenTime | null {
  if (ABSOLUTE.test(text)) {
    const at = Date.parse(text.replace(' ', 'T'));
    return Number.isNaN(at) ? null : { moments: [at as WallMs], note: null };
  }
  const [, day = '', hour, minute, second = '0'] = LOCAL.exec(text) ?? [];
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const isDay = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
  if (!isDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const ofDay = Number(hour) * 60 + Number(minute);
  const first = wallOf(timeZone, day, ofDay);
  const shows = (at: WallMs) => {
    const local = localTimeOf(timeZone, at);
    return local.day === day && local.minute === ofDay;
  };
  const again = SET_BACK_MS.map((ms) => (first + ms) as WallMs).filter(shows);
  const moments = [first, ...again].map((at) => (at + Number(second) * 1_000) as WallMs);
  return { moments, note: shows(first) ? (again.length > 0 ? 'twice' : null) : 'skipped' };
}

/** A time as it is looked for among calls of several countries. */
export type NamedTime = {
  /** None of its moments is outside them. */
  readonly from: number;
  readonly to: number;
  /** By the clocks of a zone. */
  readIn(timeZone: string): SpokenTime;
};

/** Local times run from 14 hours ahead of UTC to 12 behind, ms. */
const AHEAD_MS_MAX = 50_400_000;
const BEHIND_MS_MAX = 43_200_000;

/**
 * As {@link spokenTime}.
 *
 * @param timeZone by whose clocks, whoever's the call was; null: by those of each call's own law
 */
export function namedTime(text: string, timeZone: string | null): NamedTime | null {
  const fixed = ABSOLUTE.test(text) ? 'UTC' : timeZone;
  const spoken = spokenTime(text, fixed ?? 'UTC');
  if (spoken === null) return null;
  const [first, last] = [Math.min(...spoken.moments), Math.max(...spoken.moments)];
  if (fixed !== null) return { from: first, to: last, readIn: () => spoken };
  const known = new Map<string, SpokenTime>();
  return {
    from: first - AHEAD_MS_MAX,
    to: last + BEHIND_MS_MAX,
    readIn(zone) {
      const read = known.get(zone) ?? spokenTime(text, zone) ?? spoken;
      known.set(zone, read);
      return read;
    },
  };
}

/** `30m`, `90s`, `2h`, `3d` in ms; null: it is none. */
export function spokenDuration(text: string): number | null {
  const [, count, unit = ''] = /^([1-9]\d{0,4})([smhd])$/.exec(text) ?? [];
  return count === undefined ? null : Number(count) * ({ s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit] ?? 0);
}

/** How far a call, from its INVITE to its end, is from the nearest of these moments; ms. */
export function distanceMs(moments: readonly WallMs[], invitedAt: number, endedAt: number): number {
  return Math.min(...moments.map((at) => Math.max(0, invitedAt - at, at - endedAt)));
}
