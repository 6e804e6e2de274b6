import { describe, expect, it } from 'vitest';
import { histogramBound, type JudgedCall, remarks, table, wrongCount } from './report.ts';

const call = (
  id: string,
  way: string,
  kind: JudgedCall['verdict']['kind'],
  delayMs: number | null = null,
): JudgedCall => ({
  id,
  way,
  verdict: { kind, why: kind === 'wrong' || kind === 'borderline' ? `because of ${id}` : '' },
  delayMs,
  dropLateMs: kind === 'A' ? 7 : null,
});

const CALLS = [
  call('1', 'dial', 'B', 4),
  call('2', 'dial', 'A'),
  call('3', 'queue', 'borderline', 20),
  call('4', 'queue', 'wrong'),
  call('5', 'queue', 'blind'),
];

describe('the report', () => {
  it('counts each way and all of them', () => {
    expect(table(CALLS).split('\n').slice(2)).toEqual([
      '| dial | 2 | 1 | 1 | 0 | 0 | 0 | 0 | 4 | 4 | 7 |',
      '| queue | 3 | 0 | 0 | 0 | 1 | 1 | 1 | 20 | 20 | – |',
      '| all | 5 | 1 | 1 | 0 | 1 | 1 | 1 | 4 | 20 | 7 |',
    ]);
    expect(wrongCount(CALLS)).toBe(1);
  });

  it('tells what was wrong, then what was on the border', () => {
    expect(remarks(CALLS)).toEqual(['wrong: 4 queue: because of 4', 'borderline: 3 queue: because of 3']);
  });
});

describe('the bound of a histogram', () => {
  const metrics = [
    'delay_ms_bucket{source="a",le="5"} 40',
    'delay_ms_bucket{source="a",le="10"} 49',
    'delay_ms_bucket{source="a",le="+Inf"} 50',
    'delay_ms_bucket{source="b",le="5"} 50',
    'delay_ms_bucket{source="b",le="10"} 50',
    'delay_ms_bucket{source="b",le="+Inf"} 50',
  ].join('\n');

  it('is taken over all its series', () => {
    expect(histogramBound(metrics, 'delay_ms', 0.5)).toBe('5');
    expect(histogramBound(metrics, 'delay_ms', 0.99)).toBe('10');
    expect(histogramBound(metrics, 'delay_ms', 1)).toBe('+Inf');
  });

  it('is a dash where nothing was counted', () => {
    expect(histogramBound(metrics, 'other_ms', 0.5)).toBe('–');
  });
});
