/** What a bench tells, as Markdown that may be pasted into docs/performance.md. */
import { availableParallelism, cpus, loadavg, release } from 'node:os';

/** The cells of one row. */
export type Row = readonly string[];

/** A figure with so many digits, or a dash where there is none. */
export function figure(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

/** A table that is told row by row, as its rows come. */
export function startTable(title: string, columns: Row): { row(cells: Row): void } {
  const line = (cells: Row) => console.log(`| ${cells.join(' | ')} |`);
  console.log(`\n${title} (load ${load()})\n`);
  line(columns);
  line(columns.map(() => '---'));
  return { row: line };
}

/** Where and when: without it no figure travels. */
export function placeText(): string {
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const cpu = cpus()[0]?.model ?? 'unknown processor';
  return `${date} UTC, Node ${process.version}, Linux ${release()}, ${availableParallelism()} cores of ${cpu}, load ${load()}`;
}

/** Of the last 1, 5 and 15 minutes. */
export function load(): string {
  return loadavg()
    .map((each) => each.toFixed(2))
    .join(' ');
}
