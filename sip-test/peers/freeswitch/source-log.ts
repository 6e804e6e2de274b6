/** When Brusio's agent source was up, as its log tells. */
import type { Readable } from 'node:stream';

/** Reads the log as it is written. */
export class SourceLog {
  /** Turns to up and down, wall-clock ms, in their order. */
  readonly #turns: { readonly at: number; readonly up: boolean }[] = [];

  constructor(output: Readable) {
    let pending = '';
    output.setEncoding('utf8');
    output.on('data', (text: string) => {
      const lines = (pending + text).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) {
        const up = line.includes('"agent source is up"');
        if (up || line.includes('"agent source is down')) this.#turns.push({ at: timeOf(line), up });
      }
    });
  }

  /** Whether it was up at any moment of a span of time. */
  wasUp(from: number, to: number): boolean {
    const before = this.#turns.findLast(({ at }) => at <= from);
    return before?.up === true || this.#turns.some(({ at, up }) => up && at > from && at < to);
  }
}

function timeOf(line: string): number {
  const { time } = JSON.parse(line) as { time: number | string };
  return typeof time === 'number' ? time : Date.parse(time);
}
