/** What chance decides of one campaign's calls: what answers, and how long everything takes. */
import type { Random } from '../base/random.ts';
import { type CallPool, FATE } from './call-pool.ts';
import { type DurationSource, durationSource } from './distribution.ts';
import type { CampaignScenario } from './scenario.ts';

/** Each draws a duration of its own kind, ms. */
export type CallChance = {
  readonly [K in 'patience' | 'decides' | 'found' | 'bridging' | 'talk' | 'talkToMachine' | 'wrapUp']: DurationSource;
} & {
  /** What will become of a call that begins to ring, noted at its slot; after how long, ms. */
  rings(slot: number): number;
};

/** @param ringLimitMs after which Brusio gives a ringing call up */
export function createCallChance(
  scenario: CampaignScenario,
  ringLimitMs: number,
  random: Random,
  pool: Pick<CallPool, 'fate'>,
): CallChance {
  const { answering, detection } = scenario;
  const draw = {
    person: durationSource(answering.personAfter, random),
    machine: durationSource(answering.machineAfter, random),
    failed: durationSource(answering.failedAfter, random),
    patience: durationSource(answering.patience, random),
    giveUp: durationSource(scenario.dialer.givesUpAfter, random),
    decides: durationSource(detection.takes, random),
    found: durationSource(detection.foundAfter, random),
    bridging: durationSource(scenario.dialer.bridging, random),
    talk: durationSource(scenario.handling.talk, random),
    talkToMachine: durationSource(scenario.handling.talkToMachine, random),
    wrapUp: durationSource(scenario.handling.wrapUp, random),
  };

  return { ...draw, rings };

  /** Draws what will become of it, and after how long. */
  function rings(slot: number): number {
    const { person, machine, busy, failed } = answering;
    const chance = random();
    const fate =
      chance < person
        ? FATE.person
        : chance < person + machine
          ? FATE.machine
          : chance < person + machine + busy
            ? FATE.busy
            : chance < person + machine + busy + failed
              ? FATE.failed
              : FATE.unanswered;
    pool.fate[slot] = fate;
    if (fate === FATE.busy || fate === FATE.failed) return draw.failed();
    const givesUpMs = Math.min(draw.giveUp(), ringLimitMs);
    if (fate === FATE.unanswered) return givesUpMs;
    const answeredMs = fate === FATE.person ? draw.person() : draw.machine();
    if (answeredMs < givesUpMs) return answeredMs;
    pool.fate[slot] = FATE.unanswered;
    return givesUpMs;
  }
}
