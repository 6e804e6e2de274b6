import { expect, it } from 'vitest';
import { sampleRecord } from '../testing/stored-calls.ts';
import { createGuardCounters } from './guard-counts.ts';

it('calls that were given up are counted by how long they rang, by the law of each', () => {
  const counters = createGuardCounters();
  const unanswered = { ...sampleRecord(1), network: 'no-answer', endedBy: 'dialer', ringMs: 14_000 } as const;
  for (const policy of ['gb-ofcom-2010@1', 'us-ftc-tsr@1', 'it-garante-83-2014@1'])
    counters.finished({ ...unanswered, policy }, null);
  counters.finished({ ...unanswered, policy: 'de-ccv-ddv-code@1', ringMs: 15_000 }, null);
  counters.finished({ ...unanswered, policy: 'gb-ofcom-2010@1', network: 'cancelled', ringMs: 0 }, null);
  expect(counters.all().givenUp).toEqual({ short: 2, long: 1, 'not-rung': 1 });
});
