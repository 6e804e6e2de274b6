import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDueNumbers } from './due-numbers.ts';
import { createEventQueue } from './event-queue.ts';

describe('the queue of events', () => {
  it('gives them in the order of their time, and those of one moment as they were put in', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 3_000, size: 'max' }), (times) => {
        const queue = createEventQueue();
        for (const [subject, at] of times.entries()) queue.put(at, subject % 9, subject, -subject);
        const sorted = times
          .map((at, subject) => ({ at, subject }))
          .sort((a, b) => a.at - b.at || a.subject - b.subject);
        const taken: { at: number; subject: number }[] = [];
        for (let next = queue.nextAt(); queue.take(); next = queue.nextAt()) {
          taken.push({ at: queue.at, subject: queue.subject });
          if (next !== queue.at || queue.kind !== queue.subject % 9 || queue.stamp + queue.subject !== 0)
            taken.length = 0;
        }
        expect(taken).toEqual(sorted);
        expect(queue.take()).toBe(false);
        expect(queue.nextAt()).toBe(Number.POSITIVE_INFINITY);
      }),
      { numRuns: 8 },
    );
  });
});

describe('numbers that are due', () => {
  it('come in their order, none before its time nor before one that came earlier', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat({ max: 100 }), fc.constant(null)), { maxLength: 900, size: 'max' }),
        (steps) => {
          const due = createDueNumbers();
          const kept: { number: number; at: number }[] = [];
          let last = 0;
          for (const [number, step] of steps.entries()) {
            if (step === null) {
              const first = kept.shift();
              expect(due.firstAt()).toBe(first?.at ?? Number.POSITIVE_INFINITY);
              if (first !== undefined) expect(due.take()).toBe(first.number);
            } else {
              due.add(number, step);
              last = Math.max(last, step);
              kept.push({ number, at: last });
            }
            expect(due.size()).toBe(kept.length);
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});
