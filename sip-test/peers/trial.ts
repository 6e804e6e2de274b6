/** One run: Brusio between a real PBX and callees of ours, calls placed at a steady rate, each judged at the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { unreadSocket } from '../../bench/load/unread-socket.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { type Carrier, createCarrier } from '../../src/peers/carrier.ts';
import { BrusioProcess } from '../brusio-process.ts';
import { BRUSIO_ADDRESS, CARRIER, loopback } from '../engine-under-test.ts';
import { silentMedia } from '../silent-media.ts';
import { type Delivery, WebhookListener } from '../webhook-listener.ts';
import { workFolder } from '../work-folder.ts';
import { type CuttableWire, cuttableWire } from './cuttable-wire.ts';
import type { Pbx, Peer } from './pbx.ts';
import { MACHINE_WAY, type PlannedCall, planCalls } from './planned-call.ts';
import type { JudgedCall } from './report.ts';
import { downMs, upSpans } from './source-log.ts';
import { judge, type Seen, WAIT_MS } from './verdict.ts';

/** What the command line decides. */
export type TrialOptions = {
  readonly ways: readonly string[];
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly seed: number;
  readonly cut: boolean;
  readonly dropLateMs: number;
  /** Rejects when the run is to end before its time. */
  readonly interrupted: Promise<never>;
};

/** What a run found. */
export type TrialResult = {
  readonly version: string;
  readonly calls: readonly JudgedCall[];
  /** Of `GET /metrics` at the end. */
  readonly metrics: string;
  /** Times the connection was cut, for how long in all, and how long the source was not up. */
  readonly cuts: { readonly count: number; readonly cutMs: number; readonly downMs: number };
  /** What is wrong with the run as a whole. */
  readonly problems: readonly string[];
};

const PLACES = { brusio: BRUSIO_ADDRESS, pbx: loopback(61), phones: loopback(71) };
const SOURCE = 'pbx';
/** Longer than the wait: what began while the connection was cut still lasts when it is back. */
const CALLEE_HANGS_UP_AFTER_MS = 4_500;
/** An agent whom nobody released. */
const AGENT_HANGS_UP_AFTER_MS = 12_000;
const CALLEE_RINGS_MS = { from: 60, to: 260 };
/** Agents of the queue (10nn): how long they let it ring is the random moment there. */
const QUEUE_RINGS_MS = { from: 200, to: 4_000 };
const TELEPHONE_RINGS_MS = 20;
const CUT_EVERY_MS = 9_000;
const CUT_MS = { from: 300, to: 5_000 };
/** From a call's end to its webhook, on a busy machine. */
const OUTCOMES_WITHIN_MS = 40_000;
const SOURCE_UP_WITHIN_MS = 60_000;

type CalleeSeen = Pick<Seen, 'answeredAt' | 'endedAt'>;

/** Runs a peer. Whatever was started has ended when it resolves or rejects. */
export async function runTrial(peer: Peer, options: TrialOptions, tell: (line: string) => void): Promise<TrialResult> {
  const random = seededRandom(options.seed);
  const planned = planCalls(options.ways, options.calls, random);
  const ended = new Map<string, CalleeSeen>();
  const closing: (() => unknown)[] = [];
  let isOver = false;
  const atEnd = (...some: (() => unknown)[]) => {
    closing.push(...some);
    // Interrupted while it was starting.
    if (isOver) for (const close of some) void close();
  };
  try {
    return await Promise.race([options.interrupted, body()]);
  } finally {
    isOver = true;
    for (const close of closing.reverse()) await close();
  }

  async function body(): Promise<TrialResult> {
    const webhooks = await WebhookListener.open(loopback(51));
    atEnd(() => webhooks.close());
    let pbx: Pbx | null = null;
    atEnd(
      ...(await openTelephones(random, (number, seen) => {
        ended.set(number, seen);
        const call = planned.find((one) => one.number === number);
        if (call !== undefined) pbx?.release(call);
      })),
    );
    const wire = await cuttableWire(
      { host: PLACES.pbx, port: peer.control.pbx },
      { host: PLACES.brusio, port: peer.control.wire },
      PLACES.brusio,
    );
    atEnd(() => wire.close());
    const source = { name: SOURCE, ...peer.source({ host: PLACES.brusio, port: peer.control.wire }, PLACES.pbx) };
    const brusio = new BrusioProcess({ webhook: webhooks, settings: { agents: { sources: [source] } } });
    // First, so that the PBX finds its trunk reachable.
    await brusio.start();
    atEnd(async () => (brusio.alive() ? brusio.stop() : undefined));
    const running = await peer.start(workFolder(peer.name), PLACES);
    pbx = running;
    atEnd(() => running.stop());
    await untilSourceIsUp(brusio);

    tell(`${peer.name}: ${running.version}; ${planned.length} calls at ${options.callsPerSecond}/s`);
    const cutting = options.cut ? keepCutting(wire, seededRandom(options.seed)) : null;
    for (const call of planned) {
      running.place(call);
      await sleep(1_000 / options.callsPerSecond);
    }
    await untilOutcomes(webhooks, planned.length);
    const cuts = cutting?.stop() ?? { count: 0, cutMs: 0 };
    await untilSourceIsUp(brusio);
    const metrics = await brusio.api.metrics();
    await brusio.stop();

    const deliveries = Map.groupBy(webhooks.deliveries, keyOf);
    const rules = {
      server: SOURCE,
      upSpans: upSpans(brusio.log()),
      dropLateMs: options.dropLateMs,
      stampToWireMs: peer.stampToWireMs,
    };
    const calls = planned.map((call): JudgedCall => {
      const seen = {
        ...(ended.get(call.number) ?? { answeredAt: null, endedAt: null }),
        bridge: running.bridgeOf(call),
        isMachine: call.way === MACHINE_WAY,
      };
      const outcomes = [
        ...new Map((deliveries.get(call.id) ?? []).map((one) => [one.webhookId, one.outcome])).values(),
      ];
      const verdict = judge(seen, outcomes, rules);
      return { id: call.id, way: call.way, verdict, ...timesOf(seen, outcomes[0]) };
    });
    const problems = problemsOf(brusio, webhooks, planned);
    return { version: running.version, calls, metrics, cuts: { ...cuts, downMs: downMs(rules.upSpans) }, problems };
  }
}

/** The reference that the INVITE carried, else its Call-ID. */
function keyOf({ outcome }: Delivery): string {
  return outcome.dialerReference ?? outcome.sip.dialerCallId;
}

function timesOf({ answeredAt, endedAt, bridge, isMachine }: Seen, outcome: Delivery['outcome'] | undefined) {
  const bridged = outcome?.times.bridged ?? null;
  const isDropped = outcome?.class === 'A' && !isMachine && endedAt !== null && answeredAt !== null;
  return {
    delayMs: bridged === null || bridge === null ? null : Date.parse(bridged) - bridge.at,
    dropLateMs: isDropped ? endedAt - answeredAt - WAIT_MS : null,
  };
}

function problemsOf(
  brusio: BrusioProcess,
  webhooks: WebhookListener,
  planned: readonly PlannedCall[],
): readonly string[] {
  const ids = new Set(planned.map(({ id }) => id));
  const strangers = webhooks.deliveries.filter((one) => !ids.has(keyOf(one)));
  return [
    ...webhooks.problems,
    ...brusio.errors().map((line) => `Brusio: ${line.msg} ${JSON.stringify(line)}`),
    ...(brusio.exitCode() === 0 ? [] : [`Brusio's exit code was ${brusio.exitCode()}`]),
    ...strangers.map(({ outcome }) => `an outcome of a call that was not placed: ${outcome.callId}`),
  ];
}

/** Callees that describe audio and take it unread, and agents who speak: when they are heard is measured. */
async function openTelephones(random: Random, onEnded: (number: string, seen: CalleeSeen) => void) {
  const log = pino({ level: 'error' }, pino.destination(2));
  const common = { clock: systemClock, log };
  const between = ({ from, to }: { from: number; to: number }) => Math.floor(from + random() * (to - from));
  const start = systemClock.now();
  const wall = (at: number | null) => (at === null ? null : start.wallMs + at - start.monotonicMs);
  const unread = await unreadSocket(CARRIER.address);
  const callees = await createCarrier({
    ...common,
    ...CARRIER,
    openMedia: silentMedia(unread.port),
    behaviours: () => ({ kind: 'answers', ringMs: between(CALLEE_RINGS_MS), hangUpAfterMs: CALLEE_HANGS_UP_AFTER_MS }),
    onEnded: (record) =>
      onEnded(record.number, { answeredAt: wall(record.answeredAtMs), endedAt: wall(record.endedAtMs) }),
  });
  const phones: Carrier = await createCarrier({
    ...common,
    address: PLACES.phones,
    port: 5060,
    behaviours: (number) => ({
      kind: 'answers',
      ringMs: number.startsWith('10') ? between(QUEUE_RINGS_MS) : TELEPHONE_RINGS_MS,
      hangUpAfterMs: AGENT_HANGS_UP_AFTER_MS,
    }),
  });
  return [() => unread.close(), () => callees.stop(), () => phones.stop()];
}

function keepCutting(wire: CuttableWire, random: Random): { stop(): { count: number; cutMs: number } } {
  let count = 0;
  let cutMs = 0;
  const timer = setInterval(() => {
    const forMs = Math.round(CUT_MS.from + random() * (CUT_MS.to - CUT_MS.from));
    count += 1;
    cutMs += forMs;
    wire.cut(forMs);
  }, CUT_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return { count, cutMs };
    },
  };
}

async function untilOutcomes(webhooks: WebhookListener, count: number): Promise<void> {
  const until = Date.now() + OUTCOMES_WITHIN_MS;
  while (new Set(webhooks.deliveries.map(keyOf)).size < count && Date.now() < until) await sleep(100);
  // A second outcome of a call would come by now.
  await sleep(1_000);
}

async function untilSourceIsUp(brusio: BrusioProcess): Promise<void> {
  const until = Date.now() + SOURCE_UP_WITHIN_MS;
  while (!/^brusio_agent_source_up\{.*\} 1$/m.test(await brusio.api.metrics())) {
    if (Date.now() > until)
      throw new Error(`the source is not up after ${SOURCE_UP_WITHIN_MS} ms:\n${brusio.output()}`);
    await sleep(100);
  }
}
