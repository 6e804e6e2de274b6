import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directionOf, flowOf, mirrored, narrowed, sameFlow, wishAfterAnswer } from './direction.ts';

const directions = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;

describe('directions', () => {
  it('are two flows and back', () => {
    expect(directions.map((one) => directionOf(flowOf(one)))).toEqual(directions);
    expect(directions.map((one) => directionOf(mirrored(flowOf(one))))).toEqual([
      'sendrecv',
      'recvonly',
      'sendonly',
      'inactive',
    ]);
  });

  it('narrow to what both allow', () => {
    expect(directionOf(narrowed(flowOf('sendonly'), flowOf('sendrecv')))).toBe('sendonly');
    expect(directionOf(narrowed(flowOf('sendonly'), flowOf('recvonly')))).toBe('inactive');
  });

  it('leave a wish alone where the offer left no choice, and take the answer for it elsewhere', () => {
    const flow = fc.record({ send: fc.boolean(), receive: fc.boolean() });
    fc.assert(
      fc.property(flow, flow, flow, (before, wants, offered) => {
        const said = narrowed(wants, mirrored(offered));
        const wish = wishAfterAnswer(before, said, offered);
        expect(wish.send).toBe(offered.receive ? wants.send : before.send);
        expect(wish.receive).toBe(offered.send ? wants.receive : before.receive);
        // Asked with sendrecv, a side always says what it wants.
        expect(sameFlow(wishAfterAnswer(before, wants, flowOf('sendrecv')), wants)).toBe(true);
      }),
    );
  });
});
