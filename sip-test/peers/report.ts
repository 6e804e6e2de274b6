/** A run's verdicts as tables for a terminal and for Markdown. */
import type { Verdict } from './verdict.ts';

/** One judged call. */
export type JudgedCall = {
  readonly id: string;
  readonly way: string;
  readonly verdict: Verdict;
  /** From the PBX's stamp of the bridge to Brusio's own moment of it, ms; null where there is not both. */
  readonly delayMs: number | null;
  /** How long the callee was held after 3.000 s, ms; null for calls that were not class A. */
  readonly dropLateMs: number | null;
};

const COLUMNS = [
  'way',
  'calls',
  'B right',
  'A right',
  'machine',
  'borderline',
  'A while cut',
  'wrong',
  'event p50',
  'p99',
  'drop p99',
];

/** One row a way and one for all. Times in ms. */
export function table(calls: readonly JudgedCall[]): string {
  const byWay = Map.groupBy(calls, ({ way }) => way);
  const rows = [...byWay].map(([way, some]) => row(way, some));
  return [COLUMNS, COLUMNS.map(() => '---'), ...rows, row('all', calls)]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** One line for each call that is wrong or borderline, the wrong ones first. */
export function remarks(calls: readonly JudgedCall[]): readonly string[] {
  const of = (kind: Verdict['kind']) =>
    calls
      .filter(({ verdict }) => verdict.kind === kind)
      .map(({ id, way, verdict }) => `${kind}: ${id} ${way}: ${verdict.why}`);
  return [...of('wrong'), ...of('borderline')];
}

export function wrongCount(calls: readonly JudgedCall[]): number {
  return calls.filter(({ verdict }) => verdict.kind === 'wrong').length;
}

function row(way: string, calls: readonly JudgedCall[]): readonly string[] {
  const count = (kind: Verdict['kind']) => String(calls.filter(({ verdict }) => verdict.kind === kind).length);
  const delays = calls.flatMap(({ delayMs }) => delayMs ?? []);
  const drops = calls.flatMap(({ dropLateMs }) => dropLateMs ?? []);
  return [
    way,
    String(calls.length),
    ...(['B', 'A', 'machine', 'borderline', 'blind', 'wrong'] as const).map(count),
    percentile(delays, 0.5),
    percentile(delays, 0.99),
    percentile(drops, 0.99),
  ];
}

/** Nearest rank; a dash where there is no figure. */
function percentile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.ceil(share * sorted.length) - 1];
  return value === undefined ? '–' : String(Math.round(value) + 0);
}

/**
 * The upper bound of the bucket in which a Prometheus histogram's percentile lies, over all its series.
 *
 * @returns `+Inf` beyond the last bound, a dash where nothing was counted
 */
export function histogramBound(exposition: string, metric: string, share: number): string {
  const sums = new Map<string, number>();
  for (const line of exposition.split('\n')) {
    const match = new RegExp(`^${metric}_bucket\\{.*le="([^"]+)".*\\} (\\d+)`).exec(line);
    if (match !== null) sums.set(match[1] ?? '', (sums.get(match[1] ?? '') ?? 0) + Number(match[2]));
  }
  const all = sums.get('+Inf') ?? 0;
  if (all === 0) return '–';
  return [...sums].find(([, count]) => count >= share * all)?.[0] ?? '+Inf';
}
