import { expect, it } from 'vitest';
import { formerOutcomeDraft } from '../testing/ledger-samples.ts';
import { sampleRecord } from '../testing/stored-calls.ts';
import { outcomeRecordSchema } from './outcome-record.ts';
import { recordOf } from './stored-record.ts';

it('an outcome of version 1 is read with null for what it does not tell', () => {
  const { record } = formerOutcomeDraft(1).body as unknown as { record: object };
  const read = recordOf(JSON.stringify({ ...record, number: '•••' }));
  expect(outcomeRecordSchema.parse(read)).toMatchObject({
    ...record,
    ...{ sinceInviteMs: null, clock: null, sip: { exchange: null }, comfortNoise: { startedAt: null, stream: null } },
  });
});

it('an outcome of today is read as it is', () => {
  expect(recordOf(JSON.stringify(sampleRecord(1)))).toEqual(sampleRecord(1));
});
