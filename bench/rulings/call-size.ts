/** What a call takes in the database: with its decision, answer and outcome in the ledger, its record and its number. */
import { pino } from 'pino';
import { systemClock, toIso, type WallMs } from '../../src/base/clock.ts';
import { uuidV7 } from '../../src/base/uuid.ts';
import type { CallId } from '../../src/call/call-facts.ts';
import { answerDraft, decisionDraft } from '../../src/ledger/call-drafts.ts';
import type { DatabasePlace } from '../../src/store/database-place.ts';
import { createDatabaseStore } from '../../src/store/store.ts';
import { MONDAY_MORNING } from '../../src/testing/ruling-facts.ts';
import { sampleRecord } from '../../src/testing/stored-calls.ts';

/** Calls whose commit is waited for together. */
const AT_ONCE = 500;
const DAY = '2026-11-23';

/** Writes so many answered calls into the database at `place`, and resolves when all are committed. */
export async function writeCalls(place: DatabasePlace, calls: number): Promise<void> {
  const store = createDatabaseStore({ place, log: pino({ level: 'silent' }), clock: systemClock });
  await store.start();
  for (let from = 0; from < calls; from += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, calls - from) }, (_, n) => writeCall(from + n)));
  }
  await store.stop();

  async function writeCall(n: number): Promise<void> {
    const at = (MONDAY_MORNING + n) as WallMs;
    const callId = uuidV7(at) as CallId;
    const digest = (n * 7_919).toString(16).padStart(32, '0');
    const about = { campaign: 'luce-autunno', controller: 'luce' };
    const record = { ...sampleRecord(n), callId, campaign: about.campaign };
    const invite = { ...about, callId, dialerCallId: record.sip.dialerCallId, invitedAt: at, day: DAY, digest };
    await store.ledger([
      decisionDraft(
        { ...invite, callerId: '+390212345678', agent: 'reserved', exception: null, policy: record.policy },
        { allowed: true, breaches: [] },
      ),
      answerDraft(callId, about.campaign, at, DAY),
    ]);
    const count = { ...about, day: DAY, from: null, to: { class: 'A', as: 'silent' } } as const;
    const lock = { scope: 'luce', digests: [digest], move: 'set', at: toIso(at), until: toIso(at) } as const;
    await store.recordOutcome({
      record,
      ...{ number: '+393331234567', controller: 'luce', digest, day: DAY, webhooks: [], count, lock, optOut: null },
    });
  }
}
