import { describe, expect, it } from 'vitest';
import { downMs, upSpans } from './source-log.ts';

const line = (time: number, msg: string) => ({ level: 30, time, msg });
const DOWN = 'agent source is down: agents it would tell of are not known';

describe('the log of a source', () => {
  it('tells when it was up, the last span without an end while it lasts', () => {
    const log = [line(1, 'ready'), line(10, 'agent source is up'), line(50, DOWN), line(80, 'agent source is up')];
    expect(upSpans(log)).toEqual([
      { from: 10, to: 50 },
      { from: 80, to: Number.POSITIVE_INFINITY },
    ]);
    expect(downMs(upSpans(log))).toBe(30);
    expect(upSpans([...log, line(90, DOWN), line(95, DOWN)])[1]).toEqual({ from: 80, to: 90 });
    expect(upSpans([])).toEqual([]);
  });
});
