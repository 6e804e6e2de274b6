/**
 * Signalling alone: INVITE, answer, BYE at once, with the agent on the line already, so that no ambience is played.
 *
 * The CPU that counts is the main thread's (application, drachtio-srf) and the engine's; media and store stand beside.
 * With a real drachtio-server named (see the usage) the same program and the same calls run over it in the same run, and
 * its process's CPU takes the engine's place: the ratio holds whatever the machine is.
 */
import { ADDRESSES, startBrusio } from './load/brusio-under-load.ts';
import { runStep, type StepResult } from './load/load-step.ts';
import { machinePrice, machineText } from './load/machine-price.ts';
import { numbersIn, optionsOf } from './load/options.ts';
import { unreadSocket } from './load/unread-socket.ts';
import { openWebhookSink } from './load/webhook-sink.ts';

const HELP = `usage: npm run bench -- --only signalling [--rates 25,100,200,300,400] [--seconds 12]
   or: node bench/signalling.ts [the same options]

Compares with a real drachtio-server when these name one:
  BRUSIO_DRACHTIO=127.0.0.1:9022    its control port       BRUSIO_DRACHTIO_SECRET=cymru
  SIP_TEST_TARGET=127.0.0.21:5060   where it listens for SIP (UDP)
  DRACHTIO_PID=1234                 its process, whose CPU is counted
`;

const WARM_UP = { callsPerSecond: 25, seconds: 8 };

/** DESIGN §7: CPU of a call, engine and application, ms. */
const BUDGET_MS = 3;
const THEN_BEAT_MS = 2.2;

/** One engine, and its steps. */
type Side = { readonly name: string; readonly steps: readonly StepResult[] };

/** The part of a call's CPU that is signalling, ms. */
function signallingMs({ cpuByThread }: StepResult): number {
  return (cpuByThread.main ?? 0) + (cpuByThread['sip-engine'] ?? 0) + (cpuByThread['drachtio-server'] ?? 0);
}

async function side(name: string, rates: readonly number[], seconds: number): Promise<Side> {
  const { BRUSIO_DRACHTIO = '', BRUSIO_DRACHTIO_SECRET = 'cymru', SIP_TEST_TARGET = '', DRACHTIO_PID } = process.env;
  const isEmbedded = name === 'embedded engine';
  const sink = await openWebhookSink(ADDRESSES.webhook);
  const dialerRtp = await unreadSocket(ADDRESSES.dialer);
  const carrierRtp = await unreadSocket(ADDRESSES.carrier);
  const brusio = await startBrusio({
    webhook: sink,
    environment: isEmbedded ? {} : { BRUSIO_DRACHTIO, BRUSIO_DRACHTIO_SECRET },
  });
  const stage = { brusio, sink, serverPid: isEmbedded || DRACHTIO_PID === undefined ? null : Number(DRACHTIO_PID) };
  const what = {
    dialer: 'bench/load/scenarios/dialer-hangs-up-at-once.xml',
    carrier: 'sip-test/scenarios/carrier-answers.xml',
    rtpPorts: { dialer: dialerRtp.port, carrier: carrierRtp.port },
    inviteHeaders: ['X-Brusio-Agent: 1001;state=connected'],
    ...(isEmbedded ? {} : { target: SIP_TEST_TARGET }),
  };
  const steps: StepResult[] = [];
  try {
    await runStep(stage, { ...what, ...WARM_UP });
    for (const callsPerSecond of rates) {
      const step = await runStep(stage, { ...what, callsPerSecond, seconds });
      steps.push(step);
      console.log(row(name, step));
      if (step.failed === 0) continue;
      if (step.errors !== '') console.log(step.errors);
      break;
    }
  } finally {
    await brusio.stop();
    await Promise.all([sink.close(), dialerRtp.close(), carrierRtp.close()]);
  }
  return { name, steps };
}

function row(name: string, step: StepResult): string {
  const threads = Object.entries(step.cpuByThread)
    .sort(([, a], [, b]) => b - a)
    .map(([thread, ms]) => `${thread} ${ms.toFixed(2)}`);
  const ms = signallingMs(step);
  const engineUs = (1000 * (step.cpuByThread['sip-engine'] ?? 0)) / step.messages;
  return [
    name.padEnd(15),
    `${String(step.callsPerSecond).padStart(4)} calls/s`,
    step.failed === 0 ? 'ok' : `${step.failed} FAILED`,
    `signalling ${ms.toFixed(2)} ms of CPU a call`,
    ...(Number.isNaN(step.messages)
      ? []
      : [
          `${step.messages.toFixed(1)} messages, ${((1000 * ms) / step.messages).toFixed(0)} µs each (engine ${engineUs.toFixed(0)})`,
        ]),
    threads.join(', '),
    `repeated ${step.retransmitted}`,
    `load ${step.loadCores.sipp.toFixed(2)}+${step.loadCores.receiver.toFixed(2)} cores`,
  ].join(' | ');
}

async function main(): Promise<void> {
  const values = optionsOf(HELP, { rates: '25,100,200,300,400', seconds: '12' }, ['sipp']);
  if (values === null) return;
  console.log(machineText(await machinePrice()));
  const rates = numbersIn(values.rates);
  const seconds = Number(values.seconds);
  const embedded = await side('embedded engine', rates, seconds);
  const real = process.env.BRUSIO_DRACHTIO ? await side('drachtio-server', rates, seconds) : null;
  const [first, last] = [embedded.steps[0], embedded.steps.filter(({ failed }) => failed === 0).at(-1)];
  if (first === undefined || last === undefined) {
    console.log('no rate was carried');
    return;
  }
  const kept = (bound: number) => (signallingMs(last) <= bound ? 'kept' : 'missed');
  console.log(
    `signalling at ${last.callsPerSecond} calls/s: ${signallingMs(last).toFixed(2)} ms of CPU a call ` +
      `(budget ${BUDGET_MS}: ${kept(BUDGET_MS)}; then beat ${THEN_BEAT_MS}: ${kept(THEN_BEAT_MS)})`,
  );
  console.log(
    `growth from ${first.callsPerSecond} to ${last.callsPerSecond} calls/s: CPU of a call ` +
      `${(signallingMs(last) / signallingMs(first)).toFixed(2)} times`,
  );
  for (const step of real?.steps ?? []) {
    const same = embedded.steps.find(({ callsPerSecond }) => callsPerSecond === step.callsPerSecond);
    if (same === undefined) continue;
    const ratio = signallingMs(same) / signallingMs(step);
    console.log(
      `at ${step.callsPerSecond} calls/s the embedded engine takes ${ratio.toFixed(2)} times the CPU of the real server` +
        (process.env.DRACHTIO_PID === undefined ? ' (whose own CPU is not counted: DRACHTIO_PID is not set)' : ''),
    );
  }
}

await main();
