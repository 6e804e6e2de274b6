/**
 * The thread of the demo's dialer and carrier. They have one of their own so that they measure Brusio, and neither
 * wait for it nor keep it waiting.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { assert } from '../base/assert.ts';
import { systemClock } from '../base/clock.ts';
import { AppError, describeError } from '../base/errors.ts';
import type { CalleeRecord } from '../peers/callee-call.ts';
import { createCarrier } from '../peers/carrier.ts';
import { createDialer, type Dialer } from '../peers/dialer.ts';
import type { PeersOrder, PeersReport, PeersStart, PlaceCalls } from './demo-peers-message.ts';
import { behaviourOf, DEMO_SCENARIOS, type DemoScenario } from './demo-scenarios.ts';
import { DEMO_ADDRESS } from './demo-settings.ts';
import { until } from './demo-until.ts';

/** From one call's start to the next: dense enough to be quick, loose enough to read along. */
const STAGGER_MS = 650;

/** How long after the dialer's end a call may take to end at the carrier. */
const CARRIER_END_MS_MAX = 3_000;

/** The longest a call of the demo may last. */
const CALL_LIMIT_MS = 10_000;

/** The caller id of the demo's dialer: a number of no one. */
const CALLER_ID = '+390600000100';

assert(parentPort !== null, 'the demo peers run in a worker thread');
const main = parentPort;
const { verbose } = workerData as PeersStart;
const log = pino({ level: verbose ? 'info' : 'warn' }, pino.destination(2));
const report = (message: PeersReport) => main.postMessage(message);

/** Calls that ended at the carrier, by number. */
const callees = new Map<string, CalleeRecord>();
let dialer: Dialer | null = null;

const carrier = await createCarrier({
  address: DEMO_ADDRESS,
  port: 0,
  clock: systemClock,
  log,
  behaviours: behaviourOf,
  onEnded: (record) => {
    if (DEMO_SCENARIOS.some(({ number }) => number === record.number)) callees.set(record.number, record);
  },
});

main.on('message', (order: PeersOrder) => {
  obey(order).catch((thrown) => report({ type: 'failed', problem: describeError(thrown) }));
});
report({ type: 'carrier-ready', port: carrier.local.port });

async function obey(order: PeersOrder): Promise<void> {
  if (order.type === 'stop') {
    await dialer?.stop();
    await carrier.stop();
    main.close();
    return;
  }
  const { server } = order;
  const placing = await createDialer({ address: DEMO_ADDRESS, port: 0, server, clock: systemClock, log });
  dialer = placing;
  // The first request loads Node's HTTP client, which takes long enough to disturb calls that live.
  await askApi(order, 'GET', '/v1/calls', null);
  const reportAgent = (dialerCallId: string) =>
    askApi(order, 'POST', `/v1/calls/${encodeURIComponent(dialerCallId)}/agent`, { agent: '1003', state: 'connected' });
  await Promise.all(
    DEMO_SCENARIOS.map(async (scenario, index) => {
      await sleep(index * STAGGER_MS);
      await placeCall(placing, scenario, index, reportAgent);
    }),
  );
}

async function placeCall(
  placing: Dialer,
  scenario: DemoScenario,
  index: number,
  reportAgent: (dialerCallId: string) => Promise<void>,
): Promise<void> {
  const plan = scenario.plan(reportAgent);
  const headers = { 'X-Brusio-Campaign': 'demo', 'X-Brusio-Reference': scenario.name, ...plan.headers };
  const { number } = scenario;
  const result = await placing.placeCall({ number, callerId: CALLER_ID, limitMs: CALL_LIMIT_MS, ...plan, headers });
  // The rules of law let nothing through to the carrier.
  const isBlocked = scenario.expected.network === 'blocked';
  if (!isBlocked) await until(() => callees.has(number), CARRIER_END_MS_MAX);
  report({ type: 'call-over', index, result, callee: isBlocked ? null : (callees.get(number) ?? null) });
}

async function askApi({ http, apiKey }: PlaceCalls, method: string, path: string, body: unknown): Promise<void> {
  const response = await fetch(`${http}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new AppError('demo.api', `${method} ${path} was answered ${response.status}: ${text}`);
}
