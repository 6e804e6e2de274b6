/**
 * Whole calls through the whole program: INVITE … BYE, 3 s of ambience, journal, outcome, signed webhook.
 *
 * The rate is raised step by step until calls fail or the first packet comes late: the knee is the last rate before.
 * CPU is that of Brusio's process by thread, from the kernel, in the steady part of each step. Times of the first packet
 * and of the drop are the ones in the outcomes, taken by Brusio itself; SIPp's retransmissions say whether they are true.
 */
import { availableParallelism, cpus } from 'node:os';
import { ADDRESSES, startBrusio } from './load/brusio-under-load.ts';
import { runStep, type StepResult } from './load/load-step.ts';
import { type MachinePrice, machinePrice, machineText } from './load/machine-price.ts';
import { numbersIn, optionsOf } from './load/options.ts';
import { unreadSocket } from './load/unread-socket.ts';
import { openWebhookSink } from './load/webhook-sink.ts';

const DIALER = 'sip-test/scenarios/dialer-waits-for-bye.xml';
const CARRIER = 'sip-test/scenarios/carrier-answers.xml';

/** Beyond this the callee hears silence that a person notices, and no budget is near: the step has not been carried. */
const FIRST_PACKET_P99_MS_MAX = 80;

/** The first calls after a start run cold code. */
const WARM_UP = { callsPerSecond: 20, seconds: 8 };

/** DESIGN §7: what is promised, and the next goal. */
const BUDGET = {
  callsPerSecond: { budget: 150, thenBeat: 250 },
  cpuMs: { budget: 8, thenBeat: 5 },
  firstPacketP99Ms: { at: 50, budget: 5, thenBeat: 3 },
  dropP99Ms: { budget: 10, thenBeat: 2 },
};

const WAIT_LIMIT_MS = 3_000;

const HELP = `usage: npm run bench -- --only calls [--rates 25,50,100,150,200,250,300] [--seconds 12]
   or: node bench/calls.ts [the same options]

Steps up the rate of whole calls until some fail or the first packet's p99 is over ${FIRST_PACKET_P99_MS_MAX} ms. Needs SIPp, and the machine for itself.
`;

function passed(step: StepResult): boolean {
  return step.failed === 0 && step.outcomesMissing === 0 && step.firstPacketMs.p99 <= FIRST_PACKET_P99_MS_MAX;
}

function row(step: StepResult): string {
  const { cpuByThread: cpu, firstPacketMs, waitMs, loopDelayP99Ms, loadCores } = step;
  const figure = (value: number, digits = 1) => (Number.isNaN(value) ? '–' : value.toFixed(digits));
  return [
    String(step.callsPerSecond).padStart(4),
    passed(step) ? 'ok    ' : `${step.failed} failed, ${step.outcomesMissing} without outcome`,
    `first packet ${figure(firstPacketMs.p50)}/${figure(firstPacketMs.p99)}/${figure(firstPacketMs.max)}`,
    `drop ${figure(waitMs.p50 - WAIT_LIMIT_MS)}/${figure(waitMs.p99 - WAIT_LIMIT_MS)}`,
    `loop p99 main ≤${loopDelayP99Ms.main} engine ≤${loopDelayP99Ms.engine}`,
    `CPU a call ${figure(step.cpuMs, 2)} (${Object.entries(cpu)
      .sort(([, a], [, b]) => b - a)
      .map(([name, ms]) => `${name} ${ms.toFixed(2)}`)
      .join(', ')})`,
    `${figure(step.messages)} SIP messages`,
    `repeated ${step.retransmitted}`,
    `load ${loadCores.sipp.toFixed(2)}+${loadCores.receiver.toFixed(2)} cores`,
  ].join(' | ');
}

async function main(): Promise<void> {
  const values = optionsOf(HELP, { rates: '25,50,100,150,200,250,300,350,400', seconds: '12' }, ['sipp']);
  if (values === null) return;
  console.log(
    `whole calls: Node ${process.version}, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'unknown'}`,
  );
  console.log('times in ms, first packet p50/p99/max after the 2xx, drop p50/p99 after 3.000 s, load: SIPp + receiver');
  const price = await machinePrice();
  console.log(machineText(price));
  const sink = await openWebhookSink(ADDRESSES.webhook);
  const dialerRtp = await unreadSocket(ADDRESSES.dialer);
  const carrierRtp = await unreadSocket(ADDRESSES.carrier);
  const brusio = await startBrusio({ webhook: sink });
  const stage = { brusio, sink, serverPid: null };
  const what = {
    dialer: DIALER,
    carrier: CARRIER,
    rtpPorts: { dialer: dialerRtp.port, carrier: carrierRtp.port },
  };
  const steps: StepResult[] = [];
  try {
    await runStep(stage, { ...what, ...WARM_UP });
    for (const callsPerSecond of numbersIn(values.rates)) {
      const step = await runStep(stage, { ...what, callsPerSecond, seconds: Number(values.seconds) });
      steps.push(step);
      console.log(row(step));
      if (passed(step)) continue;
      if (step.errors !== '') console.log(step.errors);
      break;
    }
    report(steps, price);
  } finally {
    console.log(`exit code ${await brusio.stop()}`);
    await Promise.all([sink.close(), dialerRtp.close(), carrierRtp.close()]);
  }
}

function report(steps: readonly StepResult[], { udpSendUs }: MachinePrice): void {
  const carried = steps.filter(passed);
  const [first, last] = [carried[0], carried.at(-1)];
  if (first === undefined || last === undefined) {
    console.log('no rate was carried');
    return;
  }
  const against = (value: number, { budget, thenBeat }: { budget: number; thenBeat: number }, isMore: boolean) => {
    const keeps = (bound: number) => ((isMore ? value >= bound : value <= bound) ? 'kept' : 'missed');
    return `budget ${budget}: ${keeps(budget)}; then beat ${thenBeat}: ${keeps(thenBeat)}`;
  };
  const at50 = carried.find((step) => step.callsPerSecond === BUDGET.firstPacketP99Ms.at) ?? first;
  const { cpuMs } = last;
  console.log(`knee: ${last.callsPerSecond} calls/s (${against(last.callsPerSecond, BUDGET.callsPerSecond, true)})`);
  console.log(
    `CPU of a call at the knee: ${cpuMs.toFixed(2)} ms (${against(cpuMs, BUDGET.cpuMs, false)}), ` +
      `${((1000 * cpuMs) / udpSendUs).toFixed(0)} bare sends; it sends 150 RTP packets and ${(last.messages / 2).toFixed(0)} SIP messages`,
  );
  console.log(
    `first packet p99 at ${at50.callsPerSecond}/s: ${at50.firstPacketMs.p99.toFixed(1)} ms (${against(at50.firstPacketMs.p99, BUDGET.firstPacketP99Ms, false)})`,
  );
  const dropP99Ms = at50.waitMs.p99 - WAIT_LIMIT_MS;
  console.log(
    `drop p99 at ${at50.callsPerSecond}/s: +${dropP99Ms.toFixed(1)} ms (${against(dropP99Ms, BUDGET.dropP99Ms, false)})`,
  );
  console.log(
    `growth from ${first.callsPerSecond} to ${last.callsPerSecond} calls/s (${(last.callsPerSecond / first.callsPerSecond).toFixed(1)} times the rate): ` +
      `CPU of a call ${(last.cpuMs / first.cpuMs).toFixed(2)} times, ` +
      `first packet p99 ${(last.firstPacketMs.p99 / first.firstPacketMs.p99).toFixed(2)} times`,
  );
}

await main();
