/**
 * A flood from an unlisted address while listed calls go on: what it costs, and what the listed ones notice.
 *
 * Each rate is run twice, first with the same flood going to a socket beside Brusio that nobody reads: the machine then
 * has as much to do, and the difference is Brusio's own. Calls come from SIPp; a listed socket asks for OPTIONS fifty
 * times a second and counts the answers, their delay, and the questions that were lost (it never repeats one).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../src/base/clock.ts';
import { ADDRESSES, type BrusioUnderLoad, engineFigure, startBrusio } from './load/brusio-under-load.ts';
import { runStep } from './load/load-step.ts';
import { numbersIn, optionsOf } from './load/options.ts';
import { cpuByThread } from './load/process-load.ts';
import { type Spread, spreadOf } from './load/spread.ts';
import { unreadSocket } from './load/unread-socket.ts';
import { openWebhookSink } from './load/webhook-sink.ts';

const HELP = `usage: npm run bench -- --only flood [--rates 0,10000,30000] [--calls 10] [--seconds 12]
   or: node bench/flood.ts [the same options]
rates are datagrams a second, 1000000 as fast as the sender can
`;

const STRANGER = '127.30.0.61';
const QUESTION_EVERY_MS = 20;

/** What the listed ones saw of one rate. */
type Seen = {
  readonly sentPerSecond: number;
  /** Of those, what the engine was given to read, a second. */
  readonly readPerSecond: number;
  readonly engineCores: number;
  readonly roundTripMs: Spread;
  readonly questionsLost: number;
  readonly questions: number;
  readonly callsFailed: number;
  readonly calls: number;
  readonly repeated: number;
  readonly firstPacketMs: Spread;
};

/** Starts the sender; `stop` gives how many a second it sent. */
function startFlood(address: string, port: number, rate: number): () => Promise<number> {
  if (rate === 0) return async () => 0;
  const script = fileURLToPath(new URL('load/flooder.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script, STRANGER, address, String(port), String(rate)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return async () => {
    child.stdin?.end();
    await once(child, 'exit');
    return Number(said.split(' ')[1]);
  };
}

/** Asks until told to stop; gives the round trips and how many questions had no answer. */
function startQuestions(): () => Promise<{
  readonly roundTripMs: Spread;
  readonly lost: number;
  readonly asked: number;
}> {
  const socket = createSocket('udp4');
  const asked = new Map<string, number>();
  const roundTrips: number[] = [];
  let serial = 0;
  socket.on('message', (octets) => {
    const callId = /^Call-ID: (\S+)/m.exec(octets.toString('latin1'))?.[1] ?? '';
    const sentMs = asked.get(callId);
    if (sentMs === undefined) return;
    asked.delete(callId);
    roundTrips.push(systemClock.monotonicMs() - sentMs);
  });
  const ask = () => {
    const callId = `ask-${process.pid}-${serial++}`;
    asked.set(callId, systemClock.monotonicMs());
    const text = [
      `OPTIONS sip:${ADDRESSES.brusio} SIP/2.0`,
      `Via: SIP/2.0/UDP ${ADDRESSES.dialer}:${socket.address().port};branch=z9hG4bK${callId}`,
      `From: <sip:ask@${ADDRESSES.dialer}>;tag=${serial}`,
      `To: <sip:${ADDRESSES.brusio}>`,
      `Call-ID: ${callId}`,
      'CSeq: 1 OPTIONS',
      'Max-Forwards: 70',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
    socket.send(text, 5060, ADDRESSES.brusio);
  };
  let timer: NodeJS.Timeout | undefined;
  socket.bind(0, ADDRESSES.dialer, () => {
    timer = setInterval(ask, QUESTION_EVERY_MS);
  });
  return async () => {
    clearInterval(timer);
    await new Promise((resolve) => setTimeout(resolve, 500));
    socket.close();
    return { roundTripMs: spreadOf(roundTrips), lost: asked.size, asked: serial };
  };
}

type Stage = {
  readonly brusio: BrusioUnderLoad;
  readonly step: (callsPerSecond: number, seconds: number) => ReturnType<typeof runStep>;
};

async function under(
  stage: Stage,
  target: { readonly address: string; readonly port: number },
  rate: number,
  callsPerSecond: number,
  seconds: number,
): Promise<Seen> {
  const stopFlood = startFlood(target.address, target.port, rate);
  const stopQuestions = startQuestions();
  const before = {
    samples: await stage.brusio.samples(),
    cpu: cpuByThread(stage.brusio.pid),
    ms: systemClock.monotonicMs(),
  };
  const step = await stage.step(callsPerSecond, seconds);
  const after = await stage.brusio.samples();
  const durationMs = systemClock.monotonicMs() - before.ms;
  const cpu = cpuByThread(stage.brusio.pid);
  const questions = await stopQuestions();
  const unlisted = engineFigure(after, 'unlistedSource') - engineFigure(before.samples, 'unlistedSource');
  return {
    sentPerSecond: await stopFlood(),
    readPerSecond: (unlisted * 1_000) / durationMs,
    engineCores: ((cpu['sip-engine'] ?? 0) - (before.cpu['sip-engine'] ?? 0)) / durationMs,
    roundTripMs: questions.roundTripMs,
    questionsLost: questions.lost,
    questions: questions.asked,
    callsFailed: step.failed + step.outcomesMissing,
    calls: step.calls,
    repeated: step.retransmitted,
    firstPacketMs: step.firstPacketMs,
  };
}

function row(name: string, seen: Seen): string {
  const ms = (spread: Spread) =>
    `p50 ${spread.p50.toFixed(1)} p99 ${spread.p99.toFixed(1)} max ${spread.max.toFixed(0)} ms`;
  return [
    name.padEnd(18),
    `${(seen.sentPerSecond / 1_000).toFixed(1)}k/s sent, ${(seen.readPerSecond / 1_000).toFixed(1)}k/s read and refused`,
    `engine ${seen.engineCores.toFixed(2)} cores`,
    `OPTIONS ${ms(seen.roundTripMs)}, ${seen.questionsLost} of ${seen.questions} lost`,
    `calls ${seen.calls}, failed ${seen.callsFailed}, messages repeated ${seen.repeated}`,
    `first packet ${ms(seen.firstPacketMs)}`,
  ].join(' | ');
}

async function main(): Promise<void> {
  const values = optionsOf(HELP, { rates: '0,10000,30000', calls: '10', seconds: '12' }, ['sipp']);
  if (values === null) return;
  const sink = await openWebhookSink(ADDRESSES.webhook);
  const dialerRtp = await unreadSocket(ADDRESSES.dialer);
  const carrierRtp = await unreadSocket(ADDRESSES.carrier);
  const beside = await unreadSocket(ADDRESSES.brusio);
  const brusio = await startBrusio({ webhook: sink, environment: { BRUSIO_DIALERS: `${ADDRESSES.dialer}/32` } });
  const step: Stage['step'] = (callsPerSecond, seconds) =>
    runStep(
      { brusio, sink, serverPid: null },
      {
        dialer: 'sip-test/scenarios/dialer-waits-for-bye.xml',
        carrier: 'sip-test/scenarios/carrier-answers.xml',
        rtpPorts: { dialer: dialerRtp.port, carrier: carrierRtp.port },
        callsPerSecond,
        seconds,
      },
    );
  const calls = Number(values.calls);
  const seconds = Number(values.seconds);
  let failed = 0;
  try {
    await step(calls, 4);
    for (const rate of numbersIn(values.rates)) {
      if (rate > 0) {
        const control = await under(
          { brusio, step },
          { address: ADDRESSES.brusio, port: beside.port },
          rate,
          calls,
          seconds,
        );
        console.log(row(`${rate}/s beside`, control));
      }
      const seen = await under({ brusio, step }, { address: ADDRESSES.brusio, port: 5060 }, rate, calls, seconds);
      failed += seen.callsFailed;
      console.log(row(rate === 0 ? 'no flood' : `${rate}/s at Brusio`, seen));
    }
  } finally {
    await brusio.stop();
    await Promise.all([sink.close(), dialerRtp.close(), carrierRtp.close(), beside.close()]);
  }
  console.log(`${failed} listed calls failed under the flood`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
