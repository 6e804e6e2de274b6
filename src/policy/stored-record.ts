/** Outcomes as they are read back: those of version 1 as version 2 says them, with null for what they do not tell. Pure. */
import type { z } from 'zod';
import type { OutcomeRecord } from './outcome-record.ts';
import type { outcomeRecordV1Schema } from './outcome-record-v1.ts';

type StoredRecord = OutcomeRecord | z.infer<typeof outcomeRecordV1Schema>;

/** Of a call of a time in which neither greetings nor messages were known. */
const NOTHING_TOLD = { greeting: null, waitFrom: null, waitFallback: null, announcement: null };

/** The outcome that a row's JSON says. */
export function recordOf(json: string): OutcomeRecord {
  const stored = JSON.parse(json) as StoredRecord;
  return 'sinceInviteMs' in stored ? { ...NOTHING_TOLD, ...stored } : upgraded(stored);
}

function upgraded(stored: z.infer<typeof outcomeRecordV1Schema>): OutcomeRecord {
  const { sip, comfortNoise, media } = stored;
  return {
    ...stored,
    sip: { ...sip, exchange: null },
    sinceInviteMs: null,
    // Outcomes of version 0.1 have neither.
    comfortNoise: comfortNoise ? { ...comfortNoise, startedAt: null, stream: null } : null,
    ...NOTHING_TOLD,
    media: media ? { ...media, firstToCallee: null } : null,
    clock: null,
  };
}
