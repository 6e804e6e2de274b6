/** `brusio demo`: a guard, a dialer and a carrier on loopback, and a dozen real calls between them. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { type Brusio, createGuard } from '../app.ts';
import { encodeWav } from '../audio/wav.ts';
import { systemClock } from '../base/clock.ts';
import { AppError, describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { randomOctets, randomToken } from '../base/random.ts';
import { readSocketAddress, type SocketAddress } from '../config/settings.ts';
import type { Recording } from '../peers/recorder.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { runDemoCalls } from './demo-calls.ts';
import { type DemoCall, problemsOf, timingRemarksOf } from './demo-checks.ts';
import { dashboardAddress, firstCallText } from './demo-keep.ts';
import { startDemoPeers } from './demo-peers.ts';
import { type JudgedCall, laterLine, liveHeading, liveLine, type Paint, paintFor, summary } from './demo-report.ts';
import { DEMO_SCENARIOS } from './demo-scenarios.ts';
import { demoSettings, findRtpBlock } from './demo-settings.ts';
import { until } from './demo-until.ts';
import { callIdOf, listenForWebhooks, type WebhookListener, webhookProblems } from './demo-webhooks.ts';
import { stopRequest } from './stop-request.ts';

const USAGE = `usage: brusio demo [--keep] [--output DIR] [--verbose]

Starts Brusio with a built-in dialer and carrier on loopback, places ${DEMO_SCENARIOS.length} calls that end in every way a
call can end, checks outcomes, webhooks and sound, and exits 0 when all are as expected, else 1.
  -k, --keep         keep running afterwards, for calls of your own
  -o, --output DIR   where the recordings go (default: demo-output)
  -v, --verbose      Brusio's log too, on standard error
  -h, --help         this text
`;

/** Wrong usage (sysexits.h). */
const EX_USAGE = 64;

/** Octets of a webhook secret and of an API key. */
const SECRET_OCTETS = 32;

/** How long the last webhooks may take after the last call. */
const WEBHOOKS_MS_MAX = 5_000;

/** How long calls of one's own may go on after Ctrl-C. */
const DRAIN_MS = 2_000;

type DemoOptions = { readonly keep: boolean; readonly output: string; readonly verbose: boolean };

/** Runs the demo; resolves with the exit code when everything it opened is closed. */
export async function demo(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    process.stderr.write(`brusio demo: ${options}\n\n${USAGE}`);
    return EX_USAGE;
  }
  if (options === null) {
    process.stdout.write(USAGE);
    return 0;
  }
  const print = (text: string): void => void process.stdout.write(text);
  const paint = paintFor(process.stdout.isTTY === true && !process.env.NO_COLOR);
  const opened: (() => Promise<void>)[] = [];
  try {
    return await runDemo(options, print, paint, opened);
  } catch (thrown) {
    if (!(thrown instanceof AppError) && options.verbose && thrown instanceof Error) print(`${thrown.stack}\n`);
    process.stderr.write(`brusio demo: ${describeError(thrown)}\n`);
    return 1;
  } finally {
    for (const close of opened.reverse()) {
      await close().catch((thrown) => process.stderr.write(`brusio demo: while stopping: ${describeError(thrown)}\n`));
    }
  }
}

function readOptions(argv: readonly string[]): DemoOptions | string | null {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        keep: { type: 'boolean', short: 'k', default: false },
        output: { type: 'string', short: 'o', default: 'demo-output' },
        verbose: { type: 'boolean', short: 'v', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values.help ? null : values;
  } catch (thrown) {
    return describeError(thrown);
  }
}

async function runDemo(
  options: DemoOptions,
  print: (text: string) => void,
  paint: Paint,
  opened: (() => Promise<void>)[],
): Promise<number> {
  const stopping = options.keep ? stopRequest() : null;
  const output = resolve(options.output);
  await mkdir(output, { recursive: true }).catch((cause) => {
    throw new AppError('demo.output', `recordings cannot be written to ${output}: ${describeError(cause)}`, { cause });
  });
  const dataDir = await mkdtemp(join(tmpdir(), 'brusio-demo-'));
  const apiKey = randomToken(SECRET_OCTETS);
  const webhookSecret = `whsec_${randomOctets(SECRET_OCTETS).toString('base64')}`;

  const webhooks = await listenForWebhooks(webhookSecret, systemClock);
  opened.push(webhooks.close);
  const peers = await startDemoPeers({ verbose: options.verbose });
  opened.push(peers.stop);
  const log: Logger = pino({ level: options.verbose ? 'info' : 'error' }, pino.destination(2));
  const settings = demoSettings({
    carrierPort: peers.carrierPort,
    rtpPortMin: await findRtpBlock(),
    webhookUrl: webhooks.url,
    webhookSecret,
    apiKey,
    dataDir,
  });
  const brusio = createGuard({ settings, log });
  opened.push(() => brusio.stop(DRAIN_MS));
  await brusio.start();
  const sip = sipAddressOf(brusio);
  const { address, port } = brusio.addresses().http;
  const http = `http://${address}:${port}`;

  print(`Brusio on ${sip.address}:${sip.port}, ${DEMO_SCENARIOS.length} calls from a dialer to a carrier:\n\n`);
  print(`Watch them in a browser: ${dashboardAddress(http, apiKey)}\n\n`);
  print(`${liveHeading(paint)}\n`);
  const startedAtMs = systemClock.monotonicMs();
  const sinceStartMs = () => systemClock.monotonicMs() - startedAtMs;
  const outcomes = new Map<string, OutcomeRecord>();
  let isOver = false;
  brusio.onOutcome((record) => {
    if (isOver) void showLater(record, webhooks, print, paint);
    else outcomes.set(record.sip.dialerCallId, record);
  });
  const order = { type: 'place-calls', server: sip, http, apiKey } as const;
  const calls = await runDemoCalls(peers, order, outcomes, (call) =>
    print(`${liveLine(sinceStartMs(), call, paint)}\n`),
  );
  isOver = true;
  const tookMs = sinceStartMs();

  await until(() => outcomesTold(webhooks, calls), WEBHOOKS_MS_MAX);
  const judged = calls.map(
    (call): JudgedCall => ({
      call,
      problems: allProblems(call, webhooks),
      remarks: timingRemarksOf(call),
    }),
  );
  const recordings = await writeRecordings(calls, output);
  const good = judged.filter(({ problems }) => problems.length === 0).length;
  const signed = webhooks.received().filter((one) => one.signatureProblem === null).length;
  print(`\n${summary(judged, paint)}\n`);
  print(`${good} of ${calls.length} calls as expected, ${signed} webhooks with good signatures, `);
  print(`in ${(tookMs / 1000).toFixed(1)} s\n`);
  if (good < calls.length) print(busyText());
  print(`What each called person heard: ${recordings} recordings in ${output}\n`);
  print(`The database: ${dataDir}\n`);

  if (stopping !== null) {
    print(firstCallText({ sip: `${sip.address}:${sip.port}`, http, apiKey }));
    await stopping;
    print('\nstopping\n');
  }
  return good === calls.length ? 0 : 1;
}

function sipAddressOf(brusio: Brusio): SocketAddress {
  const listening = brusio.addresses().sip?.find((one) => one.startsWith('udp/'));
  const address = listening === undefined ? null : readSocketAddress(listening.slice('udp/'.length));
  if (address === null) throw new AppError('demo.no-sip', `Brusio does not say where it listens: ${listening}`);
  return address;
}

function outcomesTold(webhooks: WebhookListener, calls: readonly DemoCall[]): boolean {
  const told = new Set(webhooks.received().map((one) => callIdOf(one.data)));
  return calls.every(({ outcome }) => outcome === null || told.has(outcome.callId));
}

function allProblems(call: DemoCall, webhooks: WebhookListener): string[] {
  const { outcome } = call;
  return [...problemsOf(call), ...(outcome === null ? [] : webhookProblems(outcome, webhooks.received()))];
}

/** Writes what each callee heard from its answer on, if anything; resolves with the number of files. */
async function writeRecordings(calls: readonly DemoCall[], output: string): Promise<number> {
  let written = 0;
  for (const [index, { scenario, callee }] of calls.entries()) {
    if (callee === null || !heardAnything(callee.recording)) continue;
    const name = `${String(index + 1).padStart(2, '0')}-${scenario.name}.wav`;
    await writeFile(join(output, name), encodeWav({ sampleRateHz: 8_000, samples: callee.recording.samples }));
    written++;
  }
  return written;
}

function heardAnything({ packets, samples }: Recording): boolean {
  return packets.length > 0 && samples.length > 0;
}

/** Whose fault a late sound may be; '' on a machine with time to spare. */
function busyText(): string {
  const [load = 0] = loadavg();
  const cores = availableParallelism();
  if (load < cores) return '';
  return `This machine is busy (load ${load.toFixed(1)} on ${cores} cores): gaps and late drops may be its own. Try again.\n`;
}

/** A line for a call that was not the demo's own, once its webhook is in. */
async function showLater(
  record: OutcomeRecord,
  webhooks: WebhookListener,
  print: (text: string) => void,
  paint: Paint,
): Promise<void> {
  await until(() => webhooks.received().some((one) => callIdOf(one.data) === record.callId), WEBHOOKS_MS_MAX);
  print(`${laterLine(record, webhookProblems(record, webhooks.received()), paint)}\n`);
}
