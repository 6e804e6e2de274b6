/** How far a long command is, on a terminal in one line that is written over, elsewhere a line now and then. */
import type { Clock, MonotonicMs } from '../base/clock.ts';

/** Between two lines where they are not written over, ms. */
const LINES_MS = 5_000;
/** Between two writings over a terminal's line, ms. */
const REWRITES_MS = 100;

/** What of `process.stderr` is used. */
export type ProgressOutput = { readonly isTTY?: boolean; write(text: string): unknown };

/** `tell` may be called as often as one likes; the text is made when it is shown. */
export function progressLine(
  output: ProgressOutput,
  clock: Pick<Clock, 'monotonicMs'>,
): { tell(text: () => string): void; end(): void } {
  const isTerminal = output.isTTY === true;
  // What is quick needs no telling where every line stays.
  let toldAt: MonotonicMs | null = isTerminal ? null : clock.monotonicMs();
  return {
    tell(text) {
      const now = clock.monotonicMs();
      if (toldAt !== null && now - toldAt < (isTerminal ? REWRITES_MS : LINES_MS)) return;
      toldAt = now;
      output.write(isTerminal ? `\r\u001b[K${text()}` : `${text()}\n`);
    },
    end() {
      if (isTerminal && toldAt !== null) output.write('\r\u001b[K');
    },
  };
}
