import type { CallResult } from '../peers/call-plan.ts';
import type { CalleeRecord } from '../peers/callee-call.ts';
import { AGENT_NOTES_HZ, CALLEE_PITCHES_HZ } from '../peers/peer-voice.ts';
import type { Recording } from '../peers/recorder.ts';
import {
  firstPacketAfterMs,
  levelBetweenDbov,
  longestGap,
  packetsBeforeAnswer,
  streamFaults,
  toneShare,
} from '../peers/recording-measures.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import type { DemoScenario, ExpectedOutcome } from './demo-scenarios.ts';

/** A call of the demo when it is over, as its two ends and Brusio saw it. */
export type DemoCall = {
  readonly scenario: DemoScenario;
  readonly result: CallResult;
  /** Null when the call never reached the carrier, or did not end there. */
  readonly callee: CalleeRecord | null;
  /** Null when Brusio reported none. */
  readonly outcome: OutcomeRecord | null;
};

/** Below this the called person hears nothing. */
export const AMBIENCE_LEVEL_DBOV_MIN = -50;

/** Three frames: a longer hole is heard as one. */
export const GAP_MS_MAX = 60;

/** How far from its time a drop may be: ten times Brusio's own limit, for a machine that does other things too. */
const DROP_ERROR_MS_MAX = 100;

/**
 * Beyond this a hole or a late drop is wrong on any machine. Below, it is told as a remark: everything here, peers and
 * measurement included, shares the processor with whatever else runs, and a demo is no benchmark.
 */
const GROSS_MS = 500;

/** The first moments of what an agent says may be lost to the report's way: DESIGN's budget is far below. */
const BRIDGE_SETTLE_MS = 300;

/** Share of the melody that must be recognised where the agent speaks, and may be by chance where nobody does. */
const MELODY_SHARE_MIN = 0.5;
const MELODY_SHARE_CHANCE_MAX = 0.2;

/** What is wrong with a call, in sentences; none when all is as expected. */
export function problemsOf(call: DemoCall): string[] {
  const late = timingFaults(call).filter((fault) => fault.byMs > GROSS_MS);
  return [
    ...outcomeProblems(call),
    ...call.result.problems,
    ...late.map((fault) => fault.text),
    ...soundProblems(call),
  ];
}

/** What came later than it should, but no later than a busy machine may make it. */
export function timingRemarksOf(call: DemoCall): string[] {
  return timingFaults(call)
    .filter((fault) => fault.byMs <= GROSS_MS)
    .map((fault) => fault.text);
}

type TimingFault = { readonly text: string; readonly byMs: number };

function timingFaults(call: DemoCall): TimingFault[] {
  const { scenario, callee } = call;
  const durationMs = answeredForMs(call);
  if (callee === null || durationMs === null) return [];
  const { droppedAfterMs, ambience } = scenario.hears;
  const faults: TimingFault[] = [];
  const dropErrorMs = droppedAfterMs === null ? 0 : Math.abs(durationMs - droppedAfterMs);
  if (dropErrorMs > DROP_ERROR_MS_MAX) {
    faults.push({ text: `dropped after ${durationMs.toFixed(0)} ms, expected ${droppedAfterMs}`, byMs: dropErrorMs });
  }
  const gap = longestGap(callee.recording, 0, waitedForMs(call, durationMs));
  if (ambience && gap.durationMs > GAP_MS_MAX) {
    const duration = `${gap.durationMs.toFixed(0)} ms of nothing`;
    const text = `${duration} at ${gap.atMs.toFixed(0)} ms of the wait, at most ${GAP_MS_MAX} ms allowed`;
    faults.push({ text, byMs: gap.durationMs });
  }
  return faults;
}

/** How long the callee waited for the agent who came, or in all. */
function waitedForMs({ scenario, outcome }: DemoCall, durationMs: number): number {
  return scenario.hears.agent ? Math.min(outcome?.waitMs ?? 0, durationMs) : durationMs;
}

/** Answer to first packet, as the callee measured it, in ms; null when the call was not answered or heard nothing. */
export function ambienceAfterMs(call: DemoCall): number | null {
  return call.callee === null ? null : firstPacketAfterMs(call.callee.recording);
}

/** Answer to the call's end, as the callee measured it, in ms; null when it was not answered. */
export function answeredForMs(call: DemoCall): number | null {
  const { answeredAtMs = null, endedAtMs = null } = call.callee ?? {};
  return answeredAtMs === null || endedAtMs === null ? null : endedAtMs - answeredAtMs;
}

/** What of the outcome is not the expected. */
export function outcomeProblems({ scenario, outcome }: DemoCall): string[] {
  if (outcome === null) return ['Brusio reported no outcome'];
  const names = Object.keys(scenario.expected) as (keyof ExpectedOutcome)[];
  return names
    .filter((name) => outcome[name] !== scenario.expected[name])
    .map((name) => `${name} is ${outcome[name] ?? 'none'}, expected ${scenario.expected[name] ?? 'none'}`);
}

function soundProblems(call: DemoCall): string[] {
  const { scenario, callee, outcome } = call;
  const { hears } = scenario;
  const problems: string[] = [];
  const durationMs = answeredForMs(call);
  if (callee === null) return scenario.expected.network === 'blocked' ? [] : ['the carrier saw no end of this call'];
  const { recording } = callee;
  if (packetsBeforeAnswer(recording) > 0) problems.push('the callee was sent sound before the answer');
  if (durationMs === null) return scenario.expected.network === 'answered' ? [...problems, 'never answered'] : problems;
  const waitedMs = waitedForMs(call, durationMs);
  if (hears.ambience) problems.push(...ambienceProblems(recording, waitedMs));
  else if (outcome !== null && outcome.comfortNoise !== null) problems.push('ambience was played, none was expected');
  if (hears.agent) problems.push(...agentProblems(recording, waitedMs, durationMs));
  if (hears.ambience || hears.agent) problems.push(...streamProblems(recording), ...dialerProblems(call));
  return problems;
}

function ambienceProblems(recording: Recording, waitedMs: number): string[] {
  const problems: string[] = [];
  const levelDbov = levelBetweenDbov(recording, 0, waitedMs);
  if (levelDbov < AMBIENCE_LEVEL_DBOV_MIN) problems.push(`the ambience is silent: ${levelDbov.toFixed(0)} dBFS`);
  if (toneShare(recording, AGENT_NOTES_HZ, 0, waitedMs) > MELODY_SHARE_CHANCE_MAX) {
    problems.push('the callee heard the agent before the agent was reported');
  }
  return problems;
}

function agentProblems(recording: Recording, bridgedMs: number, durationMs: number): string[] {
  const share = toneShare(recording, AGENT_NOTES_HZ, bridgedMs + BRIDGE_SETTLE_MS, durationMs);
  if (share >= MELODY_SHARE_MIN) return [];
  return [`the agent's melody is in ${(100 * share).toFixed(0)} % of what the callee heard from the agent`];
}

function streamProblems(recording: Recording): string[] {
  const { ssrcs, breaks } = streamFaults(recording);
  const problems = ssrcs === 1 ? [] : [`the callee was sent ${ssrcs} RTP streams instead of one`];
  const [first] = breaks;
  if (first !== undefined) {
    const { atMs, sequenceBy, timestampBy } = first;
    problems.push(
      `the RTP stream breaks ${breaks.length} times, first at ${atMs.toFixed(0)} ms: ` +
        `sequence by ${sequenceBy}, timestamp by ${timestampBy}`,
    );
  }
  return problems;
}

/** The greeting's two syllables take 520 ms. */
function dialerProblems({ scenario, result }: DemoCall): string[] {
  const { recording } = result;
  const problems: string[] = [];
  if (toneShare(recording, CALLEE_PITCHES_HZ, 0, 500) === 0) {
    problems.push("the dialer did not hear the callee's greeting");
  }
  if (scenario.hears.ringingTone && packetsBeforeAnswer(recording) === 0) {
    problems.push("the dialer did not hear the carrier's ringing tone");
  }
  return problems;
}
