import { assert } from '../base/assert.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import type { DemoCall } from './demo-checks.ts';
import type { DemoPeers } from './demo-peers.ts';
import type { PlaceCalls } from './demo-peers-message.ts';
import { DEMO_SCENARIOS } from './demo-scenarios.ts';
import { until } from './demo-until.ts';

/** How long after a call's end Brusio's outcome may take to be known. */
const OUTCOME_MS_MAX = 5_000;

/**
 * Places every call of the demo and joins what its two ends saw with the outcome, which somebody puts into `outcomes`
 * by the dialer's Call-ID. Each call is told to `onOver` when it is over; resolves with all, in the scenarios' order.
 */
export async function runDemoCalls(
  peers: DemoPeers,
  order: PlaceCalls,
  outcomes: ReadonlyMap<string, OutcomeRecord>,
  onOver: (call: DemoCall) => void,
): Promise<DemoCall[]> {
  const calls: Promise<DemoCall>[] = [];
  await peers.placeCalls(order, DEMO_SCENARIOS.length, ({ index, result, callee }) => {
    calls[index] = join();

    async function join(): Promise<DemoCall> {
      const scenario = DEMO_SCENARIOS[index];
      assert(scenario !== undefined, `the demo has no call ${index}`);
      await until(() => outcomes.has(result.dialerCallId), OUTCOME_MS_MAX);
      const call = { scenario, result, callee, outcome: outcomes.get(result.dialerCallId) ?? null };
      onOver(call);
      return call;
    }
  });
  return Promise.all(calls);
}
