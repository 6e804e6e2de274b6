/** Hours, midnights and windows as reports name them, in the zone of the law. */
import { dayAt, windowFrom, windowTo } from '../days.ts';
import { dayNumber, localDay } from '../law.ts';

const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const clocks = new Map<string, Intl.DateTimeFormat>();

/** The local time there, `HH:MM`. */
function localTime(zone: string, ms: number): string {
  const clock =
    clocks.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, hour: '2-digit', minute: '2-digit' });
  clocks.set(zone, clock);
  return clock.format(ms);
}

/** When the local hour of a moment began. */
export function hourOf(zone: string, at: number): number {
  const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  return minute - Number(localTime(zone, minute).slice(3)) * MINUTE_MS;
}

/** Its day, its name with the offset of the clock, and its beginning. */
export function hourNames(zone: string, hour: number) {
  const beginsAt = new Date(hour).toISOString();
  const day = localDay(zone, beginsAt);
  const local = localTime(zone, hour);
  const offset = Math.round((Date.parse(`${day}T${local}:00Z`) - hour) / MINUTE_MS);
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return { day, hour: `${local}${offset < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`, beginsAt };
}

/** The first moment of a day there: by looking; days begin at full quarters of an hour. */
export function midnight(zone: string, day: string): string {
  let quarter = Date.parse(`${day}T00:00:00Z`) - 15 * 60 * MINUTE_MS;
  while (localDay(zone, new Date(quarter).toISOString()) < day) quarter += QUARTER_MS;
  return new Date(quarter).toISOString();
}

/** A campaign's windows that a period touches on, the last of them cut at its end. */
export function windowsIn(
  firstDay: string,
  period: { readonly from: string; readonly to: string },
  window: number | 'month' | null,
  endsOn: string | null,
) {
  const found: { readonly number: number; readonly from: string; readonly to: string }[] = [];
  if (window === null) return found;
  let from = windowFrom(firstDay, firstDay, window) ?? firstDay;
  for (let number = 1; from <= period.to; number++) {
    const last = windowTo(from, window);
    const to = endsOn !== null && endsOn >= from && endsOn < last ? endsOn : last;
    if (to >= period.from) found.push({ number, from, to });
    from = dayAt(dayNumber(last) + 1);
  }
  return found;
}
