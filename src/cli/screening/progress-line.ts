/** How far an import is, on a terminal in one line that is written over, elsewhere a line now and then. */
import type { Clock, MonotonicMs } from '../../base/clock.ts';
import type { ImportProgress } from '../../guard/screening-port.ts';

/** Between two lines where they are not written over, ms. */
const LINES_MS = 5_000;

/** What of `process.stderr` is used. */
export type ProgressOutput = { readonly isTTY?: boolean; write(text: string): unknown };

/** @param size of the file, octets; null: not known */
export function progressLine(
  output: ProgressOutput,
  size: number | null,
  clock: Pick<Clock, 'monotonicMs'>,
): { readonly tell: (progress: ImportProgress) => void; end(): void } {
  const isTerminal = output.isTTY === true;
  let toldAt: MonotonicMs | null = null;
  return {
    tell(progress) {
      const now = clock.monotonicMs();
      if (!isTerminal && toldAt !== null && now - toldAt < LINES_MS) return;
      toldAt = now;
      const text = progressText(progress, size);
      output.write(isTerminal ? `\r\u001b[K${text}` : `${text}\n`);
    },
    end() {
      if (isTerminal && toldAt !== null) output.write('\r\u001b[K');
    },
  };
}

function progressText({ phase, octets, numbers, written }: ImportProgress, size: number | null): string {
  const count = (of: number) => of.toLocaleString('en');
  if (phase === 'writing') return `writing ${count(written)} of ${count(numbers)} numbers`;
  const share = size === null || size === 0 ? '' : ` (${Math.floor((100 * octets) / size)} %)`;
  return `reading: ${count(numbers)} numbers${share}`;
}
