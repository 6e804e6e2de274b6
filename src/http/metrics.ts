/**
 * The numbers of the program as Prometheus reads them. Whoever asks gets a snapshot that was pulled from every part at
 * that moment, so no part keeps a metric object and none is counted twice.
 */

/** One value of a metric under its labels; a histogram's have the suffix that the format gives each. */
export type MetricSample = {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly suffix?: '_bucket' | '_sum' | '_count';
};

/** One metric with all its values. */
export type Metric = {
  /** `brusio_…`, unit last, `_total` for counters (https://prometheus.io/docs/practices/naming/). */
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly MetricSample[];
};

/** Everything there is to say at one moment. */
export type MetricsSnapshot = readonly Metric[];

/** One value for each name, under one label. */
export function labelled(label: string, values: Readonly<Record<string, number>>): Metric['samples'] {
  return Object.entries(values).map(([name, value]) => ({ value, labels: { [label]: name } }));
}

/** One value for each name, under several labels: a name is their values with `|` between. */
export function labelledBy(labels: readonly string[], values: Readonly<Record<string, number>>): Metric['samples'] {
  return Object.entries(values).map(([key, value]) => {
    const parts = key.split('|');
    return { value, labels: Object.fromEntries(labels.map((label, index) => [label, parts[index] ?? ''])) };
  });
}

/** A value without labels. */
export function one(value: number): Metric['samples'] {
  return [{ value }];
}

/** What goes up and down. */
export function gauge(name: string, help: string, samples: Metric['samples']): Metric {
  return { name, help, type: 'gauge', samples };
}

/** What only goes up. */
export function counter(name: string, help: string, samples: Metric['samples']): Metric {
  return { name, help, type: 'counter', samples };
}

/**
 * A histogram's values: buckets are cumulative in the exposition format.
 *
 * @param bounds upper bounds, ascending
 * @param counts how many fell up to each bound and not the one before, and one more beyond the last
 */
export function histogramSamples(
  labels: Readonly<Record<string, string>>,
  bounds: readonly number[],
  counts: readonly number[],
  sum: number,
): Metric['samples'] {
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    return { value: total, labels: { ...labels, le: String(bounds[index] ?? '+Inf') }, suffix: '_bucket' as const };
  });
  return [...buckets, { value: sum, labels, suffix: '_sum' }, { value: total, labels, suffix: '_count' }];
}

/** The content type of {@link prometheusText}. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The Prometheus text exposition format 0.0.4. Written here and not by prom-client: its counters only go up by `inc`
 * and cannot be set to a total that another part counted.
 */
export function prometheusText(snapshot: MetricsSnapshot): string {
  const lines: string[] = [];
  for (const metric of snapshot) {
    lines.push(`# HELP ${metric.name} ${metric.help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`);
    lines.push(`# TYPE ${metric.name} ${metric.type}`);
    for (const sample of metric.samples) {
      lines.push(`${metric.name}${sample.suffix ?? ''}${labelsText(sample.labels)} ${numberText(sample.value)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function labelsText(labels: MetricSample['labels']): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
