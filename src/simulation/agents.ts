/** A campaign's agents: who is on duty, with a call, held for one; and the time of theirs that goes by. Pure. */
import type { CampaignScenario } from './scenario.ts';

/** The agents of one campaign. */
export type Agents = {
  /** On duty and without a call; below 0 never, though more may be busy than are on duty at the end of a shift. */
  free(): number;
  busy(): number;
  onDuty(): number;
  /** One takes a call, or is done with it. */
  take(now: number): void;
  done(now: number): void;
  /** One is held for a call that rings, or is not any more. */
  hold(now: number): void;
  letGo(now: number): void;
  dutyIs(now: number, agents: number): void;
  /** Writes the time that went by since the last time to the figures. */
  account(now: number): void;
  /** Where it is written from now on. */
  figures: { dutyMs: number; busyMs: number; heldMs: number };
};

/** Nobody is on duty. */
export function createAgents(figures: Agents['figures']): Agents {
  let onDuty = 0;
  let busy = 0;
  let held = 0;
  let since = 0;

  const agents: Agents = {
    figures,
    free: () => Math.max(0, onDuty - busy - held),
    busy: () => busy,
    onDuty: () => onDuty,
    take(now) {
      agents.account(now);
      busy++;
    },
    done(now) {
      agents.account(now);
      busy--;
    },
    hold(now) {
      agents.account(now);
      held++;
    },
    letGo(now) {
      agents.account(now);
      held--;
    },
    dutyIs(now, count) {
      agents.account(now);
      onDuty = count;
    },
    account(now) {
      const ms = now - since;
      since = now;
      // Who is busy beyond the end of the shift is on duty as long.
      agents.figures.dutyMs += ms * Math.max(onDuty, busy + held);
      agents.figures.busyMs += ms * busy;
      agents.figures.heldMs += ms * held;
    },
  };
  return agents;
}

const DAY_MINUTES = 24 * 60;

/** How many are on duty in each stretch of a day, as `[minute of the day, agents]`, in their order. */
export function dutyOn(
  shifts: CampaignScenario['shifts'],
  weekday: number,
): readonly { readonly minute: number; readonly agents: number }[] {
  const today = shifts
    .filter(({ weekdays }) => weekdays.includes(weekday))
    .map(({ agents, from, to }) => ({ agents, from: minuteOf(from), to: minuteOf(to) }));
  // Midnight is the next day's, which begins with who is on duty then.
  const minutes = [...new Set([0, ...today.flatMap(({ from, to }) => [from, to])])]
    .filter((minute) => minute < DAY_MINUTES)
    .sort((a, b) => a - b);
  return minutes.map((minute) => ({
    minute,
    agents: today.reduce((sum, one) => sum + (one.from <= minute && minute < one.to ? one.agents : 0), 0),
  }));
}

function minuteOf(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
}
