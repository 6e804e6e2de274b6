import { describe, expect, it } from 'vitest';
import type { CallId } from '../call/call-facts.ts';
import { createCallRegistry } from './call-registry.ts';
import type { CallRunner } from './call-runner.ts';

let last = 0;

function runnerOf(dialer: string | null, ended = false, more: Partial<CallRunner> = {}): CallRunner {
  last += 1;
  const ids = { callId: `call-${last}` as CallId, dialerCallId: `dialer-${last}`, reference: null };
  return { ...ids, isGuarded: true, dialer, ended: () => ended, ...more } as Partial<CallRunner> as CallRunner;
}

describe('the call registry', () => {
  it('counts the calls whose line is up, in all and by dialer', () => {
    const registry = createCallRegistry();
    const [a, b, c] = [runnerOf('north'), runnerOf('north'), runnerOf(null)];
    for (const runner of [a, b, c]) registry.add(runner);
    expect([registry.liveCount(), registry.liveCount('north'), registry.liveCount('south')]).toEqual([3, 2, 0]);
    registry.ended(a);
    registry.ended(a);
    expect([registry.liveCount(), registry.liveCount('north')]).toEqual([2, 1]);
    expect(registry.get(a.callId)).toBe(a);
    registry.remove(a);
    registry.remove(b);
    expect([registry.liveCount(), registry.liveCount('north')]).toEqual([1, 0]);
    expect([...registry.all()]).toEqual([c]);
  });

  it('never counts a call that was refused at once', () => {
    const registry = createCallRegistry();
    const refused = runnerOf('north', true);
    registry.add(refused);
    expect([registry.liveCount(), registry.liveCount('north')]).toEqual([0, 0]);
    registry.remove(refused);
    expect([registry.liveCount(), registry.liveCount('north')]).toEqual([0, 0]);
  });

  it('finds a call by the Call-ID of the dialog in which the dialer goes on, and by its first', () => {
    const registry = createCallRegistry();
    const [a, b] = [runnerOf('north'), runnerOf('north')];
    for (const runner of [a, b]) registry.add(runner);
    registry.moved(a, 'second');
    registry.moved(a, 'third');
    expect([a.dialerCallId, 'second', 'third'].map(registry.find)).toEqual([a, null, a]);
    registry.moved(b, 'third');
    registry.remove(a);
    expect([a.dialerCallId, 'third'].map(registry.find)).toEqual([null, b]);
    registry.remove(b);
    registry.moved(b, 'fourth');
    expect(['third', 'fourth'].map(registry.find)).toEqual([null, null]);
  });

  it('finds by its reference the call that is guarded, though a leg that it is sent on by has the same one', () => {
    const registry = createCallRegistry();
    const [first, guarded, sentOn, again] = [true, true, false, true].map((isGuarded) =>
      runnerOf('north', false, { reference: 'V1', isGuarded }),
    ) as [CallRunner, CallRunner, CallRunner, CallRunner];
    const found = () => registry.findByReference('V1');
    registry.add(first);
    registry.add(guarded);
    expect(found(), 'the latest of those that are guarded').toBe(guarded);
    registry.add(sentOn);
    expect(found()).toBe(guarded);
    registry.remove(sentOn);
    expect(found()).toBe(guarded);
    registry.add(again);
    expect(found()).toBe(again);
  });

  it('finds a call that is not guarded by its reference, where no other has it', () => {
    const registry = createCallRegistry();
    const manual = runnerOf('north', false, { reference: 'M1', isGuarded: false });
    registry.add(runnerOf('north', true, { reference: 'M1' }));
    registry.add(manual);
    expect(registry.findByReference('M1')).toBe(manual);
    registry.remove(manual);
    expect(registry.findByReference('M1')).toBeNull();
  });
});
