/** When Brusio's agent source was up, as its log tells. */
import type { LogLine } from '../brusio-process.ts';
import type { UpSpan } from './verdict.ts';

/** The spans in order; one that lasts has no end. */
export function upSpans(log: readonly LogLine[]): readonly UpSpan[] {
  const spans: UpSpan[] = [];
  let from: number | null = null;
  for (const { msg, time } of log) {
    const at = typeof time === 'number' ? time : Date.parse(String(time));
    if (msg === 'agent source is up') from ??= at;
    if (!msg.startsWith('agent source is down') || from === null) continue;
    spans.push({ from, to: at });
    from = null;
  }
  return from === null ? spans : [...spans, { from, to: Number.POSITIVE_INFINITY }];
}

/** How long it was not up between its first and its last connection, ms. */
export function downMs(spans: readonly UpSpan[]): number {
  return spans.slice(1).reduce((sum, span, index) => sum + span.from - (spans[index]?.to ?? span.from), 0);
}
