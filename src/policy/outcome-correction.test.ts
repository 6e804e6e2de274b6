import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import { sampleRecord } from '../testing/stored-calls.ts';
import { CORRECTION_PERIOD_MS } from './correction-period.ts';
import { chosenJurisdiction } from './jurisdictions/chosen-jurisdiction.ts';
import { italy } from './jurisdictions/italy.ts';
import {
  CORRECTIONS_MAX,
  type CorrectedOutcome,
  correctedOutcome,
  correctedOutcomeSchema,
  decideCorrection,
  type OutcomeCorrection,
  withCorrections,
} from './outcome-correction.ts';
import type { OutcomeRecord } from './outcome-record.ts';

const MACHINES_AS_A = chosenJurisdiction({ jurisdiction: 'it', machineAnswered: 'A', calleeHangUp: null });
const SILENT = sampleRecord(1);
const ENDED_AT = Date.parse(SILENT.times.ended) as WallMs;
const MACHINE = { answeredBy: 'machine', method: 'amd', source: 'http' } as const;
const HUMAN = { answeredBy: 'human', method: null, source: 'http' } as const;

const wallMs = (ms: number) => (ENDED_AT + ms) as WallMs;

/** The outcome after these dispositions, a second apart. */
function corrected(record: OutcomeRecord, ...dispositions: (typeof MACHINE | typeof HUMAN)[]): CorrectedOutcome {
  return dispositions.reduce(
    (outcome, disposition, index) => {
      const decided = decideCorrection(outcome, disposition, wallMs(1000 * (index + 1)), italy);
      if (decided.decision !== 'correct') throw new Error(decided.decision);
      return withCorrections(outcome, [...outcome.corrections, decided.correction]);
    },
    withCorrections(record, []),
  );
}

describe('a disposition after the end of its call', () => {
  it('moves a silent call to B when a machine had answered, and back to A when it was a person after all', () => {
    expect(correctedOutcomeSchema.parse(corrected(SILENT, MACHINE))).toMatchObject({
      sequence: 2,
      answeredBy: 'machine',
      answeredByMethod: 'amd',
      handling: 'machine-dropped',
      class: 'B',
      // What happened stays.
      endCause: 'deadline',
      times: SILENT.times,
      corrections: [
        {
          sequence: 2,
          at: new Date(wallMs(1000)).toISOString(),
          cause: 'disposition',
          source: 'http',
          from: { answeredBy: 'not-classified', answeredByMethod: null, handling: 'silent', class: 'A' },
          to: { answeredBy: 'machine', answeredByMethod: 'amd', handling: 'machine-dropped', class: 'B' },
        },
      ],
    });
    const back = corrected(SILENT, MACHINE, HUMAN);
    expect(back).toMatchObject({ sequence: 3, answeredBy: 'human', answeredByMethod: null, class: 'A' });
    expect(back.corrections[1]?.from).toEqual(back.corrections[0]?.to);
  });

  it('takes the lock of the number away with class A, and gives it back with it, as long as it was', () => {
    expect(corrected(SILENT, MACHINE).recallLock).toBeNull();
    // 20 November at 10:00 in Rome, to the end of the 25th.
    expect(corrected(SILENT, MACHINE, HUMAN).recallLock?.until).toBe('2026-11-25T23:00:00.000Z');
    const { recallLock: _, ...before } = corrected(SILENT, MACHINE).corrections[0] ?? expect.fail('none');
    expect(withCorrections(SILENT, [before as OutcomeCorrection]).recallLock).toBeNull();
  });

  it('leaves the class A where the jurisdiction counts machines so', () => {
    const to = correctedOutcome(SILENT, MACHINE, MACHINES_AS_A);
    expect(to).toEqual({ answeredBy: 'machine', answeredByMethod: 'amd', handling: 'machine-dropped', class: 'A' });
  });

  it('says of a bridged call who answered, and leaves handling and class, but where the agent came after the wait', () => {
    const bridged: OutcomeRecord = {
      ...SILENT,
      ...{ handling: 'agent', class: 'B', teardown: null, waitMs: 2000, answeredBy: 'not-classified' },
      times: { ...SILENT.times, bridged: SILENT.times.ended },
    };
    expect(correctedOutcome(bridged, MACHINE, italy)).toMatchObject({ handling: 'agent', class: 'B' });
    const overdue: OutcomeRecord = {
      ...bridged,
      class: 'A',
      waitMs: 4200,
      teardown: { mode: 'observe', dueAt: SILENT.times.ended },
    };
    expect(correctedOutcome(overdue, HUMAN, italy)).toMatchObject({ handling: 'agent', class: 'A' });
    expect(correctedOutcome(overdue, MACHINE, italy)).toMatchObject({ handling: 'agent', class: 'B' });
  });

  it('gives a call that is not guarded no class', () => {
    const relayed: OutcomeRecord = { ...SILENT, kind: 'manual', handling: 'relayed', class: null };
    expect(correctedOutcome(relayed, MACHINE, italy)).toMatchObject({ handling: 'relayed', class: null });
  });

  it('that says what is recorded already makes nothing new, however late', () => {
    const known = corrected(SILENT, MACHINE);
    for (const again of [MACHINE, { ...MACHINE, method: null }]) {
      for (const ms of [2000, CORRECTION_PERIOD_MS + 1])
        expect(decideCorrection(known, again, wallMs(ms), italy)).toEqual({ decision: 'unchanged' });
    }
    expect(decideCorrection(known, { ...MACHINE, method: 'agent' }, wallMs(2000), italy).decision).toBe('correct');
  });

  it('is refused beyond the period, beyond the count, and for a call that nobody answered', () => {
    const outcome = withCorrections(SILENT, []);
    expect(decideCorrection(outcome, MACHINE, wallMs(CORRECTION_PERIOD_MS), italy).decision).toBe('correct');
    const late = decideCorrection(outcome, MACHINE, wallMs(CORRECTION_PERIOD_MS + 1), italy);
    expect(late).toEqual({ decision: 'refuse', why: 'too-late' });

    const undecided = corrected(
      SILENT,
      ...Array.from({ length: CORRECTIONS_MAX }, (_, n) => (n % 2 === 0 ? MACHINE : HUMAN)),
    );
    expect(undecided.sequence).toBe(CORRECTIONS_MAX + 1);
    const once = decideCorrection(undecided, MACHINE, wallMs(60_000), italy);
    expect(once).toEqual({ decision: 'refuse', why: 'too-many-corrections' });

    const busy = withCorrections({ ...SILENT, times: { ...SILENT.times, answered: null }, class: null }, []);
    expect(decideCorrection(busy, MACHINE, ENDED_AT, italy)).toEqual({ decision: 'refuse', why: 'not-answered' });
  });

  it('is judged by the last alone, whatever was reported between', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(MACHINE, HUMAN), { minLength: 1, maxLength: CORRECTIONS_MAX }), (all) => {
        let outcome = withCorrections(SILENT, []);
        for (const disposition of all) {
          const decided = decideCorrection(outcome, disposition, ENDED_AT, italy);
          if (decided.decision === 'correct')
            outcome = withCorrections(outcome, [...outcome.corrections, decided.correction]);
        }
        const last = all.at(-1) ?? MACHINE;
        expect(outcome).toMatchObject(correctedOutcome(SILENT, last, italy));
        expect(outcome.corrections.map(({ sequence }) => sequence)).toEqual(outcome.corrections.map((_, n) => n + 2));
      }),
    );
  });
});
