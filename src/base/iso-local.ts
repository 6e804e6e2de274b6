import type { WallMs } from './clock.ts';
import { localTimeOf } from './local-time.ts';

/** A moment as the clocks of a zone show it, with milliseconds and its offset: `2026-11-22 10:15:07.214 +01:00`. */
export function isoLocal(timeZone: string, at: WallMs): string {
  const { day, minute } = localTimeOf(timeZone, at);
  // Offsets are whole minutes: seconds and milliseconds are those of UTC.
  const shown = Date.parse(`${day}T00:00:00Z`) + minute * 60_000 + (((at % 60_000) + 60_000) % 60_000);
  const offset = Math.round((shown - at) / 60_000);
  const minutes = Math.abs(offset);
  const two = (value: number) => String(value).padStart(2, '0');
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return `${new Date(shown).toISOString().slice(0, 23).replace('T', ' ')} ${zone}`;
}
