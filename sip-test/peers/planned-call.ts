/** Which calls a run places: every way in turn, each with a moment for its agent, the same for the same seed. */
import type { Random } from '../../src/base/random.ts';

/** One call that is to be placed. */
export type PlannedCall = {
  /** X-Brusio-Reference, and the customer's channel in the PBX. None is the start of another: Asterisk would refuse it. */
  readonly id: string;
  readonly number: string;
  readonly way: string;
  /** From the answer until the agent is brought, ms; null: no agent ever. */
  readonly bridgeAfterMs: number | null;
  /** Which of `AGENTS` is brought, where the dialer and not a queue decides. */
  readonly agent: number;
};

/** The way in which the PBX finds a machine, by a channel variable, and brings nobody. */
export const MACHINE_WAY = 'machine';

/** Agents' telephones. */
export const AGENTS = 50;

const BRIDGE_AFTER_MS = { from: 200, to: 4_000 };
/** Of all calls. */
const NO_AGENT_SHARE = 0.1;

/** `count` calls. */
export function planCalls(ways: readonly string[], count: number, random: Random): readonly PlannedCall[] {
  return Array.from({ length: count }, (_, index) => {
    const { from, to } = BRIDGE_AFTER_MS;
    const hasAgent = random() >= NO_AGENT_SHARE;
    const afterMs = Math.round(from + random() * (to - from));
    return {
      id: `peer-${String(index).padStart(6, '0')}`,
      number: `39029${String(index).padStart(6, '0')}`,
      way: ways[index % ways.length] ?? '',
      bridgeAfterMs: hasAgent ? afterMs : null,
      agent: Math.floor(random() * AGENTS),
    };
  });
}
