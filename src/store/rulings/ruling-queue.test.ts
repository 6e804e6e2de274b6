import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import type { CallId } from '../../call/call-facts.ts';
import type { RulingRequest } from '../../guard/ruling-port.ts';
import { italy } from '../../policy/jurisdictions/italy.ts';
import { lawfulTerms, MONDAY_MORNING } from '../../testing/ruling-facts.ts';
import type { CallNotice } from './held-calls.ts';
import type { RulingCommand } from './ruling-message.ts';
import { createRulingQueue, GROUP_MAX } from './ruling-queue.ts';

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

function asking(callId: string, at = MONDAY_MORNING): Extract<RulingCommand, { type: 'rule' }> {
  const request: RulingRequest = {
    ...{ callId: callId as CallId, at, number: '', callerId: '', digests: [], agent: 'none', exception: null },
    terms: lawfulTerms(),
    policy: italy.policy,
  };
  return { type: 'rule', asked: { id: 1, request, at, of: 'invite' } };
}
const hearing = (notice: CallNotice): RulingCommand & { type: 'heard' } => ({ type: 'heard', notice });

/** The groups that come out, as `notices | asked`. */
function groupsOf(...commands: Exclude<RulingCommand, { type: 'close' }>[]): string[] {
  const queue = createRulingQueue(({ at }) => dayOf(at));
  for (const command of commands) queue.add(command);
  const groups: string[] = [];
  while (!queue.isEmpty()) {
    const { notices, group } = queue.takeGroup();
    const asked = group.map(({ request }) => request.callId).join(' ');
    groups.push(`${notices.map(({ type, callId }) => `${type} ${callId}`).join(', ')} | ${asked}`);
  }
  return groups;
}

describe('what waits for the ruling thread', () => {
  it('goes together as long as it may', () => {
    expect(groupsOf(asking('a'), hearing({ type: 'released', callId: 'x' }), asking('b'))).toEqual([
      'released x | a b',
    ]);
    const many = Array.from({ length: GROUP_MAX + 1 }, (_, n) => asking(`${n}`));
    expect(groupsOf(...many)).toHaveLength(2);
  });

  it('is not told of the end of a call in the group that gives it its room', () => {
    expect(groupsOf(asking('a'), asking('b'), hearing({ type: 'released', callId: 'a' }), asking('c'))).toEqual([
      ' | a b',
      'released a | c',
    ]);
  });

  it('is judged by itself for each local day', () => {
    const tomorrow = (MONDAY_MORNING + 86_400_000) as WallMs;
    expect(groupsOf(asking('a'), asking('b', tomorrow))).toEqual([' | a', ' | b']);
  });

  it('gives answers, and room that is taken again, out before their turn, but never ahead of what was said of that call earlier', () => {
    const queue = createRulingQueue(({ at }) => dayOf(at));
    const answered = (callId: string) => hearing({ type: 'answered', callId, at: MONDAY_MORNING });
    for (const command of [answered('a'), hearing({ type: 'counted', callId: 'a' }), asking('b'), answered('b')]) {
      queue.add(command);
    }
    const again = hearing({ type: 'uncounted', callId: 'c', id: 1 });
    for (const command of [again, hearing({ type: 'counted', callId: 'c' }), again]) queue.add(command);
    expect(queue.takeRoom()).toEqual([answered('a').notice, again.notice]);
    expect(queue.takeGroup()).toEqual({
      notices: [{ type: 'counted', callId: 'a' }],
      group: [asking('b').asked],
    });
    expect(queue.takeRoom()).toEqual([answered('b').notice]);
    expect(queue.takeGroup().notices).toEqual([{ type: 'counted', callId: 'c' }, again.notice]);
    expect(queue.isEmpty()).toBe(true);
  });
});
