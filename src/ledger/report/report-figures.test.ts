import { describe, expect, it } from 'vitest';
import { createFigureCounter } from './report-figures.ts';

describe('a call that goes on when the report is made', () => {
  it('is told of with its class, and as neither where the law counts it in none', () => {
    const counter = createFigureCounter();
    counter.addLive({ class: 'A', as: 'silent' });
    counter.addLive({ class: 'B', as: 'agent' });
    counter.addLive({ class: null, as: 'machine' });
    const { calls, silent, handled, live, machines } = counter.figures();
    expect({ calls, silent, handled }).toEqual({ calls: 3, silent: 1, handled: 1 });
    expect(live).toEqual({ silent: 1, handled: 1 });
    expect(machines.uncounted).toBe(1);
  });
});
