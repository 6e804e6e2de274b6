import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { lawfulCall, MONDAY_MORNING } from '../../testing/ruling-facts.ts';
import { italy } from '../jurisdictions/italy.ts';
import { guaranteedAgent } from './guaranteed-agent.ts';
import { recallLock } from './recall-lock.ts';
import type { AgentPromise } from './ruling.ts';

const silentAt = Date.parse('2026-11-18T09:00:00Z') as WallMs;

function lockUntil(afterMs: number) {
  return { silentAt, until: (MONDAY_MORNING + afterMs) as WallMs };
}

describe('decision 83/2014 point 4: a number that had a silent call', () => {
  it('is locked up to the lock’s end, and not at it', () => {
    expect(recallLock(lawfulCall({ history: { lock: lockUntil(1) } }), italy)).toMatchObject({
      rule: 'recall-lock',
      facts: { silentAt: '2026-11-18T09:00:00.000Z', until: '2026-11-23T09:00:00.001Z', inFlight: 0 },
      retryAfterS: 1,
    });
    expect(recallLock(lawfulCall({ history: { lock: lockUntil(0) } }), italy)).toBeNull();
  });

  it('may come again in whole seconds, never too early', () => {
    const breach = recallLock(lawfulCall({ history: { lock: lockUntil(3_600_001) } }), italy);
    expect(breach?.retryAfterS).toBe(3_601);
  });

  it('is locked with an agent too', () => {
    expect(recallLock(lawfulCall({ agent: 'connected', history: { lock: lockUntil(1) } }), italy)).not.toBeNull();
  });

  it('is called with an agent after the lock, reserved or on the line', () => {
    const guaranteed = (agent: AgentPromise, afterMs: number) =>
      guaranteedAgent(lawfulCall({ agent, history: { lock: lockUntil(afterMs) } }), italy);
    expect(guaranteed('none', -86_400_000)).toMatchObject({ rule: 'guaranteed-agent', facts: { agent: 'none' } });
    expect(guaranteed('reserved', -86_400_000)).toBeNull();
    expect(guaranteed('connected', -86_400_000)).toBeNull();
    // Where the lock is only observed.
    expect(guaranteed('none', 86_400_000)).not.toBeNull();
  });

  it('needs no agent once a call to it was bridged', () => {
    expect(guaranteedAgent(lawfulCall({ history: { lock: null } }), italy)).toBeNull();
  });
});

describe('a number that is being called', () => {
  it('is not called a second time, since the first call may become a silent one', () => {
    expect(recallLock(lawfulCall({ history: { inFlight: 1 } }), italy)).toMatchObject({
      rule: 'recall-lock',
      facts: { silentAt: null, until: null, inFlight: 1 },
      remedy: 'wait for the end of the other call to this number: it may become a silent one',
      retryAfterS: null,
    });
  });

  it('tells of its lock first', () => {
    const breach = recallLock(lawfulCall({ history: { inFlight: 1, lock: lockUntil(5_000) } }), italy);
    expect(breach).toMatchObject({ facts: { inFlight: 1 }, retryAfterS: 5 });
  });
});
