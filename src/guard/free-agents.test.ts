import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { createFreeAgents, FREE_AGENT_ENTRIES_MAX } from './free-agents.ts';

const MAX_AGE_MS = 60_000;

function board() {
  const clock = fakeClock();
  const pbx = { up: true };
  const agents = createFreeAgents(clock, MAX_AGE_MS, (source) => (source === 'pbx' ? pbx.up : null));
  return { clock, agents, pbx };
}

describe('free agents', () => {
  it('are the sum over queues and sources, each by its latest word', () => {
    const { clock, agents } = board();
    agents.report('pbx', 'q1', 'luce', 3, clock.now());
    agents.report('pbx', 'q1', 'luce', 1, clock.now());
    agents.report('pbx', 'q2', 'luce', 4, clock.now());
    agents.report('pbx', 'q3', 'gas', 9, clock.now());
    clock.advance(10);
    agents.report('http', 'luce', 'luce', 2, clock.now());
    expect(agents.of('luce')).toEqual({ campaign: 'luce', free: 7, source: 'http', at: '2026-11-20T09:00:00.010Z' });
    expect(agents.all().map(({ campaign, free }) => [campaign, free])).toEqual([
      ['luce', 7],
      ['gas', 9],
    ]);
  });

  it('are not known any more when a program has said nothing for too long, or a PBX is gone', () => {
    const { clock, agents, pbx } = board();
    agents.report('http', 'luce', 'luce', 2, clock.now());
    agents.report('pbx', 'q1', 'gas', 3, clock.now());
    clock.advance(MAX_AGE_MS);
    expect(agents.of('luce')?.free).toBe(2);
    clock.advance(1);
    expect(agents.of('luce')).toBeNull();
    expect(agents.of('gas')?.free).toBe(3);
    pbx.up = false;
    expect(agents.of('gas')).toBeNull();
  });

  it('have a limit, and old ones make room', () => {
    const { clock, agents } = board();
    for (let n = 0; n < FREE_AGENT_ENTRIES_MAX; n++) agents.report('http', `c${n}`, `c${n}`, 1, clock.now());
    expect(agents.report('http', 'one-more', 'one-more', 1, clock.now())).toBe(false);
    expect(agents.report('http', 'c1', 'c1', 5, clock.now())).toBe(true);
    clock.advance(MAX_AGE_MS + 1);
    expect(agents.report('http', 'one-more', 'one-more', 1, clock.now())).toBe(true);
    expect(agents.all()).toHaveLength(1);
  });
});
