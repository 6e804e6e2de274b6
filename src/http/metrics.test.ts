import { describe, expect, it } from 'vitest';
import { prometheusText } from './metrics.ts';

describe('the Prometheus text', () => {
  it('has help, type and a line per sample', () => {
    const text = prometheusText([
      {
        name: 'brusio_calls_total',
        help: 'Calls that ended.',
        type: 'counter',
        samples: [
          { value: 3, labels: { class: 'A', campaign: 'luce' } },
          { value: 1.5, labels: { class: 'B' } },
        ],
      },
      { name: 'brusio_calls_live', help: 'Calls now.', type: 'gauge', samples: [{ value: 0 }] },
    ]);
    expect(text).toBe(
      [
        '# HELP brusio_calls_total Calls that ended.',
        '# TYPE brusio_calls_total counter',
        'brusio_calls_total{class="A",campaign="luce"} 3',
        'brusio_calls_total{class="B"} 1.5',
        '# HELP brusio_calls_live Calls now.',
        '# TYPE brusio_calls_live gauge',
        'brusio_calls_live 0',
        '',
      ].join('\n'),
    );
  });

  it('has a suffix on every line of a histogram', () => {
    const text = prometheusText([
      {
        name: 'brusio_delay_ms',
        help: 'How late.',
        type: 'histogram',
        samples: [
          { value: 2, labels: { thread: 'main', le: '1' }, suffix: '_bucket' },
          { value: 3, labels: { thread: 'main', le: '+Inf' }, suffix: '_bucket' },
          { value: 7.5, labels: { thread: 'main' }, suffix: '_sum' },
          { value: 3, labels: { thread: 'main' }, suffix: '_count' },
        ],
      },
    ]);
    expect(text.split('\n').slice(1)).toEqual([
      '# TYPE brusio_delay_ms histogram',
      'brusio_delay_ms_bucket{thread="main",le="1"} 2',
      'brusio_delay_ms_bucket{thread="main",le="+Inf"} 3',
      'brusio_delay_ms_sum{thread="main"} 7.5',
      'brusio_delay_ms_count{thread="main"} 3',
      '',
    ]);
  });

  it('escapes what would end a line or a label early', () => {
    const samples = [{ value: Number.POSITIVE_INFINITY, labels: { campaign: 'a"b\\c\nd' } }];
    const text = prometheusText([{ name: 'x', help: 'one\\two\nthree', type: 'gauge', samples }]);
    expect(text).toBe('# HELP x one\\\\two\\nthree\n# TYPE x gauge\nx{campaign="a\\"b\\\\c\\nd"} +Inf\n');
  });
});
