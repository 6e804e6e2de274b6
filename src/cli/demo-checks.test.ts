import { describe, expect, it } from 'vitest';
import { LAWS } from '../audio/codec.ts';
import type { MonotonicMs } from '../base/clock.ts';
import type { CallResult } from '../peers/call-plan.ts';
import type { CalleeRecord } from '../peers/callee-call.ts';
import { type AudioSource, agentMelody, calleeGreeting } from '../peers/peer-voice.ts';
import { createRecorder, type Recording } from '../peers/recorder.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { ambienceAfterMs, answeredForMs, type DemoCall, problemsOf, timingRemarksOf } from './demo-checks.ts';
import { DEMO_SCENARIOS, type DemoScenario } from './demo-scenarios.ts';

const ANSWERED_AT_MS = 10_000;
const room: AudioSource = (index) => Int16Array.from({ length: 160 }, (_, i) => 400 * Math.sin((index * 160 + i) ** 2));

/** What a callee heard in `durationMs`: a source for each frame, null for a packet that never came. */
function heard(durationMs: number, sourceAt: (frame: number) => AudioSource | null, shiftMs = 1): Recording {
  const recorder = createRecorder();
  recorder.answered(ANSWERED_AT_MS as MonotonicMs);
  let sequence = 0;
  for (let frame = 0; frame * 20 < durationMs; frame++) {
    const source = sourceAt(frame);
    if (source === null) continue;
    recorder.hear(
      {
        atMs: (ANSWERED_AT_MS + shiftMs + frame * 20) as MonotonicMs,
        keptMs: 0,
        payloadType: 8,
        sequence: sequence++,
        timestamp: frame * 160,
        ssrc: 1,
        marker: false,
        payload: LAWS.PCMA.encode(source(frame)),
      },
      LAWS.PCMA,
    );
  }
  recorder.ended((ANSWERED_AT_MS + durationMs) as MonotonicMs);
  return recorder.recording();
}

function scenarioNamed(name: string): DemoScenario {
  const scenario = DEMO_SCENARIOS.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  return scenario;
}

function callOf(name: string, recording: Recording, changes: Partial<OutcomeRecord> = {}): DemoCall {
  const scenario = scenarioNamed(name);
  const { answeredAtMs, endedAtMs } = recording;
  const outcome = { ...scenario.expected, waitMs: 1_000, comfortNoise: null, ...changes } as OutcomeRecord;
  const callee = { number: scenario.number, answeredAtMs, endedAtMs, recording } as CalleeRecord;
  const result = { problems: [], recording: heard(1_000, () => calleeGreeting) } as unknown as CallResult;
  return { scenario, outcome, callee, result };
}

describe('what the demo says of a dropped call', () => {
  it('is nothing when ambience was heard from the answer to the drop', () => {
    const call = callOf(
      'answered-no-agent',
      heard(3_001, () => room),
    );
    expect(problemsOf(call)).toEqual([]);
    expect(ambienceAfterMs(call)).toBe(1);
    expect(answeredForMs(call)).toBe(3_001);
  });

  it('is that the ambience is silent', () => {
    const silent = callOf(
      'answered-no-agent',
      heard(3_000, () => () => new Int16Array(160)),
    );
    expect(problemsOf(silent)).toEqual([expect.stringMatching(/^the ambience is silent: -\d+ dBFS$/)]);
  });

  it('is that there was a gap, at the beginning too', () => {
    const holed = callOf(
      'answered-no-agent',
      heard(3_000, (frame) => (frame > 49 && frame < 53 ? null : room)),
    );
    expect(timingRemarksOf(holed)).toEqual(['80 ms of nothing at 981 ms of the wait, at most 60 ms allowed']);
    expect(problemsOf(holed)).not.toContain(timingRemarksOf(holed)[0]);
    const late = callOf(
      'answered-no-agent',
      heard(3_000, (frame) => (frame < 4 ? null : room)),
    );
    expect(timingRemarksOf(late)).toEqual(['81 ms of nothing at 0 ms of the wait, at most 60 ms allowed']);
    const absent = callOf(
      'answered-no-agent',
      heard(3_000, (frame) => (frame > 49 && frame < 90 ? null : room)),
    );
    expect(problemsOf(absent)).toContain('820 ms of nothing at 981 ms of the wait, at most 60 ms allowed');
  });

  it('is that it was dropped at the wrong time', () => {
    const call = callOf(
      'answered-no-agent',
      heard(3_400, () => room),
    );
    expect(timingRemarksOf(call)).toEqual(['dropped after 3400 ms, expected 3000']);
    const wrong = callOf(
      'answered-no-agent',
      heard(3_600, () => room),
    );
    expect(problemsOf(wrong)).toEqual(['dropped after 3600 ms, expected 3000']);
  });

  it('is every part of the outcome that is not the expected one', () => {
    const call = callOf(
      'answered-no-agent',
      heard(3_000, () => room),
      { class: 'B', endedBy: 'callee' },
    );
    expect(problemsOf(call)).toEqual(['class is B, expected A', 'endedBy is callee, expected guard']);
  });

  it('is that nothing was reported at all', () => {
    const call = {
      ...callOf(
        'answered-no-agent',
        heard(3_000, () => room),
      ),
      outcome: null,
      callee: null,
    };
    expect(problemsOf(call)).toEqual(['Brusio reported no outcome', 'the carrier saw no end of this call']);
  });
});

describe('what the demo says of a bridged call', () => {
  it('is nothing when the agent follows the ambience', () => {
    const call = callOf(
      'agent-by-info',
      heard(3_000, (frame) => (frame < 50 ? room : agentMelody)),
    );
    expect(problemsOf(call)).toEqual([]);
  });

  it('is that the callee did not hear the agent', () => {
    const call = callOf(
      'agent-by-info',
      heard(3_000, () => room),
    );
    expect(problemsOf(call)).toEqual(["the agent's melody is in 0 % of what the callee heard from the agent"]);
  });

  it('is that the callee heard the agent too early', () => {
    const call = callOf(
      'agent-by-info',
      heard(3_000, () => agentMelody),
    );
    expect(problemsOf(call)).toEqual(['the callee heard the agent before the agent was reported']);
  });
});
