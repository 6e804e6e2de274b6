/** When the register gave its answer, as a person or a program says it. Pure. */
import { toIso, type WallMs } from '../../base/clock.ts';
import { wallOf } from '../../base/local-time.ts';
import { ok, type Result, refused } from '../../base/result.ts';
import { usableUntil } from '../rules/screening.ts';

/** Clocks of two machines may differ by so much, ms. */
const AHEAD_MAX_MS = 300_000;

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const LOCAL = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?$/;
const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** What it is read with. */
export type CheckedAtTerms = { readonly timeZone: string; readonly listDaysMax: number; readonly now: WallMs };

/**
 * ISO 8601: a moment with its offset, a local time, or a day, which is taken from its first minute on, so that no list is used
 * longer than the law lets it. Refused: what is none of these, what lies ahead, what is too old to be used.
 */
export function readCheckedAt(text: string, { timeZone, listDaysMax, now }: CheckedAtTerms): Result<WallMs, string> {
  const at = momentOf(text.trim(), timeZone);
  if (at === null) {
    return refused(`"${text}" is no time such as 2026-11-20, 2026-11-20T10:30 or 2026-11-20T10:30:00+01:00`);
  }
  if (at > now + AHEAD_MAX_MS) return refused(`${toIso(at)} lies ahead: the register cannot have been asked then`);
  const until = usableUntil(at, listDaysMax);
  if (until < now) {
    return refused(
      `a list of ${toIso(at)} could be used for ${listDaysMax} days, until ${toIso(until)}: consult the register again`,
    );
  }
  return ok(at);
}

function momentOf(text: string, timeZone: string): WallMs | null {
  if (WITH_OFFSET.test(text)) return moment(text.replace(' ', 'T'));
  const [, day = DAY.test(text) ? text : null, hour = '0', minute = '0'] = LOCAL.exec(text) ?? [];
  if (day === null || moment(`${day}T00:00:00Z`) === null || Number(hour) > 23 || Number(minute) > 59) return null;
  return wallOf(timeZone, day, Number(hour) * 60 + Number(minute));
}

/** Days that no month has are none, though JavaScript takes some of them for days of the next. */
function moment(iso: string): WallMs | null {
  const at = Date.parse(iso);
  const day = iso.slice(0, 10);
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) || Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day
    ? null
    : (at as WallMs);
}
