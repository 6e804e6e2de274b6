/** One rate for some seconds, and everything that is worth knowing about it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import { type BrusioUnderLoad, engineFigure, loopDelayMs, outcomesIn } from './brusio-under-load.ts';
import { type CpuByThread, cpuBetween, cpuByThread, cpuOf, cpuSum } from './process-load.ts';
import { type SippLoadOptions, startSippLoad } from './sipp-load.ts';
import { type Spread, spreadOf } from './spread.ts';
import type { WebhookSink } from './webhook-sink.ts';

/** A load's place: the program, its webhook's receiver, and whatever else burns CPU for it. */
export type LoadStage = {
  readonly brusio: BrusioUnderLoad;
  readonly sink: WebhookSink;
  /** A real drachtio-server's process, whose CPU counts with Brusio's; null without one. */
  readonly serverPid: number | null;
};

/** What is to be done: everything of SIPp, and for how long. */
export type LoadStep = Omit<SippLoadOptions, 'calls'> & { readonly seconds: number };

/** What was seen. */
export type StepResult = {
  readonly callsPerSecond: number;
  readonly calls: number;
  /** Calls that ended differently at the dialer, and calls without exactly one outcome. */
  readonly failed: number;
  readonly outcomesMissing: number;
  /** SIP messages that SIPp had to repeat: Brusio was late. */
  readonly retransmitted: number;
  readonly outcomesByKind: Readonly<Record<string, number>>;
  readonly firstPacketMs: Spread;
  /** Of calls that ended at the deadline: time since the answer, ms. */
  readonly waitMs: Spread;
  /** p99 of the event loops' delay, ms. */
  readonly loopDelayP99Ms: { readonly main: number; readonly engine: number };
  /** CPU of a call in the steady part, ms, by thread and in all. */
  readonly cpuByThread: CpuByThread;
  readonly cpuMs: number;
  /** SIP messages of a call, both legs, both ways; NaN with a real drachtio-server. */
  readonly messages: number;
  /** Cores used by SIPp, and by this process as the webhook's receiver. */
  readonly loadCores: { readonly sipp: number; readonly receiver: number };
  readonly errors: string;
};

/** From the start until as many calls end as begin: 3 s of waiting and some ringing. */
const SETTLE_MS = 4_000;

/** How long the last outcomes may take after the last call. */
const OUTCOMES_WITHIN_MS = 15_000;

/** Runs one step to its end, the last outcome included. */
export async function runStep({ brusio, sink, serverPid }: LoadStage, step: LoadStep): Promise<StepResult> {
  const calls = Math.round(step.callsPerSecond * step.seconds);
  const settleMs = Math.min(SETTLE_MS, (step.seconds * 1000) / 2);
  const outcomesBefore = sink.total();
  sink.takeWindow();
  const used = () => ({
    ...cpuByThread(brusio.pid),
    ...(serverPid === null ? {} : { 'drachtio-server': cpuOf(serverPid) }),
  });
  const load = await startSippLoad({ ...step, calls });
  try {
    await sleep(settleMs);
    const from = {
      atMs: systemClock.monotonicMs(),
      cpu: used(),
      samples: await brusio.samples(),
      sippMs: load.cpuMs(),
      ownCpu: process.cpuUsage(),
    };
    await sleep(Math.max(1000, step.seconds * 1000 - settleMs));
    const samples = await brusio.samples();
    const cpu = cpuBetween(from.cpu, used());
    // By its own count: webhooks lag behind where a machine is at its limit.
    const ended = Math.max(1, outcomesIn(samples) - outcomesIn(from.samples));
    const durationMs = systemClock.monotonicMs() - from.atMs;
    const own = process.cpuUsage(from.ownCpu);
    const loadCores = {
      sipp: (load.cpuMs() - from.sippMs) / durationMs,
      receiver: (own.user + own.system) / 1000 / durationMs,
    };
    await load.finished();
    const giveUpAtMs = systemClock.monotonicMs() + OUTCOMES_WITHIN_MS;
    while (sink.total() - outcomesBefore < calls && systemClock.monotonicMs() < giveUpAtMs) await sleep(50);
    const { created, successful, failed, retransmitted } = load.dialer();
    const outcomes = sink.total() - outcomesBefore;
    const window = sink.takeWindow();
    const messages =
      engineFigure(samples, 'received') +
      engineFigure(samples, 'sent') -
      engineFigure(from.samples, 'received') -
      engineFigure(from.samples, 'sent');
    return {
      callsPerSecond: step.callsPerSecond,
      calls: created,
      failed: failed + (calls - successful - failed) + load.carrier().failed,
      outcomesMissing: calls - outcomes,
      retransmitted: retransmitted + load.carrier().retransmitted,
      outcomesByKind: window.byKind,
      firstPacketMs: spreadOf(window.firstPacketMs),
      waitMs: spreadOf(window.waitMs),
      loopDelayP99Ms: {
        main: loopDelayMs(from.samples, samples, 'main', 0.99),
        engine: loopDelayMs(from.samples, samples, 'sip-engine', 0.99),
      },
      cpuByThread: Object.fromEntries(Object.entries(cpu).map(([name, ms]) => [name, ms / ended])),
      cpuMs: cpuSum(cpu) / ended,
      messages: serverPid === null ? messages / ended : Number.NaN,
      loadCores,
      errors: load.errors(),
    };
  } finally {
    await load.stop();
  }
}
