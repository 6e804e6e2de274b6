import { maskNumber } from '../base/redact.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { ambienceAfterMs, answeredForMs, type DemoCall, outcomeProblems } from './demo-checks.ts';
import type { ExpectedOutcome } from './demo-scenarios.ts';

/** Marks a text as good, bad or unimportant; without colours it stays as it is. */
export type Paint = {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly faint: (text: string) => string;
};

/** A call of the demo with everything that is wrong with it, its webhook included. */
export type JudgedCall = {
  readonly call: DemoCall;
  readonly problems: readonly string[];
  /** Timing that a busy machine explains: told, and not held against the demo. */
  readonly remarks: readonly string[];
};

/** ANSI colours for a terminal, nothing for anything else. */
export function paintFor(colours: boolean): Paint {
  const code = (start: number) => (text: string) => (colours ? `\x1b[${start}m${text}\x1b[0m` : text);
  return { good: code(32), bad: code(31), faint: code(2) };
}

const LIVE_COLUMNS = [8, 14, 29, 7, 17, 0];

const LATER_COLUMNS = [10, 16, 29, 5, 17, 0];

/** The heading of the live lines. */
export function liveHeading(paint: Paint): string {
  return paint.faint(columns(['time', 'number', 'outcome', 'class', 'first sound', 'end'], LIVE_COLUMNS));
}

/**
 * One line for one call, at the moment when it is over; `atMs` counts from the first call. Its mark is about the outcome
 * alone: to listen to the recording while other calls are played would disturb them.
 */
export function liveLine(atMs: number, call: DemoCall, paint: Paint): string {
  const { outcome, scenario } = call;
  const afterMs = ambienceAfterMs(call);
  const line = columns(
    [
      `${seconds(atMs, 1)} s`,
      maskNumber(scenario.number),
      outcome === null ? 'none' : outcomeText(outcome),
      outcome?.class ?? '-',
      outcome?.comfortNoise && afterMs !== null ? `after ${afterMs.toFixed(1)} ms` : '-',
      endText(call),
    ],
    LIVE_COLUMNS,
  );
  return `${line}  ${outcomeProblems(call).length === 0 ? paint.good('✓') : paint.bad('✗')}`;
}

const TABLE_COLUMNS = [4, 44, 36, 36, 13, 14, 0];

/** The table of all calls, expected against seen, with what is wrong under it. */
export function summary(judged: readonly JudgedCall[], paint: Paint): string {
  const heading = ['', 'call', 'expected', 'seen', 'first sound', "Brusio's own", ''];
  const lines = [paint.faint(columns(heading, TABLE_COLUMNS))];
  judged.forEach(({ call, problems }, index) => {
    const { scenario, outcome } = call;
    const afterMs = outcome?.comfortNoise ? ambienceAfterMs(call) : null;
    const line = columns(
      [
        String(index + 1).padStart(2),
        scenario.title,
        verdict(scenario.expected),
        outcome === null ? 'no outcome' : verdict(outcome),
        afterMs === null ? '-' : `${afterMs.toFixed(1)} ms`,
        outcome?.comfortNoise ? `${outcome.comfortNoise.startedAfterMs.toFixed(1)} ms` : '-',
      ],
      TABLE_COLUMNS,
    );
    lines.push(`${line}${problems.length === 0 ? paint.good('✓') : paint.bad('✗')}`);
  });
  judged.forEach(({ call, problems, remarks }, index) => {
    for (const problem of problems) lines.push(paint.bad(`✗ ${index + 1}, ${call.scenario.title}: ${problem}`));
    for (const remark of remarks)
      lines.push(`! ${index + 1}, ${call.scenario.title}: ${remark} (timing, not held against it)`);
  });
  return `${lines.join('\n')}\n`;
}

/** One line for a call that somebody else placed while the demo is kept running. */
export function laterLine(record: OutcomeRecord, problems: readonly string[], paint: Paint): string {
  const noise = record.comfortNoise;
  const line = columns(
    [
      record.times.ended.slice(11, 19),
      record.number,
      outcomeText(record),
      record.class ?? '-',
      noise === null ? '-' : `after ${noise.startedAfterMs.toFixed(1)} ms`,
      `ended by ${record.endedBy}, waited ${seconds(record.waitMs, 3)} s, talked ${seconds(record.talkMs, 3)} s`,
    ],
    LATER_COLUMNS,
  );
  return `${line}  ${problems.length === 0 ? paint.good('✓ webhook') : paint.bad(`✗ ${problems.join('; ')}`)}`;
}

/** What an outcome says, in few words: `answered, agent`. */
export function outcomeText({ network, handling }: Pick<OutcomeRecord, 'network' | 'handling'>): string {
  return handling === 'none' ? network : `${network}, ${handling}`;
}

function verdict(outcome: ExpectedOutcome): string {
  const classText = outcome.class === null ? '' : `, class ${outcome.class}`;
  return `${outcomeText(outcome)}${classText}`;
}

function endText(call: DemoCall): string {
  const { outcome, scenario, result } = call;
  const forMs = answeredForMs(call);
  if (outcome === null) return 'no outcome reported';
  if (forMs === null) return outcome.endedBy === 'dialer' ? 'dialer gave up' : `refused with ${result.finalStatus}`;
  const end = `${outcome.endedBy === 'guard' ? 'dropped' : `${outcome.endedBy} hung up`} at ${seconds(forMs, 3)} s`;
  if (outcome.handling !== 'agent') return end;
  return scenario.hears.ambience ? `agent at ${seconds(outcome.waitMs, 3)} s, ${end}` : `agent there first, ${end}`;
}

function seconds(durationMs: number, digits: number): string {
  return (durationMs / 1000).toFixed(digits);
}

function columns(texts: readonly string[], widths: readonly number[]): string {
  return texts.map((text, index) => text.padEnd(widths[index] ?? 0)).join('');
}
