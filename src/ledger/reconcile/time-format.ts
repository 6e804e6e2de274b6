/**
 * Times as CDR files write them, read into moments. A local time that its place's clocks show twice is two moments, and both are
 * looked at; one that they never show is refused.
 */
import type { WallMs } from '../../base/clock.ts';
import { wallsOf } from '../../base/local-time.ts';

/** What a field says: nothing; a moment, or two an hour or so apart; or why it cannot be read. */
export type ReadTime =
  | { readonly at: WallMs /** The later one, where the clocks show it twice. */; readonly later: WallMs | null }
  | 'empty'
  | 'not-a-time'
  | 'skipped-hour';

/** From the text of a field (or of two, with a blank between) to a moment. */
export type TimeReader = (text: string) => ReadTime;

const MINUTE_MS = 60_000;
/** Quarters of an hour whose offsets are kept: more than a year of them. */
const QUARTERS_MAX = 50_000;

/** What a pattern may have, and what it stands for. */
const PARTS: Readonly<Record<string, string>> = {
  yyyy: '(?<year>\\d{4})',
  yy: '(?<year>\\d{2})',
  MMM: '(?<name>[A-Za-z]{3})',
  MM: '(?<month>\\d{1,2})',
  dd: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{1,2})',
  hh: '(?<hour>\\d{1,2})',
  a: '(?<half>[AaPp])\\.?[Mm]\\.?',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2}(?:[.,]\\d{1,9})?)',
};
const PATTERN = new RegExp(Object.keys(PARTS).join('|'), 'g');
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const ISO =
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})[T ]\s*(?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2}(?:[.,]\d{1,9})?))?\s*(?<offset>Z|UTC|[+-]\d{2}:?(?:\d{2})?)?$/i;
const BASIC =
  /^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})[T ]?(?<hour>\d{2})(?<minute>\d{2})(?<second>\d{2}(?:[.,]\d{1,9})?)(?<offset>Z|[+-]\d{2}:?(?:\d{2})?)?$/i;

/** An epoch of today has 10 digits in seconds and 13 in milliseconds. */
const EPOCH = /^\d{9,10}(?:\.\d{1,9})?$/;
const EPOCH_MS = /^\d{12,13}$/;

/** Databases write this for a time that is not there. */
const ZERO_DATE = /^(?:0000-00-00|0001-01-01|1970-01-01[T ]00:00:00)/;

/** What is wrong with a format; null: nothing. */
export function timeFormatProblem(format: string): string | null {
  if (format === 'iso' || format === 'epoch-s' || format === 'epoch-ms') return null;
  const parts: readonly string[] = format.match(PATTERN) ?? [];
  const missing = [['yyyy', 'yy'], ['MM', 'MMM'], ['dd'], ['HH', 'hh'], ['mm']].filter(
    (names) => !names.some((name) => parts.includes(name)),
  );
  if (missing.length > 0)
    return `expected iso, epoch-s, epoch-ms, or a pattern; the pattern has no ${missing.map((names) => names.join(' or ')).join(', ')}`;
  if (parts.includes('hh') && !parts.includes('a'))
    return 'hh counts to 12 and goes with "a" (AM, PM); HH counts to 23';
  return new Set(parts).size === parts.length ? null : 'a part stands twice in the pattern';
}

/** What is wrong with a zone; null: nothing. */
export function zoneProblem(zone: string): string | null {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return null;
  } catch {
    return 'expected a time zone such as UTC, +01:00 or Europe/Rome';
  }
}

/** @param zone of times that have no offset of their own */
export function timeReader(format: string, zone: string): TimeReader {
  const local = localReader(zone);
  if (format === 'epoch-s' || format === 'epoch-ms') {
    const [shape, unitMs] = format === 'epoch-s' ? [EPOCH, 1_000] : [EPOCH_MS, 1];
    return (text) => {
      if (text === '' || Number(text) === 0) return 'empty';
      return shape.test(text) ? { at: Math.round(Number(text) * unitMs) as WallMs, later: null } : 'not-a-time';
    };
  }
  const shapes = format === 'iso' ? [ISO, BASIC] : [patternShape(format)];
  return (text) => {
    if (text === '' || ZERO_DATE.test(text)) return 'empty';
    for (const shape of shapes) {
      const groups = shape.exec(text)?.groups;
      if (groups !== undefined) return momentOf(groups, local);
    }
    return 'not-a-time';
  };
}

function patternShape(format: string): RegExp {
  let shape = '';
  let from = 0;
  for (const { 0: part, index } of format.matchAll(PATTERN)) {
    shape += literal(format.slice(from, index)) + PARTS[part];
    from = index + part.length;
  }
  return new RegExp(`^${shape}${literal(format.slice(from))}$`);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replace(/\s+/g, '\\s+');
}

type Groups = Readonly<Record<string, string | undefined>>;

function momentOf(groups: Groups, local: LocalReader): ReadTime {
  const { year = '', name, day = '', minute = '0', half, offset } = groups;
  const seconds = Number((groups.second ?? '0').replace(',', '.'));
  const month = name === undefined ? Number(groups.month) : MONTHS.indexOf(name.toLowerCase()) + 1;
  const hour = half === undefined ? Number(groups.hour) : (Number(groups.hour) % 12) + (/p/i.test(half) ? 12 : 0);
  const fullYear = year.length === 2 ? 2_000 + Number(year) : Number(year);
  const midnight = Date.UTC(fullYear, month - 1, Number(day));
  // Days that no month has are none; a leap second (60) is the next one.
  if (new Date(midnight).getUTCDate() !== Number(day) || month < 1 || month > 12) return 'not-a-time';
  if (hour > 23 || Number(minute) > 59 || seconds >= 61) return 'not-a-time';
  const shown = midnight + (hour * 60 + Number(minute)) * MINUTE_MS + Math.round(seconds * 1_000);
  return offset === undefined ? local(shown) : { at: (shown - offsetMsOf(offset)) as WallMs, later: null };
}

function offsetMsOf(offset: string): number {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(offset) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
}

/** From what the clocks show, as if it were UTC, to the moments at which they do. */
type LocalReader = (shown: number) => ReadTime;

function localReader(zone: string): LocalReader {
  const quarters = new Map<number, readonly number[]>();
  const offsetsOf = (quarter: number) => {
    const known = quarters.get(quarter);
    if (known !== undefined) return known;
    const shown = quarter * 15 * MINUTE_MS;
    const day = new Date(shown).toISOString().slice(0, 10);
    const minute = (shown - Date.parse(`${day}T00:00:00Z`)) / MINUTE_MS;
    const offsets = wallsOf(zone, day, minute).map((at) => shown - at);
    if (quarters.size >= QUARTERS_MAX) quarters.clear();
    quarters.set(quarter, offsets);
    return offsets;
  };
  return (shown) => {
    const [first, second] = offsetsOf(Math.floor(shown / (15 * MINUTE_MS)));
    if (first === undefined) return 'skipped-hour';
    return { at: (shown - first) as WallMs, later: second === undefined ? null : ((shown - second) as WallMs) };
  };
}
