/** Outcomes as they are read back: those of version 1 as version 2 says them, with null for what they do not tell. Pure. */
import type { z } from 'zod';
import type { OutcomeRecord } from './outcome-record.ts';
import type { outcomeRecordV1Schema } from './outcome-record-v1.ts';

type StoredRecord = OutcomeRecord | z.infer<typeof outcomeRecordV1Schema>;

/** The outcome that a row's JSON says. */
export function recordOf(json: string): OutcomeRecord {
  const stored = JSON.parse(json) as StoredRecord;
  return 'sinceInviteMs' in stored ? stored : upgraded(stored);
}

function upgraded(stored: z.infer<typeof outcomeRecordV1Schema>): OutcomeRecord {
  const { sip, comfortNoise, media } = stored;
  return {
    ...stored,
    sip: { ...sip, exchange: null },
    sinceInviteMs: null,
    // Outcomes of version 0.1 have neither.
    comfortNoise: comfortNoise ? { ...comfortNoise, startedAt: null, stream: null } : null,
    media: media ? { ...media, firstToCallee: null } : null,
    clock: null,
  };
}
