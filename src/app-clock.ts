/** Whether the machine's clock is set by others, as the programs say that do it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ClockState } from './guard/clock-watch.ts';

const run = promisify(execFile);

/** How long a program that tells of the clock may take. */
const PROGRAM_MS_MAX = 3_000;

/** Runs a program and gives its output; rejects when there is none. */
type Ask = (file: string, args: readonly string[]) => Promise<string>;

/** Who is asked, those first that say how far the clock is off. */
const ASKED: readonly {
  readonly file: string;
  readonly args: readonly string[];
  readonly good: RegExp;
  readonly offsetMs: (text: string) => number | null;
}[] = [
  { file: 'chronyc', args: ['-n', 'tracking'], good: /^Leap status\s*:\s*Normal/m, offsetMs: offsetOfChrony },
  { file: 'ntpq', args: ['-c', 'rv'], good: /leap_none/, offsetMs: offsetOfNtp },
  {
    file: 'timedatectl',
    args: ['show', '--property=NTPSynchronized', '--value'],
    good: /^yes/,
    offsetMs: () => null,
  },
];

/** What they say; never rejects. */
export async function lookAtClock(ask: Ask = output): Promise<Omit<ClockState, 'checkedAt'>> {
  let source: string | null = null;
  for (const { file, args, good, offsetMs } of ASKED) {
    const text = await ask(file, args).catch(() => null);
    if (text === null) continue;
    if (good.test(text)) return { synchronised: true, source: file, offsetMs: offsetMs(text) };
    source ??= file;
  }
  return { synchronised: source === null ? null : false, source, offsetMs: null };
}

async function output(file: string, args: readonly string[]): Promise<string> {
  return (await run(file, [...args], { timeout: PROGRAM_MS_MAX })).stdout;
}

function offsetOfChrony(text: string): number | null {
  const [, seconds, way] = /^System time\s*:\s*([\d.]+) seconds (fast|slow)/m.exec(text) ?? [];
  return seconds === undefined ? null : micros(Number(seconds) * 1_000 * (way === 'slow' ? -1 : 1));
}

/** RFC 5905 §8: what the reference is ahead by. */
function offsetOfNtp(text: string): number | null {
  const [, offset] = /\boffset=([+-]?[\d.]+)/.exec(text) ?? [];
  return offset === undefined ? null : micros(-Number(offset));
}

function micros(ms: number): number {
  // Adding zero: JSON has no -0.
  return Math.round(ms * 1_000) / 1_000 + 0;
}
