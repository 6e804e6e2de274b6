/** Durations as carriers bill them: in which unit, in steps of how many seconds, and what a true one may have been. Pure. */

/** How a file gives durations. */
export type DurationForm = {
  readonly unit: 's' | 'ms' | 'min' | 'hms';
  readonly stepS: number;
  readonly rounded: 'up' | 'down' | 'nearest';
  readonly minimumS: number;
};

const UNIT_MS = { s: 1_000, ms: 1, min: 60_000 } as const;

/** Milliseconds; null: nothing there; NaN: it cannot be read. */
export function readDuration(text: string, unit: DurationForm['unit']): number | null {
  if (text === '') return null;
  if (unit === 'hms') {
    const [, hours = '0', minutes = '', seconds = ''] =
      /^(?:(\d{1,4}):)?(\d{1,2}):(\d{2}(?:[.,]\d+)?)$/.exec(text) ?? [];
    const total = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds.replace(',', '.'));
    return seconds === '' ? Number.NaN : Math.round(total * 1_000);
  }
  // Some write −1 for a call that was not answered.
  if (text === '-1') return 0;
  return /^\d{1,9}(?:[.,]\d+)?$/.test(text) ? Math.round(Number(text.replace(',', '.')) * UNIT_MS[unit]) : Number.NaN;
}

/** How far a true duration is from all those that would have been rounded to `billedMs`, in ms; 0: it may be it. */
export function beyondRounding(billedMs: number, trueMs: number, { stepS, rounded, minimumS }: DurationForm): number {
  const step = stepS * 1_000;
  const isLeast = minimumS > 0 && billedMs <= minimumS * 1_000;
  const least = isLeast ? 0 : billedMs - (rounded === 'up' ? step : rounded === 'nearest' ? step / 2 : 0);
  const most = billedMs + (rounded === 'down' ? step : rounded === 'nearest' ? step / 2 : 0);
  return Math.max(least - trueMs, trueMs - most, 0);
}
