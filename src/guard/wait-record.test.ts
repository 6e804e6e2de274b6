import { describe, expect, it } from 'vitest';
import type { CallFacts } from '../call/call-facts.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import { unitedStates } from '../policy/jurisdictions/united-states.ts';
import { instantAt, invitedFacts } from '../testing/call-samples.ts';
import { AMBIENCE_REPORT } from '../testing/fake-ports.ts';
import { sampleDossier } from '../testing/stored-calls.ts';
import { reanchored } from './recovery.ts';
import { announcementRecord, waitRecord } from './wait-record.ts';

const SAID = { name: 'acme', text: 'This is Acme.', sha256: 'ab'.repeat(32) };
const answered: CallFacts = { ...invitedFacts(), answeredAt: instantAt(1000) };
const greeted: CallFacts = { ...answered, greeting: { startedAt: instantAt(1400), endedAt: instantAt(2300) } };
const announced: CallFacts = {
  ...{ ...greeted, teardownDueAt: instantAt(4200) },
  announcement: { startedAt: instantAt(4201), endedAt: null, optOut: { digit: '9', at: instantAt(5000.06) } },
};
const heard = (understood: number, strange: number) => ({ ...AMBIENCE_REPORT, listening: { understood, strange } });
const played = { startedAt: instantAt(4215).monotonicMs, playedMs: 780, packets: 39, complete: false };

describe('what an outcome tells of the wait', () => {
  it('is what it counted from, and what was heard', () => {
    expect(waitRecord(greeted, heard(150, 0), unitedStates)).toEqual({
      ...{ greeting: { startedMs: 400, endedMs: 1300 }, waitFrom: 'speech-end', waitFallback: null },
    });
    expect(waitRecord(answered, null, italy)).toEqual({ greeting: null, waitFrom: 'answer', waitFallback: null });
    expect(waitRecord(invitedFacts(), null, unitedStates).waitFrom, 'not answered').toBe(null);
    expect(waitRecord({ ...answered, kind: 'manual' }, null, unitedStates).waitFrom, 'not guarded').toBe(null);
  });

  it.each([
    [heard(150, 0), 'no-speech'],
    [heard(0, 150), 'no-decoder'],
    [heard(0, 0), 'no-audio'],
    [null, 'unknown'],
  ] as const)('is why it counted from the answer: %#', (report, waitFallback) => {
    expect(waitRecord(answered, report, unitedStates)).toMatchObject({ waitFrom: 'answer', waitFallback });
  });

  it('is that a greeting did not end, where the wait did, and nothing of the kind where an agent came meanwhile', () => {
    const speaking: CallFacts = { ...answered, greeting: { startedAt: instantAt(1400), endedAt: null } };
    const over = waitRecord({ ...speaking, teardownDueAt: instantAt(9400) }, heard(400, 0), unitedStates);
    expect(over).toMatchObject({ waitFrom: 'speech-end', waitFallback: 'greeting-unending' });
    expect(waitRecord(speaking, heard(50, 0), unitedStates).waitFallback).toBe(null);
  });
});

describe('what it tells of the announcement', () => {
  const dossier = { ...sampleDossier(1), announcement: SAID };

  it('is what was said, how much of it was heard, and the key', () => {
    expect(announcementRecord(dossier, announced, { ...AMBIENCE_REPORT, announcement: played })).toEqual({
      ...SAID,
      ...{ startedMs: 3215, playedMs: 780, complete: false, optOut: { digit: '9', atMs: 4000.1 } },
    });
    expect(announcementRecord(dossier, greeted, AMBIENCE_REPORT), 'none was begun').toBe(null);
    expect(announcementRecord(sampleDossier(1), announced, AMBIENCE_REPORT), 'its campaign has none').toBe(null);
  });

  it('is no made-up length after a crash, whose clock is another', () => {
    const state = { name: 'announcing', facts: announced, deadlineAt: instantAt(9000).monotonicMs } as const;
    const { facts } = reanchored(state, { ...instantAt(60_000), monotonicMs: instantAt(7).monotonicMs });
    const told = announcementRecord(dossier, facts, null);
    expect(told).toMatchObject({ playedMs: null, complete: false, optOut: { digit: '9' } });
    expect(told?.startedMs).toBeCloseTo(3201, 0);
  });
});
